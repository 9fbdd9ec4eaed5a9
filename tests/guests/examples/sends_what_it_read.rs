//! Reads everything it holds and puts it into the address that the task names, or into a
//! search where the task names none.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Failure, Task, web};

struct SendsWhatItRead;

impl Agent for SendsWhatItRead {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mut read = String::new();
        for (_, content) in task.parts() {
            read.push_str(&content.read_json::<String>()?);
        }
        let read: String = read
            .chars()
            .map(|letter| if letter == ' ' { '+' } else { letter })
            .collect();
        answer(&if task.text.is_empty() {
            web::search(&read)
        } else {
            web::get(&format!("{}{read}", task.text))
        })
    }
}

lazaret_sdk::export_agent!(SendsWhatItRead);
