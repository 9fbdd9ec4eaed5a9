//! `lazaret import`: another machine's run, if a trusted key signed its receipt.

use std::fs::File;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_journal::{Head, Journal};
use lazaret_workflow::receipt;

use crate::cli::Import;
use crate::{home, keys, ui};

pub(crate) fn run(arguments: &Import) -> Result<ExitCode> {
    let mut trusted = keys::trusted()?;
    for key in &arguments.key {
        trusted.push(key.parse()?);
    }
    let named = || format!("`{}`", arguments.receipt.display());
    let text = std::fs::read_to_string(&arguments.receipt).with_context(named)?;
    let (stated, signer) = receipt::open(&text, &trusted)?;
    let expected = Head {
        count: stated.head.records,
        hash: stated.head.hash.parse()?,
    };
    let file = File::open(&arguments.file);
    let file = file.with_context(|| format!("`{}`", arguments.file.display()))?;
    let journal = Journal::open(home::journal()?)?;
    let head = journal.import_run(file, Some(expected))?;
    ui::note(&format!(
        "{} records of run {}, signed by {signer}",
        head.count,
        ui::escape(&stated.run)
    ));
    Ok(ExitCode::SUCCESS)
}
