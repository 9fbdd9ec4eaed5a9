//! What one agent was told, asked and answered: out of the effects that the journal holds.
//!
//! All of it may be strangers' text: it is escaped, kept behind a mark, and the mark of tainted
//! text differs.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use lazaret_journal::Journal;
use lazaret_workflow::event::{ArgumentRef, ContentRef, Event};
use lazaret_workflow::view::View;
use serde_json::{Value, json};

use super::tree;
use crate::render;
use crate::ui::{self, Tone};

/// One agent's conversation.
pub(super) struct Conversation {
    step: u32,
    head: String,
    name: String,
    turns: Vec<Turn>,
}

/// One thing that was said, with whom it came from.
struct Turn {
    /// `system`, `user`, `assistant`, `tool`, `call FUNCTION`, `answer`.
    who: String,
    value: Value,
    taint: Vec<String>,
}

/// Gathers the conversation of a step.
pub(super) fn of(journal: &Journal, view: &View, step: u32) -> Result<Conversation> {
    let agent = view.agents.get(&step);
    let mut reader = Reader {
        journal,
        begun: BTreeMap::new(),
        told: Vec::new(),
        turns: Vec::new(),
    };
    for act in agent.into_iter().flat_map(|agent| &agent.acts) {
        reader.take(act)?;
    }
    if let Some(answer) = agent.and_then(|agent| agent.answer.as_ref()) {
        let value = reader.load(answer)?;
        reader.say("gave", value, &answer.label.taint);
    }
    Ok(Conversation {
        step,
        head: agent.map_or_else(String::new, |agent| tree::of_agent(step, agent, None)),
        name: agent.map_or_else(String::new, |agent| agent.name.clone()),
        turns: reader.turns,
    })
}

impl Conversation {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.head.clone()];
        for turn in &self.turns {
            let who = ui::paint(Tone::Bold, &ui::escape(&turn.who));
            lines.push(format!("{who}: {}", render::origin(&turn.taint)));
            lines.extend(render::lines(&turn.value, &turn.taint));
        }
        if self.turns.is_empty() {
            lines.push("it asked for nothing".to_owned());
        }
        lines
    }

    pub(super) fn json(&self) -> Value {
        let turns = self
            .turns
            .iter()
            .map(|turn| json!({"who": turn.who, "value": turn.value, "taint": turn.taint}));
        json!({"step": self.step, "name": self.name, "turns": turns.collect::<Vec<_>>()})
    }
}

struct Reader<'a> {
    journal: &'a Journal,
    begun: BTreeMap<u32, String>,
    /// The messages of the last request to a model: the next one repeats them.
    told: Vec<Value>,
    turns: Vec<Turn>,
}

impl Reader<'_> {
    fn take(&mut self, act: &Event) -> Result<()> {
        match act {
            Event::EffectIntended {
                effect,
                function,
                arguments,
                ..
            } => {
                self.begun.insert(*effect, function.clone());
                if function.starts_with("model.") {
                    self.ask(arguments)?;
                } else {
                    self.call(function, arguments)?;
                }
            }
            Event::EffectDone {
                effect, ok, answer, ..
            } => {
                let function = self.begun.remove(effect).unwrap_or_default();
                self.answer(&function, *ok, answer)?;
            }
            Event::Denied {
                act, message, rule, ..
            } => self.say(
                &format!("refused {act}"),
                Value::String(format!("{message} (rule `{rule}`)")),
                &[],
            ),
            Event::Logged { level, message, .. } => {
                // A guest's word is as tainted as the guest: nobody says how much.
                let unknown = ["unknown".to_owned()];
                self.say(
                    &format!("log {level}"),
                    Value::String(message.clone()),
                    &unknown,
                );
            }
            _ => {}
        }
        Ok(())
    }

    /// The messages of a request that the one before did not have.
    fn ask(&mut self, arguments: &[ArgumentRef]) -> Result<()> {
        let Some(request) = arguments.iter().find(|one| one.name == "request") else {
            return Ok(());
        };
        let taint = request.content.label.taint.clone();
        let mut written = self.load(&request.content)?;
        let messages = match written.get_mut("messages").map(Value::take) {
            Some(Value::Array(messages)) => messages,
            _ => Vec::new(),
        };
        let known = self
            .told
            .iter()
            .zip(&messages)
            .take_while(|(old, new)| old == new);
        let known = known.count();
        for message in messages.iter().skip(known) {
            let role = message
                .get("role")
                .and_then(Value::as_str)
                .unwrap_or_default();
            // What the model itself had said was shown as its answer.
            if role == "assistant" && known > 0 {
                continue;
            }
            self.say(role, said(message), &taint);
        }
        self.told = messages;
        Ok(())
    }

    fn call(&mut self, function: &str, arguments: &[ArgumentRef]) -> Result<()> {
        let mut given = serde_json::Map::new();
        let mut taint: Vec<String> = Vec::new();
        for argument in arguments {
            given.insert(argument.name.clone(), self.load(&argument.content)?);
            for tag in &argument.content.label.taint {
                if !taint.contains(tag) {
                    taint.push(tag.clone());
                }
            }
        }
        self.say(&format!("call {function}"), Value::Object(given), &taint);
        Ok(())
    }

    fn answer(&mut self, function: &str, ok: bool, answer: &ContentRef) -> Result<()> {
        let value = self.load(answer)?;
        let (who, value) = if function.starts_with("model.") && ok {
            ("assistant".to_owned(), answered(value))
        } else if ok {
            (format!("answer of {function}"), value)
        } else {
            (format!("failure of {function}"), value)
        };
        self.say(&who, value, &answer.label.taint);
        Ok(())
    }

    fn say(&mut self, who: &str, value: Value, taint: &[String]) {
        self.turns.push(Turn {
            who: who.to_owned(),
            value,
            taint: taint.to_vec(),
        });
    }

    fn load(&self, content: &ContentRef) -> Result<Value> {
        let bytes = self.journal.read_blob(content.digest.parse()?)?;
        serde_json::from_slice(&bytes).context("a stored content is damaged")
    }
}

/// A message as text where it is nothing else.
fn said(message: &Value) -> Value {
    let blocks = message.get("blocks").and_then(Value::as_array);
    let blocks = blocks.map_or(&[][..], Vec::as_slice);
    let is_text = |block: &&Value| block.get("type").and_then(Value::as_str) == Some("text");
    if blocks.iter().filter(is_text).count() < blocks.len() {
        return Value::Array(blocks.to_vec());
    }
    let texts = blocks.iter().filter_map(|block| block.get("text"));
    let texts = texts.map(|text| match text {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Value::String(texts.collect())
}

/// A model's answer without its counts; as text where it called no tool.
fn answered(mut answer: Value) -> Value {
    let calls = answer.get("tool_calls").and_then(Value::as_array);
    let called = calls.is_some_and(|calls| !calls.is_empty());
    if called {
        if let Some(answer) = answer.as_object_mut() {
            answer.remove("usage");
        }
        return answer;
    }
    answer.get_mut("text").map(Value::take).unwrap_or(answer)
}
