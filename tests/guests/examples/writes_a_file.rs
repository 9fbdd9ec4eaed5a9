//! Writes a mail that it has not read to the file that the task names.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Failure, Task, files};

struct WritesAFile;

impl Agent for WritesAFile {
    fn run(task: Task) -> Result<Answer, Failure> {
        answer(&files::write(&task.text, task.part("mail")?))
    }
}

lazaret_sdk::export_agent!(WritesAFile);
