//! Composes and projects a mail until it should look clean, then pays what it says.

use lazaret_guests::said;
use lazaret_sdk::bindings::types::Piece;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};
use serde_json::json;

struct Launders;

impl Agent for Launders {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?;
        let clean = Content::json(&1)?;
        let leaf = Content::compose(&json!({ "amount": null }), &[("/amount", mail)])?;
        let attempts = [
            Content::concat(&[
                Piece::Literal("1".to_owned()),
                Piece::Content(mail.handle()),
            ])?,
            leaf,
            leaf.project("/amount")?,
            mail.project("/no/such/field")?,
            Content::compose(&json!([null]), &[("/0", mail), ("/0", clean)])?.project("/0")?,
            Content::concat(&[Piece::Content(leaf.project("/amount")?.handle())])?,
        ];
        let paid = |content: &Content| {
            said(
                &Call::of("tracker.pay")
                    .with_content("amount", *content)
                    .make(),
            )
        };
        Answer::json(&attempts.iter().map(paid).collect::<Vec<_>>())
    }
}

lazaret_sdk::export_agent!(Launders);
