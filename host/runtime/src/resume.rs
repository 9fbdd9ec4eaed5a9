//! Carries a run on: from its journal alone, under its own policy or another.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};

use lazaret_journal::{Blob, Journal, JournalError, RunId, Sequence, StoredRecord};
use lazaret_policy::compiled::Outside;
use lazaret_policy::policy::Policy;
use lazaret_workflow::event::{ContentRef, Event, LaunchRef, ScriptArgs, ScriptRef};
use lazaret_workflow::replay::{Past, PastEffect, Replay, Settings};
use serde_json::Value;

use crate::counters;
use crate::error::HostError;
use crate::host::{Host, Opening};
use crate::launch::{Launch, Script, ScriptArguments};
use crate::models::Keys;
use crate::payload::Payload;
use crate::progress::Observer;
use crate::report::{Failure, Report};
use crate::run::Run;
use crate::scripts::{State, no_library};

impl Host {
    /// Carries a run on to its end. `launch` is what [`launch`] gives, or what the operator
    /// has changed of it: only what that changes runs again.
    pub async fn resume(&self, launch: Launch, settings: Settings) -> Result<Report, HostError> {
        // The lock comes first: what is read then is all there is.
        let writer = launch.journal.open_run(&launch.id)?;
        let past = past(&launch.journal, &launch.id)?;
        if past.is_foreign && crate::plugin::digest(launch.policy_text.as_bytes()) == past.policy {
            return Err(HostError::NotResumable(
                "it was taken in without a trusted receipt, and so was its policy: go on under one of your own with `--policy FILE`"
                    .to_owned(),
            ));
        }
        let replay = Box::new(Replay::new(past, settings));
        let carried = Box::pin(self.carry(launch, Opening::Again(writer, replay))).await;
        let (report, _run) = carried?;
        Ok(report)
    }
}

/// Returns what a run was last started from, out of its journal.
pub fn launch(
    journal: &Journal,
    id: &RunId,
    keys: Keys,
    observer: Observer,
) -> Result<Launch, HostError> {
    let kinds = ["run-started", "resumed"];
    let past = Past::read(read(
        id,
        journal.records_of(id, &kinds)?.into_iter().map(Ok),
    )?);
    let started = past.started.zip(past.launch.as_ref());
    let Some(((seed, started_ms), stored)) = started else {
        return Err(HostError::NotResumable(
            "its journal does not say what it was started from: it had not begun, or an earlier version wrote it"
                .to_owned(),
        ));
    };
    let policy_text = text(journal, &past.policy)?;
    let policy = Policy::parse("the run's policy", &policy_text).map_err(HostError::Policy)?;
    let mut components = BTreeMap::new();
    for plugin in &past.plugins {
        let component = journal.read_content(plugin.digest.parse()?)?;
        components.insert(plugin.name.clone(), component);
    }
    let argument = journal.read_blob(stored.argument.parse()?)?;
    let script = stored.script.as_ref();
    Ok(Launch {
        policy,
        policy_text,
        components,
        script: script
            .map(|script| load_script(journal, script, &argument))
            .transpose()?,
        state: stored
            .state
            .as_ref()
            .map(|state| load_state(journal, state))
            .transpose()?,
        library: no_library(),
        tokens: stored
            .tokens
            .or_else(|| script.and_then(|script| script.token_budget)),
        argument_name: stored.argument_name.clone(),
        argument,
        directory: PathBuf::from(&stored.directory),
        keys,
        journal: journal.clone(),
        id: id.clone(),
        seed,
        started_ms,
        observer,
    })
}

/// Puts into the content store what a later part starts from: files may change meanwhile.
pub(crate) fn store(launch: &Launch) -> Result<(LaunchRef, Vec<Blob>), HostError> {
    let mut blobs = Vec::new();
    for component in launch.components.values() {
        blobs.push(Blob::of(component.clone(), "{}", "application/wasm")?);
    }
    let mut keep = |bytes: &[u8], media: &str| -> Result<String, HostError> {
        let blob = Blob::new(bytes, "{}", media)?;
        let digest = blob.digest().to_string();
        blobs.push(blob);
        Ok(digest)
    };
    keep(launch.policy_text.as_bytes(), "application/toml")?;
    let script = match &launch.script {
        None => None,
        Some(script) => Some(ScriptRef {
            file: script.file.clone(),
            source: keep(script.source.as_bytes(), "text/javascript")?,
            token_budget: None,
            untrusted: !script.trusted,
            arguments: match script.arguments {
                ScriptArguments::Absent => ScriptArgs::Absent,
                ScriptArguments::Typed(_) => ScriptArgs::Typed,
                ScriptArguments::Launch => ScriptArgs::Launch,
            },
        }),
    };
    let state = match &launch.state {
        None => None,
        Some(state) => Some(ContentRef {
            digest: keep(state.value.to_string().as_bytes(), "application/json")?,
            label: state.label.clone(),
        }),
    };
    let stored = LaunchRef {
        argument_name: launch.argument_name.clone(),
        argument: keep(&launch.argument, "application/json")?,
        directory: launch.directory.display().to_string(),
        tokens: launch.tokens,
        state,
        script,
    };
    Ok((stored, blobs))
}

/// Gives the monitor and the tally what earlier parts have spent.
pub(crate) fn remember(run: &Run) {
    let (bits, usage, spending) = {
        let replay = run.replay();
        let past = replay.past();
        (past.bits.clone(), past.usage, past.spending.clone())
    };
    let charges: Vec<_> = bits.iter().map(|bits| run.charge_of(bits)).collect();
    run.monitor().recall_charges(charges, Payload::identity);
    run.tally().recall(usage, &spending);
    let counters = counters::of_past(run, &run.replay().past().calls);
    *run.counters() = counters;
}

/// Returns the effects that were made and that nobody asked for again.
pub(crate) fn unrequested(run: &Run) -> Vec<Failure> {
    let replay = run.replay();
    let left = replay
        .unrequested()
        .filter(|(_, effect)| changes(run, effect));
    let left = left.map(|(step, effect)| {
        let message = match &effect.answer {
            Some(_) => format!("`{}` was called and stays done", effect.function),
            None => format!("`{}` was begun and may have been done", effect.function),
        };
        Failure::told(format!("step {step}"), message)
    });
    left.collect()
}

/// Returns whether something is different outside the run after the effect.
fn changes(run: &Run, effect: &PastEffect) -> bool {
    let id = run.compiled.function_id(&effect.function);
    let function = id.and_then(|id| run.compiled.function(id));
    // One that the policy does not name any more may have changed anything.
    function.is_none_or(|function| run.compiled.outside(&function.kind) != Outside::Nothing)
}

fn load_script(
    journal: &Journal,
    stored: &ScriptRef,
    argument: &[u8],
) -> Result<Script, HostError> {
    let arguments = match stored.arguments {
        ScriptArgs::Absent => ScriptArguments::Absent,
        ScriptArgs::Launch => ScriptArguments::Launch,
        ScriptArgs::Typed => {
            let value: Value = serde_json::from_slice(argument)
                .map_err(|_never| HostError::Internal("a stored argument is no JSON"))?;
            ScriptArguments::Typed(value)
        }
    };
    Ok(Script {
        file: stored.file.clone(),
        source: text(journal, &stored.source)?,
        trusted: !stored.untrusted,
        arguments,
    })
}

/// The bits that decided on this round stand among the run's own records.
fn load_state(journal: &Journal, stored: &ContentRef) -> Result<State, HostError> {
    let bytes = journal.read_blob(stored.digest.parse()?)?;
    let value = serde_json::from_slice(&bytes)
        .map_err(|_never| HostError::Internal("a stored state is no JSON"))?;
    Ok(State {
        value,
        label: stored.label.clone(),
        decided: 0,
    })
}

pub(crate) fn past(journal: &Journal, id: &RunId) -> Result<Past, HostError> {
    let records = journal.records(id, Sequence::FIRST);
    Ok(Past::read(read(id, records)?))
}

/// How many records are read as events together, while the next are fetched and checked.
const TOGETHER: usize = 256;

/// How many such lots may wait to be read.
const LOTS: usize = 4;

/// Reads the events of records. Fetching them with the check of their chain and reading what they
/// say take about as long, so a thread does the second.
fn read(
    id: &RunId,
    records: impl Iterator<Item = Result<StoredRecord, JournalError>>,
) -> Result<Vec<Event>, HostError> {
    std::thread::scope(|scope| {
        let (lots, fetched) = sync_channel::<Vec<StoredRecord>>(LOTS);
        let reader = scope.spawn(move || {
            let lots = fetched.into_iter().flatten();
            lots.map(|record| event(id, &record)).collect()
        });
        let all = fetch(records, &lots);
        drop(lots);
        let events = reader.join();
        all?;
        events.unwrap_or(Err(HostError::Internal("a journal's reader panicked")))
    })
}

/// Hands records on in lots; stops where nobody takes them any more.
fn fetch(
    mut records: impl Iterator<Item = Result<StoredRecord, JournalError>>,
    lots: &SyncSender<Vec<StoredRecord>>,
) -> Result<(), JournalError> {
    loop {
        let lot: Vec<_> = records.by_ref().take(TOGETHER).collect::<Result<_, _>>()?;
        if lot.is_empty() || lots.send(lot).is_err() {
            return Ok(());
        }
    }
}

fn event(id: &RunId, record: &StoredRecord) -> Result<Event, HostError> {
    serde_json::from_slice(record.payload()).map_err(|_unknown| {
        let number = record.sequence();
        HostError::NotResumable(format!("record {number} of run {id} is of no known kind"))
    })
}

fn text(journal: &Journal, stored: &str) -> Result<String, HostError> {
    String::from_utf8(journal.read_blob(stored.parse()?)?)
        .map_err(|_binary| HostError::Internal("a stored text is no UTF-8"))
}
