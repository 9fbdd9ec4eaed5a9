//! Reads the file that the task names, and answers what is in it.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, files};

struct ReadsAFile;

impl Agent for ReadsAFile {
    fn run(task: Task) -> Result<Answer, Failure> {
        match files::read(&task.text).and_then(Content::read) {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_agent!(ReadsAFile);
