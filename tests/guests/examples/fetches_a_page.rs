//! Sends the request that the task names, `METHOD URL` or `METHOD URL NAME: VALUE`, and
//! answers what came back.

use lazaret_guests::answer;
use lazaret_sdk::web::Request;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct FetchesAPage;

impl Agent for FetchesAPage {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mut words = task.text.splitn(3, ' ');
        let method = words.next().unwrap_or_default();
        let mut request = Request::of(method, words.next().unwrap_or_default());
        if let Some((name, value)) = words.next().and_then(|header| header.split_once(": ")) {
            request = request.header(name, value);
        }
        if method == "post" {
            request = request.body(Content::text("from the guest")?);
        }
        match request.send().and_then(Content::read) {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_agent!(FetchesAPage);
