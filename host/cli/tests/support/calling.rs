//! A model that calls tools, behind a real HTTP server on loopback that speaks OpenAI's chat
//! completions as a stream. What it answers is a function of the request, given by the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does with a request.
pub(crate) enum Said {
    /// It answers with this text.
    Text(String),
    /// It calls these tools, each with its arguments as JSON.
    Calls(Vec<(String, String)>),
    /// It says nothing for ever.
    Silence,
}

/// A running server. It serves until the test's process ends.
pub(crate) struct Model {
    /// Where it listens.
    pub(crate) address: String,
    /// The requests so far.
    pub(crate) asked: Arc<Mutex<Vec<Value>>>,
}

impl Model {
    /// Starts a server that answers by `answer`.
    pub(crate) fn start(answer: impl Fn(&Value) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&asked);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &requests, &*answer));
            }
        });
        Self { address, asked }
    }
}

/// Returns the text of a message.
pub(crate) fn text_of(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn serve(stream: TcpStream, requests: &Mutex<Vec<Value>>, answer: &dyn Fn(&Value) -> Said) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        requests.lock().unwrap().push(request.clone());
        let sent = match answer(&request) {
            Said::Text(text) => {
                let delta = json!({"role": "assistant", "content": text});
                stream.write_all(&streamed(&delta, "stop"))
            }
            Said::Calls(calls) => stream.write_all(&streamed(&called(&calls), "tool_calls")),
            Said::Silence => {
                // Until the client gives up.
                std::thread::sleep(Duration::from_mins(10));
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Returns the body of the next request that has one.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn called(calls: &[(String, String)]) -> Value {
    let calls = calls.iter().enumerate().map(|(index, (name, arguments))| {
        let function = json!({"name": name, "arguments": arguments});
        json!({"index": index, "id": format!("call-{index}"), "type": "function", "function": function})
    });
    json!({"role": "assistant", "content": null, "tool_calls": calls.collect::<Vec<_>>()})
}

fn streamed(delta: &Value, reason: &str) -> Vec<u8> {
    let chunk = |choices: Value| {
        let value = json!({
            "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "test",
            "choices": choices,
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        });
        format!("data: {value}\n\n")
    };
    let said = chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]));
    let end = chunk(json!([{"index": 0, "delta": {}, "finish_reason": reason}]));
    let body = format!("{said}{end}data: [DONE]\n\n");
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
    format!("{head}content-length: {length}\r\n\r\n{body}").into_bytes()
}
