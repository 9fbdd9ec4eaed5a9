//! What a receipt states, taken from the run's records.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ReceiptError;
use crate::event::{Event, PluginUse};
use crate::status::Status;

/// The end of a run's hash chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many records the run has.
    pub records: u64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
}

/// Something that the run was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it was for.
    pub name: String,
    /// SHA-256 of a salt and the content's digest. The salt derives from the run's seed, which
    /// only its records have: nobody else can try inputs until one fits.
    pub salted_digest: String,
}

/// What a receipt states of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The run's id.
    pub run: String,
    /// The end of its hash chain.
    pub head: Head,
    /// The workflow's name.
    pub workflow: String,
    /// How the run ended.
    pub status: Status,
    /// Milliseconds since 1970 at which it started.
    pub started_ms: u64,
    /// SHA-256 of the policy's text.
    pub policy: String,
    /// The plugins that it used, by name.
    pub plugins: Vec<PluginUse>,
    /// What it was given.
    pub inputs: Vec<Input>,
    /// Thousandths of a bit that untrusted content could decide.
    pub gate_bits: u64,
}

impl Facts {
    /// Takes the facts from a run's events, of which the last has to be its end.
    pub fn of<'e>(
        run: &str,
        head: Head,
        events: impl IntoIterator<Item = &'e Event>,
    ) -> Result<Self, ReceiptError> {
        let mut is_foreign = false;
        let mut events = events
            .into_iter()
            .inspect(|event| is_foreign |= **event == Event::TakenIn);
        let first = events.next().and_then(start);
        let first = first.ok_or(ReceiptError::NotEnded("its first record is not its start"))?;
        let Some(Event::RunFinished { status, bits, .. }) = events.by_ref().last() else {
            return Err(ReceiptError::NotEnded("its last record is not its end"));
        };
        if is_foreign {
            let why = "a part of it was taken in without a receipt that is trusted here";
            return Err(ReceiptError::NotEnded(why));
        }
        Ok(Self {
            run: run.to_owned(),
            head,
            status: *status,
            gate_bits: *bits,
            ..first
        })
    }

    /// Compares what a receipt states with what the records show.
    pub fn agree(&self, found: &Self) -> Result<(), ReceiptError> {
        let pairs = [
            ("the run", &self.run, &found.run),
            ("the last hash", &self.head.hash, &found.head.hash),
            ("the workflow", &self.workflow, &found.workflow),
            ("the policy", &self.policy, &found.policy),
        ];
        for (field, stated, found) in pairs {
            same(field, stated, found)?;
        }
        same("records", &self.head.records, &found.head.records)?;
        same("the status", &self.status.as_str(), &found.status.as_str())?;
        same("the start", &self.started_ms, &found.started_ms)?;
        same("the plugins", &plugins(self), &plugins(found))?;
        same("the inputs", &inputs(self), &inputs(found))?;
        same("gate bits", &self.gate_bits, &found.gate_bits)
    }
}

fn same<T: PartialEq + ToString>(
    field: &'static str,
    stated: &T,
    found: &T,
) -> Result<(), ReceiptError> {
    if stated == found {
        return Ok(());
    }
    Err(ReceiptError::Differs {
        field,
        stated: stated.to_string(),
        found: found.to_string(),
    })
}

fn plugins(facts: &Facts) -> String {
    let words = facts.plugins.iter();
    let words: Vec<_> = words
        .map(|one| format!("{}@{}", one.name, one.digest))
        .collect();
    words.join(", ")
}

fn inputs(facts: &Facts) -> String {
    let words = facts.inputs.iter();
    let words: Vec<_> = words
        .map(|one| format!("{}@{}", one.name, one.salted_digest))
        .collect();
    words.join(", ")
}

/// The facts of a run's first record; what only its end shows is filled in by the caller.
fn start(event: &Event) -> Option<Facts> {
    let Event::RunStarted {
        workflow,
        policy,
        plugins,
        arguments,
        seed,
        started_ms,
        ..
    } = event
    else {
        return None;
    };
    Some(Facts {
        run: String::new(),
        head: Head {
            records: 0,
            hash: String::new(),
        },
        workflow: workflow.clone(),
        status: Status::Running,
        started_ms: *started_ms,
        policy: policy.clone(),
        plugins: plugins.clone(),
        inputs: vec![Input {
            name: "args".to_owned(),
            salted_digest: salted(*seed, &arguments.digest),
        }],
        gate_bits: 0,
    })
}

fn salted(seed: u64, digest: &str) -> String {
    let mut salt = Sha256::new();
    salt.update(b"lazaret receipt salt 1");
    salt.update(seed.to_be_bytes());
    let mut hash = Sha256::new();
    hash.update(salt.finalize());
    hash.update(digest.as_bytes());
    let mut text = String::new();
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").ok();
    }
    text
}
