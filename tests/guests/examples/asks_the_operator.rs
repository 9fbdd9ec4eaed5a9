//! An orchestrator that asks a person, as often as it is ordered to, and says what was answered.

use lazaret_guests::{said, trusted};
use lazaret_sdk::flow::{self, Answered};
use lazaret_sdk::serde::Deserialize;
use lazaret_sdk::{Answer, Content, Error, Failure, Orchestrator, Task};
use serde_json::json;

struct AsksTheOperator;

/// What the operator orders.
#[derive(Deserialize)]
#[serde(crate = "lazaret_sdk::serde")]
struct Order {
    text: String,
    #[serde(default)]
    times: usize,
    /// A handle that nobody gave it.
    #[serde(default)]
    forged: Option<u64>,
}

impl Orchestrator for AsksTheOperator {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let order: String = trusted(args, "/order").await?;
        let order: Order =
            serde_json::from_str(&order).map_err(|error| Failure::new(error.to_string()))?;
        let pointers: Vec<String> = trusted(args, "/parts").await?;
        let mut parts = Vec::new();
        for pointer in &pointers {
            let part = flow::project(args, pointer).await?;
            parts.push((pointer.trim_start_matches('/'), part));
        }
        if let Some(handle) = order.forged {
            parts.push(("forged", Content::from_handle(handle)));
        }
        let asked = (0..order.times.max(1)).map(|_| flow::ask(order.text.clone(), &parts));
        let mut words = Vec::new();
        let mut leaves = Vec::new();
        for (at, answered) in flow::join_all(asked).await.into_iter().enumerate() {
            if let Ok(Answered::Edited(text)) = &answered {
                leaves.push((format!("/texts/{at}"), *text));
            }
            words.push(word(&answered));
        }
        let texts = vec![json!(null); words.len()];
        let leaves: Vec<_> = leaves
            .iter()
            .map(|(at, text)| (at.as_str(), *text))
            .collect();
        let whole = flow::compose(&json!({ "said": words, "texts": texts }), &leaves).await?;
        Ok(Answer::Content(whole))
    }
}

fn word(answered: &Result<Answered, Error>) -> String {
    match answered {
        Ok(Answered::Approved) => "approved".to_owned(),
        Ok(Answered::Denied) => "denied".to_owned(),
        Ok(Answered::Expired) => "expired".to_owned(),
        Ok(Answered::Edited(_)) => "edited".to_owned(),
        Err(_) => said(answered),
    }
}

lazaret_sdk::export_orchestrator!(AsksTheOperator);
