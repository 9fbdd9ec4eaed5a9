//! Acts on files as its task says, one act after the other, and answers what came of each.

use lazaret_guests::said;
use lazaret_sdk::{Agent, Answer, Content, Error, Failure, Task, files};
use serde_json::Value;

struct ActsOnFiles;

impl Agent for ActsOnFiles {
    fn run(task: Task) -> Result<Answer, Failure> {
        let acts: Vec<Vec<String>> =
            serde_json::from_str(&task.text).map_err(|error| Failure::new(error.to_string()))?;
        let mut outcomes = Vec::new();
        for act in acts {
            let words: Vec<&str> = act.iter().map(String::as_str).collect();
            outcomes.push(match perform(&words) {
                Ok(told) => told,
                Err(error) => Value::String(said::<()>(&Err(error))),
            });
        }
        Answer::json(&outcomes)
    }
}

fn perform(words: &[&str]) -> Result<Value, Error> {
    let told = match *words {
        ["read", path] => return files::read(path)?.read().map(Value::String),
        ["lines", path, first, count] => {
            let lines = files::read_lines(path, number(first), number(count))?;
            return lines.read().map(Value::String);
        }
        ["write", path, text] => {
            files::write(path, Content::text(text)?)?;
            return Ok(Value::Null);
        }
        ["stat", path] => files::stat(path)?,
        ["list", path] => files::list(path)?,
        ["glob", path, pattern] => files::glob(path, pattern)?,
        ["grep", path, pattern] => files::grep(path, pattern, None)?,
        ["grep", path, pattern, glob] => files::grep(path, pattern, Some(glob))?,
        ["edit", path, old, new] => files::edit(path, old, Content::text(new)?, false)?,
        ["edit-all", path, old, new] => files::edit(path, old, Content::text(new)?, true)?,
        ["make", path] => files::make_directory(path)?,
        ["remove", path] => files::remove(path)?,
        ["rename", path, to] => files::rename(path, to)?,
        _ => return Err(Error::Invalid("no such act".to_owned())),
    };
    let text = told.read()?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or_default()
}

lazaret_sdk::export_agent!(ActsOnFiles);
