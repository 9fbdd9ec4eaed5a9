//! The default agent: a model with tools, structured answers and a bounded context.
//!
//! It reads a model's answers, which carry the labels of all that the model saw, so that it
//! can do no more than what its policy tolerates for these. Results of tools go to the
//! model by handle; the agent itself never reads them.

mod conversation;
mod files;
mod names;
mod options;
mod results;
mod schema;
mod tool_loop;

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct DefaultAgent;

impl Agent for DefaultAgent {
    fn run(task: Task) -> Result<Answer, Failure> {
        let options = options::Options::parse(&task.options)?;
        tool_loop::run(&task, &options)
    }
}

lazaret_sdk::export_agent!(DefaultAgent);
