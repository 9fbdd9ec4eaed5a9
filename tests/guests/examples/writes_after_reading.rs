//! Reads a mail, then writes a word of its own to a file.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, files};

struct WritesAfterReading;

impl Agent for WritesAfterReading {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        answer(&files::write(&task.text, Content::text("yes")?))
    }
}

lazaret_sdk::export_agent!(WritesAfterReading);
