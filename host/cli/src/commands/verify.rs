//! `lazaret verify`: whether a receipt is its signer's, and the records are those that it signs.

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId};
use lazaret_workflow::receipt::{self, Facts, MAX_RECEIPT_BYTES, PublicKey};
use serde_json::json;

use super::receipt::facts;
use crate::cli::Verify;
use crate::ui::Tone;
use crate::{home, keys, ui};

pub(crate) fn run(arguments: &Verify) -> Result<ExitCode> {
    let mut trusted = keys::trusted()?;
    for key in &arguments.key {
        trusted.push(key.parse()?);
    }
    let (stated, signer) = receipt::open(&read(&arguments.receipt)?, &trusted)?;
    let records = match &arguments.records {
        Some(file) => Some(format!("of `{}`", compare_file(&stated, file)?)),
        None => compare_own(&stated)?.then(|| "of this journal".to_owned()),
    };
    if arguments.json {
        let compared = records.is_some();
        let shown = json!({"ok": true, "signer": signer.to_string(), "records_compared": compared, "states": stated});
        ui::out(&serde_json::to_string_pretty(&shown)?);
    } else {
        show(&stated, &signer, records.as_deref());
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<String> {
    let named = || format!("`{}`", path.display());
    let bytes = std::fs::metadata(path).with_context(named)?.len();
    if bytes > MAX_RECEIPT_BYTES as u64 {
        bail!(receipt::ReceiptError::TooLong);
    }
    std::fs::read_to_string(path).with_context(named)
}

/// Compares with a file of records, which is read into a journal that lasts for the comparison.
fn compare_file(stated: &Facts, path: &Path) -> Result<String> {
    let file = File::open(path).with_context(|| format!("`{}`", path.display()))?;
    let directory = tempfile::tempdir().context("no place for the records")?;
    let journal = Journal::open(directory.path().join("journal.db"))?;
    journal.import_run(file, None)?;
    let runs = journal.runs(1, None)?;
    let run = runs.first().context("the file holds no run")?;
    stated.agree(&facts(&journal, &run.id)?)?;
    Ok(path.display().to_string())
}

/// Compares with this machine's journal, if it has the run.
fn compare_own(stated: &Facts) -> Result<bool> {
    let journal = Journal::open(home::journal()?)?;
    let Ok(id) = RunId::new(&stated.run) else {
        return Ok(false);
    };
    match journal.run(&id) {
        Err(lazaret_journal::JournalError::RunNotFound(_)) => Ok(false),
        Err(error) => Err(error.into()),
        Ok(_) => {
            stated.agree(&facts(&journal, &id)?)?;
            Ok(true)
        }
    }
}

fn show(stated: &Facts, signer: &PublicKey, records: Option<&str>) {
    ui::note(&ui::paint(Tone::Good, "the receipt is its signer's"));
    ui::out(&format!("signer    {signer}"));
    ui::out(&format!("run       {}", ui::escape(&stated.run)));
    ui::out(&format!("workflow  {}", ui::escape(&stated.workflow)));
    ui::out(&format!("status    {}", stated.status.as_str()));
    let bits = stated.gate_bits;
    ui::out(&format!("gate bits {}.{:03}", bits / 1000, bits % 1000));
    ui::out(&format!("policy    {}", ui::escape(&stated.policy)));
    for plugin in &stated.plugins {
        let (name, digest) = (ui::escape(&plugin.name), ui::escape(&plugin.digest));
        ui::out(&format!("plugin    {digest} {name}"));
    }
    match records {
        Some(place) => {
            let count = stated.head.records;
            ui::out(&format!("records   {count} {place}, each as it was signed"));
        }
        None => ui::note("the records were not compared: `--records FILE` names them"),
    }
}
