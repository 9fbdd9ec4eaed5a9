//! `lazaret secret`: stores keys so that policies can name them.

use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::cli::{Secret, SecretAct};
use crate::{secrets, ui};

pub(crate) fn run(arguments: &Secret) -> Result<ExitCode> {
    match &arguments.act {
        SecretAct::Set { name } => set(name),
        SecretAct::List { json } => list(*json),
        SecretAct::Remove { name } => remove(name),
    }
}

fn set(name: &str) -> Result<ExitCode> {
    let value = value(name)?;
    let value = value.trim();
    if value.is_empty() {
        bail!("an empty secret is not stored");
    }
    if value.len() > secrets::MAX_BYTES {
        bail!("a secret has at most {} bytes", secrets::MAX_BYTES);
    }
    secrets::set(name, value)?;
    ui::note(&format!(
        "`{name}` is stored; a policy names it `secret:{name}`"
    ));
    Ok(ExitCode::SUCCESS)
}

/// From the terminal without showing it, or from a pipe. Never from an argument, which other
/// users of the machine could see.
fn value(name: &str) -> Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Value of `{name}` (not shown): "))
            .context("the terminal could not be read");
    }
    let mut value = String::new();
    let limit = u64::try_from(secrets::MAX_BYTES).unwrap_or(u64::MAX);
    std::io::stdin()
        .take(limit.saturating_add(2))
        .read_to_string(&mut value)
        .context("standard input could not be read")?;
    Ok(value)
}

fn list(json: bool) -> Result<ExitCode> {
    let names = secrets::names()?;
    if json {
        ui::out(&serde_json::json!(names).to_string());
    } else if names.is_empty() {
        ui::note("no secret is stored; `lazaret secret set NAME` stores one");
    } else {
        for name in &names {
            ui::out(name);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(name: &str) -> Result<ExitCode> {
    if !secrets::remove(name)? {
        bail!("no secret `{}` is stored", ui::escape(name));
    }
    ui::note(&format!("`{name}` is removed"));
    Ok(ExitCode::SUCCESS)
}
