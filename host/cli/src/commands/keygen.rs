//! `lazaret keygen`: a key to sign receipts with.

use std::process::ExitCode;

use anyhow::Result;

use crate::{keys, ui};

pub(crate) fn run() -> Result<ExitCode> {
    let (path, key) = keys::make()?;
    ui::note(&format!("the private key is in `{}`", path.display()));
    ui::note("others check your receipts with this public key:");
    ui::out(&key.public().to_string());
    Ok(ExitCode::SUCCESS)
}
