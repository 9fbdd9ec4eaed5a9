//! Calls every function that an agent may import, and answers what became of each.

use lazaret_guests::said;
use lazaret_sdk::bindings::types::{Leaf, Piece};
use lazaret_sdk::bindings::{clock, content, gate, log, model, secrets, tools, web};
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Error, Failure, Task};
use serde_json::{Map, Value};

struct DoesEverything;

impl Agent for DoesEverything {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?.handle();
        if task.text == "tainted" {
            content::read(mail).map_err(Error::from)?;
        }
        let mut all = Map::new();
        let mut tried = |name: &str, outcome: String| {
            all.insert(name.to_owned(), Value::String(outcome));
        };
        for (name, outcome) in contents(mail) {
            tried(name, outcome);
        }
        tried(
            "gate.pass",
            word(gate::pass(mail, r#"{"type":"boolean"}"#, "verdict")),
        );
        tried(
            "tools.available",
            format!("{} told", tools::available().len()),
        );
        let call = || Call::of("tracker.pay").with("amount", &1);
        tried("tools.call", said(&call().make()));
        let calls = lazaret_sdk::tools::make_all(vec![call()])?;
        tried("tools.call-all", calls.first().map_or(String::new(), said));
        let own = content::create_text("yes").map_err(Error::from)?;
        for (name, outcome) in lazaret_guests::everything_with_files(own) {
            tried(name, outcome);
        }
        tried("web.fetch", word(web::fetch(&page())));
        tried("web.search", word(web::search("anything")));
        let there = if secrets::exists("key") {
            "there"
        } else {
            "absent"
        };
        tried("secrets.exists", there.to_owned());
        tried("model.ask", word(model::ask(&question())));
        clock::now();
        tried("clock.now", "done".to_owned());
        clock::random();
        tried("clock.random", "done".to_owned());
        clock::budget();
        tried("clock.budget", "done".to_owned());
        log::write(log::Level::Info, "everything");
        tried("log.write", "done".to_owned());
        tried("content.read", word(content::read(mail)));
        Answer::json(&all)
    }
}

fn contents(mail: u64) -> Vec<(&'static str, String)> {
    let leaf = Leaf {
        pointer: String::new(),
        content: mail,
    };
    vec![
        ("content.create-text", word(content::create_text("yes"))),
        ("content.create-json", word(content::create_json("1"))),
        ("content.describe", word(content::describe(mail))),
        ("content.project", word(content::project(mail, "/a"))),
        (
            "content.compose-text",
            word(content::compose_text(&[Piece::Content(mail)])),
        ),
        (
            "content.compose-json",
            word(content::compose_json("null", &[leaf])),
        ),
        ("content.split", word(content::split(mail, 3))),
    ]
}

fn page() -> web::Request {
    web::Request {
        method: "get".to_owned(),
        url: "http://127.0.0.1:1/page".to_owned(),
        headers: Vec::new(),
        body: None,
    }
}

fn question() -> model::Request {
    model::Request {
        model: String::new(),
        effort: None,
        max_output_tokens: None,
        messages: vec![model::Message {
            role: model::Role::User,
            blocks: vec![model::Block::Text("yes?".to_owned())],
        }],
        tools: Vec::new(),
        schema: None,
    }
}

fn word<T>(result: Result<T, lazaret_sdk::bindings::types::Error>) -> String {
    said(&result.map_err(Error::from))
}

lazaret_sdk::export_agent!(DoesEverything);
