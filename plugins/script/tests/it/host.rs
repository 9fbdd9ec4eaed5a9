//! A made-up host: virtual time, contents in a table, answers from a scenario.
//!
//! What needs no time (reveals, gates, projections) is answered in the next batch; agents,
//! workflows and timers are answered one by one in the order in which they are due.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use script::Engine;
use script::task::Task;
use script::turn::{
    Answer, Batch, Denial, Handle, Level, NumberedReply, NumberedRequest, Outcome, Part, Piece,
    Reply, Request, Spawn, Turn,
};
use serde_json::{Value, json};

use crate::scenario::{self, Scenario};

/// A run of one script.
pub(crate) struct Host {
    scenario: Scenario,
    contents: Vec<Value>,
    /// What is due, by time and number.
    due: BTreeMap<(u64, u32), (Reply, u64)>,
    now: u64,
    tokens: u64,
    used: Vec<u32>,
    requests: Vec<Value>,
    /// Whether all that is due at one time comes in one batch.
    pub(crate) together: bool,
    /// Every turn as it came, for comparing whole runs.
    pub(crate) turns: Vec<Turn>,
    /// Every batch as it was given.
    pub(crate) batches: Vec<Batch>,
}

/// What came of a run.
#[derive(Debug, PartialEq)]
pub(crate) struct Transcript {
    /// What was asked, in order.
    pub(crate) requests: Vec<Value>,
    /// What was logged, in order.
    pub(crate) log: Vec<Value>,
    /// The result, or the error.
    pub(crate) end: Value,
}

impl Transcript {
    /// Returns it as the corpus keeps it.
    pub(crate) fn json(&self) -> Value {
        json!({ "requests": self.requests, "log": self.log, "end": self.end })
    }
}

/// Runs a script to its end.
pub(crate) fn run(file: &str, source: &str, scenario: &Scenario) -> Transcript {
    Host::new(scenario.clone()).run(file, source)
}

/// Runs a body under a plain `meta` without arguments; agents answer with their prompt.
pub(crate) fn run_body(body: &str) -> Transcript {
    run("test.js", &with_meta(body), &Scenario::default())
}

/// Puts a `meta` on the first line.
pub(crate) fn with_meta(body: &str) -> String {
    format!("export const meta = {{ name: 'test', description: 'a test' }}\n{body}")
}

impl Host {
    pub(crate) fn new(scenario: Scenario) -> Self {
        Self {
            used: vec![0; scenario.answers.len() + scenario.workflows.len()],
            scenario,
            contents: Vec::new(),
            due: BTreeMap::new(),
            now: 0,
            tokens: 0,
            requests: Vec::new(),
            together: false,
            turns: Vec::new(),
            batches: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self, file: &str, source: &str) -> Transcript {
        let log = Rc::new(RefCell::new(Vec::new()));
        let lines = Rc::clone(&log);
        let mut engine =
            Engine::new(move |level, line| lines.borrow_mut().push(told_line(level, line)));
        let mut turn = engine.start(&self.task(file, source));
        let end = loop {
            self.turns.push(turn.clone());
            let ready = self.take(&turn.requests);
            if let Some(finished) = turn.finished {
                break self.told_end(finished);
            }
            let batch = Batch {
                replies: self.next_replies(ready),
                output_tokens: self.tokens,
            };
            turn = engine.resume(&batch);
            self.batches.push(batch);
        };
        let log = log.borrow().clone();
        Transcript {
            requests: std::mem::take(&mut self.requests),
            log,
            end,
        }
    }

    /// The task, with tainted arguments as a part.
    pub(crate) fn task(&mut self, file: &str, source: &str) -> Task {
        let tainted = self.scenario.tainted_args.clone();
        let parts = tainted.map(|args| Part {
            name: "args".to_owned(),
            content: self.keep(args),
        });
        let text = self.scenario.task(file, source).to_string();
        Task::parse(&text, parts.into_iter().collect()).expect("the scenario makes a task")
    }

    fn next_replies(&mut self, ready: Vec<NumberedReply>) -> Vec<NumberedReply> {
        if !ready.is_empty() {
            return ready;
        }
        let mut replies = Vec::new();
        while let Some(next) = self.due.first_entry() {
            let (time, id) = *next.key();
            let with_others = self.together && time == self.now;
            if !(replies.is_empty() || with_others) {
                break;
            }
            let (reply, tokens) = next.remove();
            self.now = time;
            self.tokens += tokens;
            replies.push(NumberedReply { id, reply });
        }
        assert!(!replies.is_empty(), "the script waits for something");
        replies
    }

    /// Notes requests and returns the replies that need no time.
    fn take(&mut self, requests: &[NumberedRequest]) -> Vec<NumberedReply> {
        let replies = requests
            .iter()
            .map(|NumberedRequest { id, request }| Some((*id, self.answer(*id, request)?)));
        replies
            .collect::<Vec<_>>()
            .into_iter()
            .flatten()
            .map(|(id, reply)| NumberedReply { id, reply })
            .collect()
    }

    fn answer(&mut self, id: u32, request: &Request) -> Option<Reply> {
        match request {
            Request::Spawn(spawn) => self.spawn(id, spawn),
            Request::Workflow { target, arguments } => {
                let args = self.content(*arguments);
                self.requests
                    .push(json!({ "workflow": { "target": target, "args": args } }));
                let answer = self.scripted(target, target, true);
                self.later(id, &answer)
            }
            Request::Wait(ms) => {
                self.requests.push(json!({ "wait": ms }));
                self.due.insert((self.now + ms, id), (Reply::Done, 0));
                None
            }
            Request::Cancel(other) => {
                self.requests.push(json!("cancel"));
                self.due.retain(|(_, id), _| id != other);
                None
            }
            Request::Phase(title) => {
                self.requests.push(json!({ "phase": title }));
                Some(Reply::Done)
            }
            Request::Reveal(handle) => Some(self.reveal(*handle)),
            Request::Project { content, pointer } => {
                let value = self
                    .content(*content)
                    .pointer(pointer)
                    .cloned()
                    .unwrap_or_default();
                self.note(json!({ "project": pointer }));
                Some(Reply::Content(self.keep(value)))
            }
            Request::Split { content, max } => Some(self.split(*content, *max)),
            Request::Gate {
                content,
                schema,
                rule,
            } => Some(self.gate(*content, schema, rule)),
            Request::ComposeText(pieces) => {
                let text = self.composed(pieces);
                self.note(json!({ "compose-text": self.told_pieces(pieces) }));
                Some(Reply::Content(self.keep(Value::String(text))))
            }
            Request::ComposeJson { skeleton, leaves } => {
                let mut value: Value = serde_json::from_str(skeleton).expect("a skeleton is JSON");
                for leaf in leaves {
                    *value
                        .pointer_mut(&leaf.pointer)
                        .expect("a leaf is in the skeleton") = self.content(leaf.content).clone();
                }
                Some(Reply::Content(self.keep(value)))
            }
        }
    }

    fn spawn(&mut self, id: u32, spawn: &Spawn) -> Option<Reply> {
        let prompt = self.composed(&spawn.text);
        self.requests.push(self.told_spawn(spawn));
        let answer = self.scripted(&prompt, &spawn.name, false);
        self.later(id, &answer)
    }

    /// What the corpus keeps of an agent: whatever is set.
    fn told_spawn(&self, spawn: &Spawn) -> Value {
        let options: Value = serde_json::from_str(&spawn.options).expect("options are JSON");
        let mut told = json!({ "prompt": self.told_pieces(&spawn.text) });
        for (name, text) in [
            ("label", &spawn.name),
            ("phase", &spawn.phase),
            ("agentType", &spawn.profile),
        ] {
            if !text.is_empty() {
                told[name] = json!(text);
            }
        }
        if options != json!({}) {
            told["options"] = options;
        }
        json!({ "agent": told })
    }

    fn later(&mut self, id: u32, answer: &scenario::Answer) -> Option<Reply> {
        if let Some(message) = &answer.denied {
            return Some(Reply::Denied(denial("not-granted", message)));
        }
        let value = answer
            .json
            .clone()
            .or_else(|| answer.text.clone().map(Value::String));
        let reply = match (&answer.failed, value) {
            (Some(text), _) => Reply::Outcome(Outcome::Failed(text.clone())),
            (None, Some(value)) if answer.sealed => {
                Reply::Content(self.keep_answer(value, answer.text.is_some()))
            }
            (None, Some(value)) if answer.clean => {
                Reply::Value(text_of(&value, answer.text.is_some()))
            }
            (None, Some(value)) => Reply::Outcome(Outcome::Value(
                self.keep_answer(value, answer.text.is_some()),
            )),
            (None, None) => Reply::Outcome(Outcome::None),
        };
        self.due
            .insert((self.now + answer.after.max(1), id), (reply, answer.tokens));
        None
    }

    /// Finds the first answer that fits and is not used up.
    fn scripted(&mut self, text: &str, name: &str, workflow: bool) -> scenario::Answer {
        let Scenario {
            answers, workflows, ..
        } = &self.scenario;
        let all = answers
            .iter()
            .map(|answer| (false, answer))
            .chain(workflows.iter().map(|answer| (true, answer)));
        let fits = |answer: &scenario::Answer| {
            answer.on.is_empty() || text.contains(&answer.on) || name == answer.on
        };
        let found = all.zip(&mut self.used).find(|((kind, answer), used)| {
            *kind == workflow && fits(answer) && (answer.times == 0 || **used < answer.times)
        });
        match found {
            Some(((_, answer), used)) => {
                *used += 1;
                answer.clone()
            }
            None => scenario::Answer {
                text: Some(format!("re: {text}")),
                tokens: 10,
                ..scenario::Answer::default()
            },
        }
    }

    fn reveal(&mut self, handle: Handle) -> Reply {
        self.note(json!({ "reveal": self.content(handle) }));
        if self.scenario.reveals_refused {
            return Reply::Denied(denial(
                "clearance",
                "the content is above this script's clearance",
            ));
        }
        Reply::Value(match self.content(handle) {
            // The table keeps texts apart from JSON that is a text.
            Value::Object(text) if text.contains_key("text") && text.contains_key("is text") => {
                text["text"].as_str().unwrap_or_default().to_owned()
            }
            value => value.to_string(),
        })
    }

    fn split(&mut self, handle: Handle, max: u32) -> Reply {
        self.note(json!({ "split": max }));
        let Value::Array(items) = self.content(handle).clone() else {
            return Reply::Failed("it is no list".to_owned());
        };
        let max = usize::try_from(max).expect("small");
        Reply::Contents(
            items
                .into_iter()
                .take(max)
                .map(|item| self.keep(item))
                .collect(),
        )
    }

    /// Takes the answers to be of their type, apart from `null`; real gates look closer.
    fn gate(&mut self, handle: Handle, schema: &str, rule: &str) -> Reply {
        let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
        self.note(json!({ "gate": { "rule": rule, "schema": schema } }));
        if let Some(message) = &self.scenario.gates_refused {
            return Reply::Denied(denial("gate", message));
        }
        match (
            self.content(handle),
            schema.get("properties").and_then(Value::as_object),
        ) {
            (Value::Null, _) => Reply::Invalid,
            (Value::Object(value), Some(properties)) => {
                let kept = properties
                    .keys()
                    .filter_map(|key| Some((key.clone(), value.get(key)?.clone())));
                Reply::Value(Value::Object(kept.collect()).to_string())
            }
            (value, _) => Reply::Value(value.to_string()),
        }
    }

    /// What opaque scripts do between agents is part of their transcript; in float it is routine.
    fn note(&mut self, entry: Value) {
        if self.scenario.opaque() {
            self.requests.push(entry);
        }
    }

    fn keep_answer(&mut self, value: Value, text: bool) -> Handle {
        self.keep(if text {
            json!({ "text": value, "is text": true })
        } else {
            value
        })
    }

    fn keep(&mut self, value: Value) -> Handle {
        self.contents.push(value);
        Handle(self.contents.len() as u64 + 100)
    }

    fn content(&self, handle: Handle) -> &Value {
        let index = usize::try_from(handle.0 - 101).expect("small");
        self.contents
            .get(index)
            .expect("a handle that the engine was given")
    }

    fn composed(&self, pieces: &[Piece]) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Content(handle) => plain(self.content(*handle)),
        };
        pieces.iter().map(text).collect()
    }

    fn told_pieces(&self, pieces: &[Piece]) -> Value {
        match pieces {
            [Piece::Literal(text)] => json!(text),
            pieces => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => json!(text),
                    Piece::Content(handle) => json!({ "content": plain(self.content(*handle)) }),
                })
                .collect(),
        }
    }

    fn told_end(&self, finished: Result<Answer, String>) -> Value {
        match finished {
            Ok(Answer::Json(json)) => {
                json!({ "result": serde_json::from_str::<Value>(&json).expect("a result is JSON") })
            }
            Ok(Answer::Content(handle)) => json!({ "content": self.content(handle) }),
            Err(message) => json!({ "error": message }),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(text) if text.contains_key("is text") => plain(&text["text"]),
        value => value.to_string(),
    }
}

fn text_of(value: &Value, text: bool) -> String {
    if text {
        plain(value)
    } else {
        value.to_string()
    }
}

fn denial(kind: &str, message: &str) -> Denial {
    Denial {
        kind: kind.to_owned(),
        rule: format!("{kind}:script"),
        message: message.to_owned(),
        remedy: "ask the operator".to_owned(),
    }
}

fn told_line(level: Level, line: &str) -> Value {
    match (level, line.strip_prefix("lazaret: ")) {
        (Level::Warn, Some(notice)) => json!({ "notice": notice }),
        (Level::Info, _) => json!(line),
        (level, _) => json!({ format!("{level:?}").to_lowercase(): line }),
    }
}
