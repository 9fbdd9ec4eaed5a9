//! `lazaret export`: a run's records as a file that travels.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_journal::Journal;

use crate::cli::Export;
use crate::{home, stored, ui};

pub(crate) fn run(arguments: &Export) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let named = || format!("`{}`", arguments.file.display());
    let mut out = BufWriter::new(File::create_new(&arguments.file).with_context(named)?);
    let head = journal.export_run(&id, &mut out)?;
    out.flush().with_context(named)?;
    ui::note(&format!(
        "{} records of run {id}; whoever reads the file reads what the run read",
        head.count
    ));
    Ok(ExitCode::SUCCESS)
}
