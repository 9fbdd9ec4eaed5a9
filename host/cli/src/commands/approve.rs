//! `lazaret approve`, `deny` and `endorse`: a person's word about calls that wait.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, Record, RunId, RunWriter, Status};
use lazaret_runtime::approval::{self, Answer, Question, Word};
use lazaret_workflow::approval::{Item, Items, Standing};
use lazaret_workflow::event::Event;
use serde_json::{Value, json};

use super::{resume, run};
use crate::cli::{Approve, Deny, Endorse};
use crate::prompt::{self, Offer};
use crate::{home, stored, ui};

/// Something of the run still waits for a person.
const EXIT_WAITING: u8 = 3;

pub(crate) fn approve(arguments: &Approve) -> Result<ExitCode> {
    let waiting = Waiting::of(&arguments.run, arguments.item)?;
    if arguments.json {
        let rows = waiting.items.iter().map(|item| waiting.json(item));
        let rows: Vec<Value> = rows.collect::<Result<_>>()?;
        ui::out(&serde_json::to_string_pretty(&rows)?);
        return Ok(exit(waiting.items.len()));
    }
    let left = waiting.walk(Offer::Approve, arguments.edit.as_deref())?;
    let walked_all = arguments.item.is_none() && !waiting.items.is_empty();
    if walked_all && left == 0 {
        return resume::go_on(&waiting.journal, &waiting.id);
    }
    Ok(exit(left))
}

pub(crate) fn endorse(arguments: &Endorse) -> Result<ExitCode> {
    let waiting = Waiting::of(&arguments.run, Some(arguments.item))?;
    if waiting
        .items
        .iter()
        .any(|item| item.call.in_doubt.is_some())
    {
        let (run, item) = (&waiting.id, arguments.item);
        bail!(
            "item {item} asks what became of a call; answer it with `lazaret approve {run} {item}`"
        );
    }
    let left = waiting.walk(Offer::Endorse, None)?;
    Ok(exit(left))
}

/// To refuse something takes no look at it, so that this works without a terminal.
pub(crate) fn deny(arguments: &Deny) -> Result<ExitCode> {
    let waiting = Waiting::of(&arguments.run, arguments.item)?;
    if waiting.items.is_empty() {
        waiting.nothing();
        return Ok(ExitCode::SUCCESS);
    }
    let writer = waiting.writer()?;
    for item in &waiting.items {
        waiting.record(&writer, item, Word::Denied.into())?;
        ui::note(&format!("item {}: denied", item.number));
    }
    Ok(ExitCode::SUCCESS)
}

/// The items of a run that wait.
struct Waiting {
    journal: Journal,
    id: RunId,
    items: Vec<Item>,
}

impl Waiting {
    fn of(text: &str, number: Option<u32>) -> Result<Self> {
        let journal = Journal::open(home::journal()?)?;
        let id = stored::find(&journal, text)?;
        let items = Items::of(&stored::events(&journal, &id)?);
        let now = run::now_ms();
        let items = match number {
            None => {
                let waits = |item: &&Item| item.standing(now) == Standing::Waiting;
                items.all().iter().filter(waits).cloned().collect()
            }
            Some(number) => {
                let Some(item) = items.find(number) else {
                    let asked = items.all().len();
                    bail!("run `{id}` has no item {number}; it has asked {asked} question(s)");
                };
                vec![still_open(item, now)?]
            }
        };
        Ok(Self { journal, id, items })
    }

    fn nothing(&self) {
        ui::note(&format!("nothing of run {} waits for a person", self.id));
    }

    /// Shows each item to its end, records what the person says, and returns how many are left.
    fn walk(&self, offer: Offer, file: Option<&Path>) -> Result<usize> {
        if self.items.is_empty() {
            self.nothing();
            return Ok(0);
        }
        if !prompt::has_person() {
            bail!(
                "a call is approved by somebody who has seen it, on a terminal; \
                 `lazaret approve {} --json` prints what waits, and `lazaret deny` works anywhere",
                self.id
            );
        }
        let writer = self.writer()?;
        let mut left = 0;
        for item in &self.items {
            let question = self.question(item)?;
            let edits = file.map(|file| prompt::from_file(&question, file));
            let edits = edits.transpose()?.unwrap_or_default();
            match prompt::ask_edited(&question, edits, offer) {
                Some(answer) => {
                    let word = self.record(&writer, item, answer)?;
                    ui::note(&format!("item {}: {}", item.number, word.as_str()));
                }
                None => left += 1,
            }
        }
        Ok(left)
    }

    /// Takes the run's lock: a run that goes on elsewhere asks there.
    fn writer(&self) -> Result<RunWriter> {
        self.journal.open_run(&self.id).with_context(|| {
            format!(
                "run `{}` cannot be answered here; if it is going on, answer where it runs",
                self.id
            )
        })
    }

    fn question(&self, item: &Item) -> Result<Question> {
        let mut arguments = Vec::new();
        for argument in &item.call.arguments {
            let bytes = self.journal.read_blob(argument.content.digest.parse()?)?;
            let value = serde_json::from_slice(&bytes)
                .with_context(|| format!("the argument `{}` is damaged", argument.name))?;
            arguments.push((argument.name.clone(), value));
        }
        Ok(Question {
            run: self.id.to_string(),
            item: item.number,
            call: item.call.clone(),
            arguments,
        })
    }

    fn record(&self, writer: &RunWriter, item: &Item, answer: Answer) -> Result<Word> {
        let now = run::now_ms();
        let (word, values) = match answer {
            Answer::Word(word) => (word, Vec::new()),
            Answer::Edited(values) => (Word::Edited, values),
        };
        let editor = item.call.editor.as_ref();
        let (edits, blobs) = match editor {
            Some(editor) => approval::written(values, editor)?,
            None if values.is_empty() => (Vec::new(), Vec::new()),
            None => bail!("the call was asked before calls could be edited; deny it instead"),
        };
        let event = Event::ApprovalSaid {
            item: item.number,
            said: approval::said(&item.call, word, edits, now),
        };
        let mut record = Record::new(event.kind(), serde_json::to_vec(&event)?)?;
        for blob in blobs {
            record = record.with_blob(blob)?;
        }
        if let Some(status) = self.journal.run(&self.id)?.status
            && status.ended_ms().is_some()
        {
            record = record.with_status(Status::ended(status.text(), now)?);
        }
        writer.append(record).wait()?;
        Ok(word)
    }

    fn json(&self, item: &Item) -> Result<Value> {
        let question = self.question(item)?;
        let arguments = question.arguments.into_iter();
        Ok(json!({
            "item": item.number,
            "call": item.call,
            "arguments": arguments.collect::<serde_json::Map<String, Value>>(),
        }))
    }
}

fn exit(left: usize) -> ExitCode {
    if left > 0 {
        return ExitCode::from(EXIT_WAITING);
    }
    ExitCode::SUCCESS
}

fn still_open(item: &Item, now_ms: u64) -> Result<Item> {
    let number = item.number;
    match item.standing(now_ms) {
        Standing::Waiting | Standing::Decided(_) => Ok(item.clone()),
        Standing::Used(word) => bail!("item {number} was {} and is done", word.as_str()),
        Standing::Expired => bail!("item {number} is too old; the run asks again when it goes on"),
    }
}
