//! The server: which provider a path belongs to, and what is answered there.
//!
//! It shares no code with the library, so that a mistake of one does not hide one of the other;
//! and the official SDKs work against it (`tests/official_sdks.py`), which shows that it speaks
//! as the providers do.
#![expect(
    dead_code,
    reason = "the standalone server and the tests use different halves of it"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "an index into JSON never panics when it is read"
)]

mod anthropic;
mod bedrock;
mod gemini;
mod http;
mod openai;
mod script;
mod signature;
mod weather;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) use http::Seen;
use http::{End, Reply};
use script::{Plan, Said};
use weather::Fate;
pub(crate) use weather::{Told, Weather};

/// The key that every provider here takes.
pub(crate) const KEY: &str = "test-key-0123456789abcdef";
/// The secret that Amazon's signatures are made with here.
pub(crate) const AWS_SECRET: &str = "test-secret-0123456789abcdef0123456789ab";

/// A running server.
pub(crate) struct Fake {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinSet<()>,
}

/// What the server remembers.
#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    asked: weather::Asked,
    told: Told,
}

/// What a provider's format consists of.
trait Dialect: Send + Sync {
    /// Reads what is asked, or says what is wrong with it (status and message).
    fn asked(&self, seen: &Seen, body: &Value) -> Result<Asked, (u16, String)>;
    /// Writes a refusal.
    fn refusal(&self, status: u16, message: &str) -> Value;
    /// Writes a whole answer.
    fn whole(&self, said: &Said) -> Vec<u8>;
    /// Writes the events of a stream; the last one is its end.
    fn events(&self, said: &Said) -> Vec<Vec<u8>>;
    /// Writes an error in the middle of a stream.
    fn stream_error(&self) -> Vec<u8>;
    /// Writes an event that says nothing.
    fn ping(&self) -> Vec<u8> {
        b": ping\n\n".to_vec()
    }
    /// The type of a stream.
    fn stream_type(&self) -> &'static str {
        "text/event-stream"
    }
}

/// What is asked of a model, as far as the script depends on it.
struct Asked {
    model: String,
    stream: bool,
    has_tools: bool,
    has_result: bool,
}

impl Fake {
    /// Starts to listen on a free port of this machine.
    pub(crate) async fn start() -> io::Result<Self> {
        Self::in_weather(Weather::default()).await
    }

    /// The same for a provider that is as busy as this.
    pub(crate) async fn in_weather(weather: Weather) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let mut task = JoinSet::new();
        let shared = Arc::clone(&state);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    // A client that hangs up is part of the tests.
                    let served = http::serve(stream, |seen| answer(seen, &shared, &weather)).await;
                    drop(served);
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            address,
            state,
            task,
        })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns all requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.state).seen.clone()
    }

    /// Returns what became of the requests so far.
    pub(crate) fn told(&self) -> Told {
        lock(&self.state).told
    }

    /// Serves until it fails.
    pub(crate) async fn serve(&mut self) {
        self.task.join_next().await;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(seen: &Seen, state: &Mutex<State>, weather: &Weather) -> Reply {
    let before = {
        let mut state = lock(state);
        let same = state.seen.iter().filter(|other| other.path == seen.path);
        let before = same.count();
        state.seen.push(seen.clone());
        before
    };
    if seen.method == "GET" {
        return list(seen);
    }
    let Some(dialect) = dialect(&seen.path) else {
        return Reply::json(404, &[], &json!({"error": {"message": "no such path"}}));
    };
    let body: Value = match serde_json::from_slice(&seen.body) {
        Ok(body) => body,
        Err(e) => return Reply::json(400, &[], &dialect.refusal(400, &e.to_string())),
    };
    let asked = match dialect.asked(seen, &body) {
        Ok(asked) => asked,
        Err((status, text)) => return Reply::json(status, &[], &dialect.refusal(status, &text)),
    };
    let (fate, wait) = {
        let mut state = lock(state);
        let (fate, wait) = weather.decide(&mut state.asked, &seen.path, &seen.body);
        state.told.count(fate);
        (fate, wait)
    };
    let plan = script::plan(&asked, before, &last_text(&body));
    play(dialect, &asked, spoiled(plan, fate)).after(wait)
}

/// What the weather makes of a plan.
fn spoiled(plan: Plan, fate: Fate) -> Plan {
    match (fate, plan) {
        (Fate::Answer, plan) => plan,
        (Fate::Refuse(scene), _) => script::refuse(scene),
        (Fate::Stall, Plan::Say(said)) => Plan::Break {
            said,
            end: End::Stall,
        },
        (Fate::Cut, Plan::Say(said)) => Plan::Break {
            said,
            end: End::Cut,
        },
        (Fate::Hang | Fate::Stall | Fate::Cut, _) => Plan::Silence,
    }
}

/// Returns the text of the last message, in whichever format it is.
fn last_text(body: &Value) -> String {
    let messages = ["messages", "contents"]
        .iter()
        .find_map(|name| body[*name].as_array());
    let last = messages
        .and_then(|list| list.last())
        .unwrap_or(&Value::Null);
    if let Some(text) = last["content"].as_str() {
        return text.to_owned();
    }
    let parts = ["content", "parts"]
        .iter()
        .find_map(|name| last[*name].as_array());
    let texts = parts
        .into_iter()
        .flatten()
        .filter_map(|part| part["text"].as_str());
    texts.collect()
}

fn dialect(path: &str) -> Option<&'static dyn Dialect> {
    if path.starts_with("/v1/messages") {
        return Some(&anthropic::Messages);
    }
    if path.starts_with("/model/") {
        return Some(&bedrock::Converse);
    }
    if path.contains("enerateContent") {
        return Some(&gemini::Generate);
    }
    path.contains("/chat/completions")
        .then_some(&openai::Completions)
}

/// Carries out a plan in a dialect.
fn play(dialect: &dyn Dialect, asked: &Asked, plan: Plan) -> Reply {
    let kind = dialect.stream_type();
    let stream = |events: Vec<Vec<u8>>, end: End| Reply::stream(kind, &events, end);
    let whole = |said: &Said| Reply::bytes(200, "application/json", dialect.whole(said));
    let halved = |said: &Said| {
        let mut events = dialect.events(said);
        events.truncate(events.len() / 2);
        events
    };
    match plan {
        Plan::Say(said) if asked.stream => stream(dialect.events(&said), End::Clean),
        Plan::Say(said) => whole(&said),
        Plan::SayWhole(said) => whole(&said),
        Plan::Drip(said) if asked.stream => stream(dialect.events(&said), End::Clean).slowly(),
        Plan::Drip(said) => whole(&said).slowly(),
        Plan::Refuse { status, headers } => {
            let said = format!("refused; the key was {KEY}.");
            Reply::json(status, &headers, &dialect.refusal(status, &said))
        }
        Plan::Break { said, end } if asked.stream => stream(halved(&said), end),
        Plan::Break { said, end } => {
            Reply::bytes(200, "application/json", dialect.whole(&said)).broken(end)
        }
        Plan::Pings => {
            let first = dialect
                .events(&Said::text("x"))
                .into_iter()
                .take(1)
                .collect();
            stream(first, End::Every(dialect.ping()))
        }
        Plan::Endless => {
            let events = dialect.events(&Said::text(&"x".repeat(4096)));
            // The middle of the events is the one with the text.
            let text = events
                .iter()
                .max_by_key(|event| event.len())
                .cloned()
                .unwrap_or_default();
            stream(events.into_iter().take(1).collect(), End::Forever(text))
        }
        Plan::Error => {
            let mut events = halved(&Said::text("half of an answer"));
            events.push(dialect.stream_error());
            stream(events, End::Clean)
        }
        Plan::Raw(bytes) if asked.stream => stream(vec![bytes], End::Clean),
        Plan::Raw(bytes) => Reply::bytes(200, "application/json", bytes),
        Plan::Silence => Reply::silence(),
    }
}

/// Lists models in the form of whoever asks.
fn list(seen: &Seen) -> Reply {
    let keys = ["x-api-key", "authorization", "api-key", "x-goog-api-key"];
    let path = seen.path.split('?').next().unwrap_or_default();
    let has_key = keys.iter().any(|name| seen.header(name).is_some());
    let body = match path {
        "/v1/models" if seen.header("x-goog-api-key").is_some() => {
            json!({"models": [{"name": "models/text"}]})
        }
        "/v1/models" | "/openai/v1/models" | "/openai/models" => {
            json!({"object": "list", "data": [{"id": "text", "object": "model"}], "has_more": false})
        }
        "/v1beta1/publishers/google/models" => {
            json!({"publisherModels": [{"name": "publishers/google/models/text"}]})
        }
        "/foundation-models" => json!({"modelSummaries": [{"modelId": "text"}]}),
        _ => return Reply::json(404, &[], &json!({"error": {"message": "no such path"}})),
    };
    if path != "/v1/models" && !has_key {
        return Reply::json(401, &[], &json!({"error": {"message": "no key"}}));
    }
    Reply::json(200, &[], &body)
}

/// Refuses a field that the provider does not know, as the providers do.
fn only(body: &Value, known: &[&str]) -> Result<(), (u16, String)> {
    let fields = body
        .as_object()
        .ok_or_else(|| (400, "the body is not an object".to_owned()))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err((400, format!("{name}: extra inputs are not permitted"))),
        None => Ok(()),
    }
}

/// Refuses a wrong key, and repeats it as some providers do.
fn check_key(key: Option<&str>) -> Result<(), (u16, String)> {
    match key {
        Some(KEY) => Ok(()),
        Some(other) => Err((401, format!("incorrect API key provided: {other}."))),
        None => Err((401, "no API key provided".to_owned())),
    }
}
