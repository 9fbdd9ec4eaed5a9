//! Puts a mail that it has not read into files, moves it about as its task says, and pays what
//! a file then holds, unread. Answers what came of each act.

use lazaret_guests::said;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Content, Error, Failure, Task, files, serde_json};

struct LaundersByFile;

impl Agent for LaundersByFile {
    fn run(task: Task) -> Result<Answer, Failure> {
        let acts: Vec<Vec<String>> =
            serde_json::from_str(&task.text).map_err(|error| Failure::new(error.to_string()))?;
        let mail = task.part("mail")?;
        let outcomes = acts.iter().map(|act| {
            let words: Vec<&str> = act.iter().map(String::as_str).collect();
            said(&perform(&words, mail))
        });
        Answer::json(&outcomes.collect::<Vec<_>>())
    }
}

fn perform(words: &[&str], mail: Content) -> Result<(), Error> {
    match *words {
        ["mail", path] => files::write(path, mail),
        ["own", path] => files::write(path, Content::text("1")?),
        ["rename", path, to] => files::rename(path, to).map(drop),
        ["edit", path, old, new] => files::edit(path, old, Content::text(new)?, false).map(drop),
        ["pay", path] => {
            let amount = files::read(path)?;
            Call::of("tracker.pay")
                .with_content("amount", amount)
                .make()
                .map(drop)
        }
        [group @ ("run" | "out"), ref command @ ..] => Call::of(&format!("command.{group}"))
            .with("argv", &command.to_vec())
            .make()
            .map(drop),
        _ => Err(Error::Invalid("no such act".to_owned())),
    }
}

lazaret_sdk::export_agent!(LaundersByFile);
