//! An agent that does nothing, for what a step costs.

wit_bindgen::generate!({ path: "../../wit", world: "agent" });

struct Noop;

impl Guest for Noop {
    fn run(_task: Task) -> Result<Answer, Failure> {
        Ok(Answer::Text(String::new()))
    }
}

export!(Noop);
