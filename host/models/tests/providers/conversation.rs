//! Whether what a provider wants back is given back to it, and to no other.

use lazaret_models::{Block, Call, Family, Message, Progress, Reasoning, Request};

use crate::cast::{cast, fake};

#[tokio::test]
async fn reasoning_is_reported_and_given_back_with_its_signature() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let thoughts = std::sync::Mutex::new(String::new());
        let listen = |progress| {
            if let Progress::Reasoning(text) = progress {
                thoughts.lock().expect("no panic").push_str(&text);
            }
        };
        let call = Call {
            progress: Some(&listen),
            ..Call::default()
        };
        let mut request = Request::new("reasoning", "hi");
        let response = actor.client.ask(&request, call).await.expect("an answer");
        assert_eq!(
            thoughts.lock().expect("no panic").as_str(),
            "I have to think.",
            "{}",
            actor.name
        );
        request.messages.push(response.to_message());
        request.messages.push(Message::user("and now?"));
        actor
            .client
            .ask(&request, Call::default())
            .await
            .expect("an answer");
        let sent = fake.seen().pop().expect("a request").json().to_string();
        let wants_it = actor.name == "anthropic" || actor.name.starts_with("bedrock");
        assert_eq!(
            sent.contains("c2lnbmVk"),
            wants_it,
            "{}: {sent}",
            actor.name
        );
        assert_eq!(
            sent.contains("I have to think."),
            wants_it,
            "{}: {sent}",
            actor.name
        );
    }
}

#[tokio::test]
async fn gemini_gets_its_signature_back_with_the_call() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let mut request = Request::new("tools", "hi");
        request.tools.push(lazaret_models::Tool {
            name: "get_weather".to_owned(),
            description: String::new(),
            schema: serde_json::json!({"type": "object"}),
        });
        let response = actor
            .client
            .ask(&request, Call::default())
            .await
            .expect("an answer");
        let is_gemini = actor.name == "gemini" || actor.name == "vertex";
        assert_eq!(
            response.tool_calls[0].signature.is_some(),
            is_gemini,
            "{}",
            actor.name
        );
        request.messages.push(response.to_message());
        let result = lazaret_models::ToolResult::text(response.tool_calls[0].id.as_str(), "20");
        let role = lazaret_models::Role::Tool;
        request.messages.push(Message {
            role,
            blocks: vec![Block::ToolResult(result)],
        });
        actor
            .client
            .ask(&request, Call::default())
            .await
            .expect("an answer");
        let sent = fake.seen().pop().expect("a request").json().to_string();
        assert_eq!(
            sent.contains("thoughtSignature"),
            is_gemini,
            "{}: {sent}",
            actor.name
        );
        assert!(!sent.contains("call-lazaret-"), "{}: {sent}", actor.name);
    }
}

#[tokio::test]
async fn reasoning_of_another_provider_is_left_out() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let foreign = if actor.name == "anthropic" {
            Family::Bedrock
        } else {
            Family::Anthropic
        };
        let reasoning = Reasoning {
            family: foreign,
            text: "foreign thought".to_owned(),
            signature: Some("foreign signature".to_owned()),
            redacted: None,
        };
        let mut turn = Message::assistant("what I said");
        turn.blocks.insert(0, Block::Reasoning(reasoning));
        let mut request = Request::new("text", "hi");
        request.messages.push(turn);
        request.messages.push(Message::user("go on"));
        actor
            .client
            .ask(&request, Call::default())
            .await
            .expect("an answer");
        let sent = fake.seen().pop().expect("a request").json().to_string();
        assert!(!sent.contains("foreign"), "{}: {sent}", actor.name);
        assert!(sent.contains("what I said"), "{}: {sent}", actor.name);
    }
}
