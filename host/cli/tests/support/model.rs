//! A model behind a real HTTP server on loopback that speaks OpenAI's chat completions as a
//! stream. What it answers is a function of the request, given by the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does with a request.
pub(crate) enum Said {
    /// It answers with this text.
    Text(String),
    /// It calls these tools, each with its arguments as they are written here.
    Calls(Vec<(String, String)>),
    /// It refuses with this status.
    Status(u16),
    /// It refuses, and repeats the key in its refusal.
    Echo,
    /// It limits the rate, for so many seconds.
    Limit(u64),
    /// It says nothing for ever.
    Silence,
}

/// A running server. It serves until the test's process ends.
pub(crate) struct Model {
    /// Where it listens.
    pub(crate) address: String,
    /// The requests so far.
    pub(crate) asked: Arc<Mutex<Vec<Value>>>,
    /// The `authorization` headers so far.
    pub(crate) keys: Arc<Mutex<Vec<String>>>,
}

impl Model {
    /// Starts a server that answers by `answer`.
    pub(crate) fn start(answer: impl Fn(&Value) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let keys = Arc::new(Mutex::new(Vec::new()));
        let (requests, headers) = (Arc::clone(&asked), Arc::clone(&keys));
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                let headers = Arc::clone(&headers);
                std::thread::spawn(move || serve(stream, &requests, &headers, &*answer));
            }
        });
        Self {
            address,
            asked,
            keys,
        }
    }
}

/// Returns the text of the last message of a request.
pub(crate) fn last_text(request: &Value) -> String {
    let content = &request["messages"].as_array().unwrap().last().unwrap()["content"];
    match content {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn serve(
    stream: TcpStream,
    requests: &Mutex<Vec<Value>>,
    keys: &Mutex<Vec<String>>,
    answer: &dyn Fn(&Value) -> Said,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((key, body)) = read(&mut reader) {
        keys.lock().unwrap().push(key.clone());
        let Some(request) = body else {
            let list = r#"{"object":"list","data":[{"id":"test"}]}"#;
            if stream.write_all(&whole("200 OK", "", list)).is_err() {
                return;
            }
            continue;
        };
        let said = answer(&request);
        requests.lock().unwrap().push(request);
        let sent = match said {
            Said::Text(text) => stream.write_all(&streamed(
                &json!({"role": "assistant", "content": text}),
                "stop",
            )),
            Said::Calls(calls) => stream.write_all(&streamed(&called(&calls), "tool_calls")),
            Said::Status(status) => stream.write_all(&whole(&format!("{status} No"), "", "{}")),
            Said::Echo => {
                let body = json!({"error": {"message": format!("no such key: {key}")}});
                stream.write_all(&whole("401 No", "", &body.to_string()))
            }
            Said::Limit(seconds) => {
                let header = format!("retry-after: {seconds}\r\n");
                stream.write_all(&whole("429 Slow", &header, "{}"))
            }
            Said::Silence => {
                // Until the client gives up.
                std::thread::sleep(SILENCE);
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Longer than any client of a test waits.
const SILENCE: Duration = Duration::from_mins(10);

fn whole(status: &str, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n");
    format!("{head}{header}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Returns the key of a request and its body, if it has one.
fn read(reader: &mut BufReader<TcpStream>) -> Option<(String, Option<Value>)> {
    let mut length = 0;
    let mut key = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => value.trim().clone_into(&mut key),
            _ => {}
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if body.is_empty() {
        return Some((key, None));
    }
    Some((key, Some(serde_json::from_slice(&body).ok()?)))
}

/// The calls of one answer, told apart by their places.
fn called(calls: &[(String, String)]) -> Value {
    let calls = calls.iter().enumerate().map(|(index, (name, arguments))| {
        let function = json!({"name": name, "arguments": arguments});
        json!({"index": index, "id": format!("call-{index}"), "type": "function", "function": function})
    });
    json!({"role": "assistant", "content": null, "tool_calls": calls.collect::<Vec<_>>()})
}

fn streamed(delta: &Value, reason: &str) -> Vec<u8> {
    let event = |value: &Value| format!("data: {value}\n\n");
    let base = |choices: Value| json!({"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": choices});
    let said = base(json!([{"index": 0, "delta": delta, "finish_reason": null}]));
    let end = base(json!([{"index": 0, "delta": {}, "finish_reason": reason}]));
    let usage = json!({
        "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    });
    let body = format!(
        "{}{}{}data: [DONE]\n\n",
        event(&said),
        event(&end),
        event(&usage)
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}
