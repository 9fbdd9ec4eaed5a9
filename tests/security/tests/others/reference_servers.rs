//! The reference MCP servers of npm as tools, over both transports.
//!
//! `cargo xtask test` installs them into the cache and names the place in `LAZARET_NPM`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use lazaret_security::{Played, Stage};
use serde_json::Value;

/// Returns a server's program.
fn program(name: &str) -> PathBuf {
    crate::npm().join("node_modules/.bin").join(name)
}

/// A subject that may call these functions, of which each is written as a section's rest.
fn stage(mcp: &str, functions: &[(&str, &str)], order: &str) -> Stage {
    let mut sections = format!("[tool.desk]\nmcp = {mcp}\ntimeout_ms = 30000\n");
    for (name, rest) in functions {
        write!(sections, "[tool.desk.fn.{name}]\n{rest}\n").ok();
    }
    Stage::of("calls_by_name")
        .sections(&sections)
        .rule("[profile.subject]", "use", r#"["desk.*"]"#)
        .rule("[profile.subject]", "reads", r#"["mail", "unknown"]"#)
        .rule("[profile.subject]", "readers", r#""private""#)
        .secret("PATH", &variable("PATH"))
        .secret("HOME", &variable("HOME"))
        .order(order)
}

fn variable(name: &str) -> String {
    let value = std::env::var_os(name).unwrap_or_default();
    value.into_string().expect("a text")
}

fn told(played: &Played) -> Value {
    played.nothing_refused();
    let text = played.answer().as_str().expect("a text");
    serde_json::from_str(text).unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn the_filesystem_server_reads_below_its_directory_and_nowhere_else() {
    let program = program("mcp-server-filesystem");
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    std::fs::write(root.join("note.txt"), "nothing paid yet").unwrap();
    let mcp = format!("[\"{}\", \"{}\"]", program.display(), root.display());
    let ask = |path: &str| {
        let order = format!("desk.read_text_file {{\"path\": \"{path}\"}}");
        told(&stage(&mcp, &[("read_text_file", "args = { path = [] }")], &order).play())
    };
    let note = ask(&root.join("note.txt").display().to_string());
    assert_eq!(note["text"], "nothing paid yet");
    let outside = ask("/etc/hostname");
    assert!(outside["error"].to_string().contains("denied"), "{outside}");
}

#[test]
fn the_memory_server_keeps_its_graph_in_the_file_that_it_was_named() {
    let program = program("mcp-server-memory");
    let mcp = format!("[\"{}\"]", program.display());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("graph.json");
    let play = |functions: &[(&str, &str)], order: &str| {
        let stage = stage(&mcp, functions, order)
            .rule("[tool.desk]", "env", r#"["MEMORY_FILE_PATH"]"#)
            .secret("MEMORY_FILE_PATH", &file.display().to_string());
        told(&stage.play())
    };
    let made = play(
        &[("create_entities", "args = { entities = [] }")],
        r#"desk.create_entities {"entities": [{"name": "a", "entityType": "x", "observations": ["o"]}]}"#,
    );
    assert!(made["error"].is_null(), "{made}");
    let graph = play(&[("read_graph", "parse = \"json\"")], "desk.read_graph");
    assert_eq!(graph["entities"][0]["name"], "a", "{graph}");
}

#[test]
fn the_thinking_server_answers() {
    let program = program("mcp-server-sequential-thinking");
    let mcp = format!("[\"{}\"]", program.display());
    let arguments = "args = { thought = [], nextThoughtNeeded = [], thoughtNumber = [], totalThoughts = [] }\nparse = \"json\"";
    let order = r#"desk.sequentialthinking {"thought": "hm", "nextThoughtNeeded": false, "thoughtNumber": 1, "totalThoughts": 1}"#;
    let answer = told(&stage(&mcp, &[("sequentialthinking", arguments)], order).play());
    assert_eq!(answer["totalThoughts"], 1, "{answer}");
}

#[test]
fn the_everything_server_answers_over_pipes() {
    let program = program("mcp-server-everything");
    let mcp = format!("[\"{}\"]", program.display());
    let order = r#"desk.echo {"message": "hello"}"#;
    let answer = told(&stage(&mcp, &[("echo", "args = { message = [] }")], order).play());
    assert_eq!(answer["text"], "Echo: hello");
}

/// A server that is ended with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_everything_server_answers_over_http() {
    let program = program("mcp-server-everything");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(program);
    command.arg("streamableHttp").env("PORT", port.to_string());
    let mut served = Served(
        command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    // It says that it listens when it can be asked.
    let errors = BufReader::new(served.0.stderr.take().unwrap());
    let listens = errors
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains("listening"));
    assert!(listens, "the server ended");
    let mcp = format!("\"http://127.0.0.1:{port}/mcp\"");
    let order = r#"desk.get-sum {"a": 2, "b": 3}"#;
    let answer = told(&stage(&mcp, &[("get-sum", "args = { a = [], b = [] }")], order).play());
    assert!(answer["text"].to_string().contains('5'), "{answer}");
}
