use lazaret_sdk::{Failure, log};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Input {
    name: String,
}

#[derive(Serialize)]
struct Output {
    greeting: String,
    letters: usize,
}

#[lazaret_sdk::agent]
fn run(input: Input) -> Result<Output, Failure> {
    log::info(&format!("greeting {}", input.name));
    Ok(Output {
        letters: input.name.chars().count(),
        greeting: format!("hello {}", input.name),
    })
}
