//! A tool that calls every function that a tool may import, and answers what became of each.

use lazaret_guests::said;
use lazaret_sdk::bindings::types::{Leaf, Piece};
use lazaret_sdk::bindings::{clock, content, log, secrets, web};
use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Error, Failure, Tool};
use serde_json::{Value, json};

struct ToolDoesEverything;

impl Tool for ToolDoesEverything {
    fn functions() -> Vec<Function> {
        vec![Function {
            name: "pay",
            description: "Does everything.",
            schema: "{}",
        }]
    }

    fn call(_function: &str, _arguments: Value) -> Result<Answer, Failure> {
        let own = content::create_text("yes").map_err(Error::from)?;
        let leaf = Leaf {
            pointer: String::new(),
            content: own,
        };
        let page = web::Request {
            method: "get".to_owned(),
            url: "http://127.0.0.1:1/page".to_owned(),
            headers: Vec::new(),
            body: None,
        };
        clock::now();
        clock::random();
        clock::budget();
        log::write(log::Level::Info, "everything");
        let mut all = json!({
            "content.create-text": word(content::create_text("yes")),
            "content.create-json": word(content::create_json("1")),
            "content.describe": word(content::describe(own)),
            "content.read": word(content::read(own)),
            "content.project": word(content::project(own, "/a")),
            "content.compose-text": word(content::compose_text(&[Piece::Content(own)])),
            "content.compose-json": word(content::compose_json("null", &[leaf])),
            "content.split": word(content::split(own, 3)),
            "web.fetch": word(web::fetch(&page)),
            "web.search": word(web::search("anything")),
            "secrets.exists": if secrets::exists("key") { "there" } else { "absent" },
            "clock.now": "done",
            "clock.random": "done",
            "clock.budget": "done",
            "log.write": "done",
        });
        for (name, outcome) in lazaret_guests::everything_with_files(own) {
            all[name] = outcome.into();
        }
        Answer::json(&all)
    }
}

fn word<T>(result: Result<T, lazaret_sdk::bindings::types::Error>) -> String {
    said(&result.map_err(Error::from))
}

lazaret_sdk::export_tool!(ToolDoesEverything);
