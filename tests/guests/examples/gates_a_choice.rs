//! An orchestrator that asks a gate which part its subject handed back, or which member of a
//! list it named.

use lazaret_guests::{said, trusted};
use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::serde::Deserialize;
use lazaret_sdk::{Answer, Content, Error, Failure, Orchestrator, Task};
use serde_json::{Value, json};

struct GatesAChoice;

/// What the operator orders.
#[derive(Deserialize)]
#[serde(crate = "lazaret_sdk::serde")]
struct Order {
    /// What the subject is told.
    tell: String,
    /// The list whose member is asked for; a part without one.
    #[serde(default)]
    list: Option<String>,
}

impl Orchestrator for GatesAChoice {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        flow::phase("Choose").await;
        let order: String = trusted(args, "/order").await?;
        let order: Order =
            serde_json::from_str(&order).map_err(|error| Failure::new(error.to_string()))?;
        let pointers: Vec<String> = trusted(args, "/parts").await?;
        let mut parts = Vec::new();
        let mut subject = Spawn::of("subject", "subject").text(order.tell);
        for pointer in &pointers {
            let part = flow::project(args, pointer).await?;
            subject = subject.part(pointer.trim_start_matches('/'), part);
            parts.push(part);
        }
        let Ended::Value(answer) = subject.run().await? else {
            return Answer::json(&json!({ "told": "no value" }));
        };
        let told = match order.list {
            Some(list) => member(answer, flow::project(args, &list).await?).await,
            None => part(answer, &parts).await,
        };
        let told = told.unwrap_or_else(|error| json!(said::<()>(&Err(error))));
        Answer::json(&json!({ "told": told }))
    }
}

/// Gives the number of the part, among the orchestrator's own.
async fn part(answer: Content, parts: &[Content]) -> Result<Value, Error> {
    let own = flow::gate_part(answer, "verdict").await?;
    let number = own.and_then(|own| parts.iter().position(|part| *part == own));
    Ok(json!(number))
}

async fn member(answer: Content, list: Content) -> Result<Value, Error> {
    let member: Option<Value> = flow::gate_member(answer, list, "verdict").await?;
    Ok(json!(member))
}

lazaret_sdk::export_orchestrator!(GatesAChoice);
