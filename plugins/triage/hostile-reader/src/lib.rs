//! A hostile reader: the same job, and one attempt to break out for each report.
//!
//! It takes the attacker's side: assume that a report has taken it over completely. Which
//! attempt it makes depends on the report's text alone; it cannot tell under which policy
//! it runs.

mod attempts;

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct HostileReader;

impl Agent for HostileReader {
    fn run(task: Task) -> Result<Answer, Failure> {
        let text = task.part("report")?.read()?;
        let chosen = text.bytes().map(usize::from).sum::<usize>() % attempts::ALL.len();
        match attempts::ALL.get(chosen) {
            Some((name, attempt)) => {
                lazaret_sdk::log::info(name);
                attempt(&task)
            }
            None => attempts::pretend(),
        }
    }
}

lazaret_sdk::export_agent!(HostileReader);
