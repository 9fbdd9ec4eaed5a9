//! `lazaret import`: another machine's run, if a trusted key signed its receipt; or as unknown.

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_journal::{Head, Journal, Record};
use lazaret_workflow::event::Event;
use lazaret_workflow::receipt;

use crate::cli::Import;
use crate::{home, keys, ui};

pub(crate) fn run(arguments: &Import) -> Result<ExitCode> {
    let Some(receipt) = &arguments.receipt else {
        return untrusted(&arguments.file);
    };
    let mut trusted = keys::trusted()?;
    for key in &arguments.key {
        trusted.push(key.parse()?);
    }
    let named = || format!("`{}`", receipt.display());
    let text = std::fs::read_to_string(receipt).with_context(named)?;
    let (stated, signer) = receipt::open(&text, &trusted)?;
    let expected = Head {
        count: stated.head.records,
        hash: stated.head.hash.parse()?,
    };
    let journal = Journal::open(home::journal()?)?;
    let head = journal.import_run(open(&arguments.file)?, Some(expected))?;
    ui::note(&format!(
        "{} records of run {}, signed by {signer}",
        head.count,
        ui::escape(&stated.run)
    ));
    Ok(ExitCode::SUCCESS)
}

/// A run that nobody vouches for, marked as such.
fn untrusted(file: &Path) -> Result<ExitCode> {
    let mark = Event::TakenIn;
    let mark = Record::new(mark.kind(), serde_json::to_vec(&mark)?)?;
    let journal = Journal::open(home::journal()?)?;
    let head = journal.import_marked(open(file)?, mark)?;
    ui::note(&format!(
        "{} records, which nobody vouches for: all that they hold counts as unknown",
        head.count
    ));
    Ok(ExitCode::SUCCESS)
}

fn open(file: &Path) -> Result<File> {
    File::open(file).with_context(|| format!("`{}`", file.display()))
}
