//! A model behind a real HTTP server on loopback that speaks OpenAI's chat completions as a
//! stream. What it answers is a function of the request, given by the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the server does with a request.
pub(crate) enum Said {
    /// It answers with this text.
    Text(String),
    /// It refuses with this status.
    Status(u16),
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
        let (requests, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &requests, &*answer));
            }
        });
        Self { address, asked }
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

fn serve(stream: TcpStream, requests: &Mutex<Vec<Value>>, answer: &dyn Fn(&Value) -> Said) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        let said = answer(&request);
        requests.lock().unwrap().push(request);
        let sent = match said {
            Said::Text(text) => stream.write_all(&streamed(&text)),
            Said::Status(status) => stream.write_all(
                format!("HTTP/1.1 {status} No\r\ncontent-length: 2\r\n\r\n{{}}").as_bytes(),
            ),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
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

fn streamed(text: &str) -> Vec<u8> {
    let event = |value: &Value| format!("data: {value}\n\n");
    let base = |choices: Value| json!({"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": choices});
    let said = base(
        json!([{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": null}]),
    );
    let end = base(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]));
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
