//! Holds a page and counts how many files it is given besides, `[how many, whether it reads the page]`.

use lazaret_sdk::{Agent, Answer, Failure, Task, files};
use serde_json::json;

struct MeasuresAPage;

impl Agent for MeasuresAPage {
    fn run(task: Task) -> Result<Answer, Failure> {
        let (many, reads): (usize, bool) = task.input()?;
        let page = files::read("desk/page.txt")?;
        let given = (0..many).take_while(|_| files::read("vault/large.txt").is_ok());
        let given = given.count();
        let length = if reads { page.read()?.len() } else { 0 };
        Answer::json(&json!({ "given": given, "length": length }))
    }
}

lazaret_sdk::export_agent!(MeasuresAPage);
