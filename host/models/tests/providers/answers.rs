//! Whether every provider's answers are read alike.

use std::sync::Mutex;

use lazaret_models::{
    Arguments, Block, Call, Effort, Image, Message, ModelError, Progress, Request, Role, Stop,
    Tool, ToolCall,
};
use serde_json::json;

use crate::cast::{Actor, cast, counted, fake};

/// What the fake says.
const HELLO: &str = "Hello from the fäke 模型.";

/// Asks for a scene, with the tools that some scenes call.
fn scene(model: &str) -> Request {
    let tool = |name: &str| Tool {
        name: name.to_owned(),
        description: "Tells something.".to_owned(),
        schema: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    };
    Request {
        tools: vec![tool("get_weather"), tool("get_time")],
        ..Request::new(model, "hi")
    }
}

async fn ask(actor: &Actor, request: &Request) -> lazaret_models::Response {
    let answer = actor.client.ask(request, Call::default()).await;
    answer.unwrap_or_else(|error| panic!("{}, streaming {}: {error}", actor.name, actor.streaming))
}

#[tokio::test]
async fn text_and_counts_are_read() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let response = ask(&actor, &Request::new("text", "hi")).await;
        assert_eq!(response.text, HELLO, "{}", actor.name);
        assert_eq!(response.stop, Stop::EndTurn, "{}", actor.name);
        assert_eq!(response.usage, counted(actor.name), "{}", actor.name);
        assert!(!response.usage_estimated);
        assert_eq!(
            response.blocks,
            [Block::Text(HELLO.to_owned())],
            "{}",
            actor.name
        );
    }
}

#[tokio::test]
async fn progress_tells_the_text_as_it_comes() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let told = Mutex::new(Vec::new());
        let listen = |progress| told.lock().expect("no panic").push(progress);
        let call = Call {
            progress: Some(&listen),
            ..Call::default()
        };
        actor
            .client
            .ask(&Request::new("text", "hi"), call)
            .await
            .expect("an answer");
        let told = told.into_inner().expect("no panic");
        assert_eq!(told.first(), Some(&Progress::Started { attempt: 1 }));
        let pieces: Vec<&str> = told
            .iter()
            .filter_map(|progress| match progress {
                Progress::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(pieces.concat(), HELLO, "{}", actor.name);
        assert_eq!(pieces.len() > 1, actor.streaming, "{}", actor.name);
        assert!(
            matches!(told.last(), Some(Progress::Tokens(7..))),
            "{}: {told:?}",
            actor.name
        );
    }
}

#[tokio::test]
async fn tool_calls_are_read_and_their_results_understood() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let mut request = scene("tools");
        let response = ask(&actor, &request).await;
        assert_eq!(response.stop, Stop::ToolUse, "{}", actor.name);
        let [call] = response.tool_calls.as_slice() else {
            panic!("{}", actor.name)
        };
        assert_eq!(call.name, "get_weather");
        assert_eq!(
            call.arguments,
            Arguments::Json(json!({"city": "Paris"})),
            "{}",
            actor.name
        );
        request.messages.push(response.to_message());
        request.messages.push(results(&response.tool_calls));
        assert_eq!(
            ask(&actor, &request).await.text,
            "It is 20 degrees.",
            "{}",
            actor.name
        );
    }
}

#[tokio::test]
async fn parallel_calls_are_told_apart() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let mut request = scene("parallel");
        let response = ask(&actor, &request).await;
        let names: Vec<&str> = response
            .tool_calls
            .iter()
            .map(|call| call.name.as_str())
            .collect();
        assert_eq!(names, ["get_weather", "get_time"], "{}", actor.name);
        let [first, second] = response.tool_calls.as_slice() else {
            panic!("{}", actor.name)
        };
        assert_ne!(first.id, second.id, "{}", actor.name);
        assert_eq!(
            second.arguments,
            Arguments::Json(json!({})),
            "{}",
            actor.name
        );
        request.messages.push(response.to_message());
        request.messages.push(results(&response.tool_calls));
        assert_eq!(
            ask(&actor, &request).await.text,
            "It is 20 degrees.",
            "{}",
            actor.name
        );
    }
}

fn results(calls: &[ToolCall]) -> Message {
    let result = |call: &ToolCall| lazaret_models::ToolResult::text(call.id.as_str(), "20");
    let blocks = calls.iter().map(result).map(Block::ToolResult).collect();
    Message {
        role: Role::Tool,
        blocks,
    }
}

#[tokio::test]
async fn arguments_that_are_not_json_are_told_as_such() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let answer = actor.client.ask(&scene("malformed"), Call::default()).await;
        if actor.name == "gemini" || actor.name == "vertex" {
            // Gemini reads the arguments itself, and says only that it could not.
            assert!(
                matches!(answer, Err(ModelError::Malformed(_))),
                "{}: {answer:?}",
                actor.name
            );
            continue;
        }
        let mut response = answer.expect("an answer");
        let call = response.tool_calls.pop().expect("a call");
        assert!(matches!(&call.arguments, Arguments::Malformed(text) if text.contains("Par")));
        let mut request = scene("tools");
        request.messages.push(response.to_message());
        request.messages.push(results(&[call]));
        assert_eq!(
            ask(&actor, &request).await.text,
            "It is 20 degrees.",
            "{}",
            actor.name
        );
    }
}

#[tokio::test]
async fn a_schema_for_the_answer_is_asked_for() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let mut request = Request::new("json", "hi");
        request.schema =
            Some(json!({"type": "object", "properties": {"answer": {"type": "integer"}}}));
        let response = ask(&actor, &request).await;
        assert_eq!(response.text, "{\"answer\": 42}");
        let sent = fake.seen().pop().expect("a request").json().to_string();
        assert!(
            sent.contains("answer") && sent.to_lowercase().contains("schema"),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_copy_that_refuses_a_schema_gets_it_in_the_older_form_from_then_on() {
    let fake = fake().await;
    let mut request = Request::new("objects", "hi");
    request.schema = Some(json!({"type": "object"}));
    // With and without a stream it is the same server.
    for actor in cast(&fake) {
        if actor.name == "compatible" {
            assert_eq!(ask(&actor, &request).await.text, "{\"answer\": 42}");
        }
    }
    let seen = fake.seen();
    let kinds = seen
        .iter()
        .map(|seen| seen.json()["response_format"]["type"].clone());
    assert!(kinds.eq(["json_schema", "json_object", "json_object"]));
}

#[tokio::test]
async fn everything_that_can_be_asked_is_understood_by_every_provider() {
    let fake = fake().await;
    let image = Image {
        media_type: "image/png".to_owned(),
        bytes: b"\x89PNG".to_vec(),
    };
    for actor in cast(&fake) {
        let mut request = scene("text");
        request.system = Some("Be brief.".to_owned());
        request.effort = Some(Effort::High);
        request.max_output_tokens = Some(100);
        request.temperature = Some(0.5);
        request.cache = true;
        let look = Block::Text("look".to_owned());
        let blocks = vec![look, Block::Image(image.clone())];
        request.messages = vec![
            Message::user("first"),
            Message::assistant("second"),
            Message {
                role: Role::User,
                blocks,
            },
        ];
        assert_eq!(ask(&actor, &request).await.text, HELLO, "{}", actor.name);
        let sent = fake.seen().pop().expect("a request").json().to_string();
        assert!(sent.contains("iVBORw=="), "{}: {sent}", actor.name);
        assert!(sent.contains("Be brief."), "{}: {sent}", actor.name);
        let sent = fake.seen().pop().expect("a request").json();
        let (picture, effort) = places(actor.name);
        let at = |pointer| {
            sent.pointer(pointer)
                .unwrap_or_else(|| panic!("{pointer}: {sent}"))
        };
        assert!(
            at(picture)
                .as_str()
                .is_some_and(|text| text.ends_with("iVBORw=="))
        );
        assert!(!at(effort).is_null());
    }
}

/// Where each format has the picture of the third message, and how hard to think.
fn places(name: &str) -> (&'static str, &'static str) {
    match name {
        "anthropic" => ("/messages/2/content/1/source/data", "/thinking"),
        "gemini" | "vertex" => (
            "/contents/2/parts/1/inlineData/data",
            "/generationConfig/thinkingConfig",
        ),
        "bedrock" | "bedrock, api key" => (
            "/messages/2/content/1/image/source/bytes",
            "/outputConfig/effort",
        ),
        _ => ("/messages/3/content/1/image_url/url", "/reasoning_effort"),
    }
}

#[tokio::test]
async fn reasons_to_stop_are_read() {
    let fake = fake().await;
    for actor in cast(&fake) {
        for (model, stop) in [("length", Stop::MaxTokens), ("refusal", Stop::Refusal)] {
            let response = ask(&actor, &Request::new(model, "hi")).await;
            assert_eq!(response.stop, stop, "{}", actor.name);
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_all_the_same() {
    let fake = fake().await;
    for actor in cast(&fake).into_iter().filter(|actor| actor.streaming) {
        let response = ask(&actor, &Request::new("whole", "hi")).await;
        assert_eq!(response.text, HELLO, "{}", actor.name);
    }
}

#[tokio::test]
async fn ping_lists_the_models() {
    let fake = fake().await;
    for actor in cast(&fake) {
        let models = actor.client.ping(Call::default()).await;
        assert_eq!(
            models.as_deref(),
            Ok(["text".to_owned()].as_slice()),
            "{}",
            actor.name
        );
    }
}
