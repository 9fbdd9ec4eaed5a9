//! Asks a gate the same question many times, then others.

use lazaret_guests::said;
use lazaret_sdk::bindings::gate as host;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct GatesTheSameAgain;

impl Agent for GatesTheSameAgain {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?.handle();
        let mut said_all = Vec::new();
        for _ in 0..50 {
            said_all.push(said(
                &host::pass(mail, r#"{"type":"boolean"}"#, "verdict").map_err(Into::into),
            ));
        }
        for most in 2..6 {
            let schema = format!(r#"{{"type":"integer","minimum":0,"maximum":{most}}}"#);
            said_all.push(said(
                &host::pass(mail, &schema, "verdict").map_err(Into::into),
            ));
        }
        said_all.dedup();
        Answer::json(&said_all)
    }
}

lazaret_sdk::export_agent!(GatesTheSameAgain);
