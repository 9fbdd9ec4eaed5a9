//! Composes a word of its own beside a page that it has not read, and takes all of it apart again.

use lazaret_sdk::{Agent, Answer, Content, Failure, Task, files};
use serde_json::json;

struct ComposesBesideAPage;

impl Agent for ComposesBesideAPage {
    fn run(_task: Task) -> Result<Answer, Failure> {
        let page = files::read("desk/page.txt")?;
        let own = Content::text("mine")?;
        let fields = json!({ "own": null, "page": null });
        let fields = Content::compose(&fields, &[("/own", own), ("/page", page)])?;
        let list = Content::compose(&json!([null, null]), &[("/0", own), ("/1", page)])?;
        let items = list.split(9)?;
        let first = items.first().copied().map(Content::read).transpose()?;
        Answer::json(&json!({
            "own": fields.project("/own")?.read()?,
            "items": items.len(),
            "first": first,
        }))
    }
}

lazaret_sdk::export_agent!(ComposesBesideAPage);
