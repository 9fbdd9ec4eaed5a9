//! Makes every request that an orchestrator can, and answers what became of each.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lazaret_sdk::bindings::log;
use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{
    Batch, Composition, Gating, NestedWorkflow, NumberedRequest, Projection, Question, Reply,
    Request, Spawning, Splitting, Turn,
};
use lazaret_sdk::bindings::types::{
    Answer, Argument, ArgumentValue, Leaf, Part, Piece, Task, ToolCall,
};

struct AsksEverything;

/// What has become of each request so far, and the handles that come first.
#[derive(Default)]
struct State {
    args: u64,
    mail: u64,
    tainted: bool,
    asked: Vec<&'static str>,
    said: BTreeMap<&'static str, String>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

impl Guest for AsksEverything {
    fn start(task: Task) -> Turn {
        log::write(log::Level::Info, "everything");
        let args = task.parts.first().map_or(0, |part| part.content);
        STATE.with_borrow_mut(|state| state.args = args);
        turn(vec![project(args, "/order"), project(args, "/mail")])
    }

    fn resume(batch: Batch) -> Turn {
        STATE.with_borrow_mut(|state| state.next(batch))
    }
}

impl State {
    fn next(&mut self, batch: Batch) -> Turn {
        let mut replies = batch.replies.into_iter();
        if self.mail == 0 {
            let order = replies
                .next()
                .map(|reply| content(&reply.reply))
                .unwrap_or_default();
            self.mail = replies
                .next()
                .map(|reply| content(&reply.reply))
                .unwrap_or_default();
            return turn(vec![Request::Reveal(order)]);
        }
        if self.asked.is_empty() {
            let order = replies.next().map(|reply| reply.reply);
            if !self.tainted
                && matches!(order, Some(Reply::Value(text)) if text.contains("tainted"))
            {
                self.tainted = true;
                return turn(vec![Request::Reveal(self.mail)]);
            }
            let (names, requests) = self.everything().into_iter().unzip();
            self.asked = names;
            return turn(requests);
        }
        for reply in replies {
            let name = self.asked.get(reply.id as usize).copied().unwrap_or("?");
            self.said.insert(name, word(&reply.reply));
        }
        if self.said.len() < self.asked.len() {
            return turn(Vec::new());
        }
        if !self.said.contains_key("reveal") {
            // A call is judged when it is made: what was revealed meanwhile would count.
            self.asked = vec!["reveal"];
            return turn(vec![Request::Reveal(self.mail)]);
        }
        let all = serde_json::to_string(&self.said).unwrap_or_default();
        Turn {
            requests: Vec::new(),
            finished: Some(Ok(Answer::Json(all))),
        }
    }

    /// All but the one that may taint.
    fn everything(&self) -> Vec<(&'static str, Request)> {
        let mail = self.mail;
        let leaf = Leaf {
            pointer: String::new(),
            content: mail,
        };
        let part = || Part {
            name: "mail".to_owned(),
            content: mail,
        };
        vec![
            ("open", Request::Open(pay())),
            ("project", project(mail, "/a")),
            (
                "compose-text",
                Request::ComposeText(vec![Piece::Content(mail)]),
            ),
            (
                "compose-json",
                Request::ComposeJson(Composition {
                    skeleton: "null".to_owned(),
                    leaves: vec![leaf],
                }),
            ),
            (
                "split",
                Request::Split(Splitting {
                    content: mail,
                    max: 3,
                }),
            ),
            (
                "gate",
                Request::Gate(Gating {
                    content: mail,
                    schema: r#"{"type":"boolean"}"#.to_owned(),
                    rule: "verdict".to_owned(),
                }),
            ),
            (
                "spawn",
                Request::Spawn(Spawning {
                    profile: "subject".to_owned(),
                    name: "subject".to_owned(),
                    phase: String::new(),
                    text: vec![Piece::Literal("yes".to_owned())],
                    parts: vec![part()],
                    options: "{}".to_owned(),
                }),
            ),
            (
                "workflow",
                Request::Workflow(NestedWorkflow {
                    target: "other".to_owned(),
                    arguments: mail,
                }),
            ),
            ("call", Request::Call(pay())),
            (
                "ask",
                Request::Ask(Question {
                    text: "may I?".to_owned(),
                    parts: vec![part()],
                }),
            ),
            ("wait", Request::Wait(1)),
            ("cancel", Request::Cancel(1_000)),
            ("phase", Request::Phase("everything".to_owned())),
        ]
    }
}

fn pay() -> ToolCall {
    ToolCall {
        function: "tracker.pay".to_owned(),
        arguments: vec![Argument {
            name: "amount".to_owned(),
            value: ArgumentValue::Json("1".to_owned()),
        }],
    }
}

fn project(content: u64, pointer: &str) -> Request {
    Request::Project(Projection {
        content,
        pointer: pointer.to_owned(),
    })
}

fn turn(requests: Vec<Request>) -> Turn {
    let numbered = (0..)
        .zip(requests)
        .map(|(id, request)| NumberedRequest { id, request });
    Turn {
        requests: numbered.collect(),
        finished: None,
    }
}

fn content(reply: &Reply) -> u64 {
    match reply {
        Reply::Content(handle) => *handle,
        _ => 0,
    }
}

fn word(reply: &Reply) -> String {
    match reply {
        Reply::Denied(denial) => denial.rule.clone(),
        Reply::Failed(message) => format!("failed: {message}"),
        _ => "done".to_owned(),
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    AsksEverything with_types_in lazaret_sdk::bindings::orchestrator
);
