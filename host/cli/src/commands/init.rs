//! `lazaret init`: looks at a project, asks one question, and writes a policy for it.

use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::policy::check;
use crate::cli::Init;
use crate::problem::Problems;
use crate::trust::Trust;
use crate::{prompt, ui};

mod found;
mod text;

use found::{Found, Models};

/// The file that is written.
const FILE: &str = "lazaret.toml";

pub(crate) fn run(arguments: &Init) -> Result<ExitCode> {
    let file = Path::new(FILE);
    if file.exists() {
        bail!(
            "`{FILE}` is here already and is not overwritten; `lazaret policy check` judges it, and without it `lazaret init` writes another"
        );
    }
    let found = Found::here(&std::env::current_dir().context("the working directory is gone")?);
    let public = arguments.web || !arguments.yes && ask(&found)?;
    let text = text::policy(&found, public);
    write(file, &text)?;
    // What was just written here is the operator's own word.
    let mut trust = Trust::load()?;
    trust.add(file, &text)?;
    trust.save()?;
    let (source, checked) = check::read(file)?;
    if !checked.errors.is_empty() {
        let all = checked.errors;
        return Err(Problems { source, all }.into());
    }
    if arguments.json {
        ui::out(&report(&found, public).to_string());
    } else {
        say(&found, public);
    }
    Ok(ExitCode::SUCCESS)
}

/// A project whose text may go to web sites lets every page that an agent asks for carry it away.
fn ask(found: &Found) -> Result<bool> {
    if !prompt::has_person() {
        return Ok(false);
    }
    ui::prompt(&format!(
        "May the text of `{}` reach web sites, as part of what agents ask them? [y/N] ",
        ui::escape(&found.name)
    ));
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("the answer could not be read")?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes" | "Yes"))
}

/// Never over a file that came meanwhile.
fn write(file: &Path, text: &str) -> Result<()> {
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file);
    let mut opened = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("`{FILE}` is here already and is not overwritten")
        }
        opened => opened.with_context(|| format!("`{FILE}` could not be made"))?,
    };
    let written = opened.write_all(text.as_bytes());
    written.with_context(|| format!("`{FILE}` could not be written"))
}

fn say(found: &Found, public: bool) {
    let what = if found.kinds.is_empty() {
        "no build file that is known here".to_owned()
    } else {
        let names: Vec<&str> = found.kinds.iter().map(|kind| kind.name()).collect();
        names.join(", ")
    };
    let repository = if found.is_repository {
        "a git repository"
    } else {
        "no git repository"
    };
    ui::note(&format!("found: {repository}; {what}"));
    match &found.models {
        Models::Found(all) => {
            let names: Vec<&str> = all.iter().map(|one| one.name).collect();
            ui::note(&format!("models: {}", names.join(", ")));
        }
        Models::Nowhere => ui::note(
            "models: none was found; `[models]` names Ollama, which you may replace (docs/models.md)",
        ),
    }
    let web = if public {
        "may reach web sites"
    } else {
        "stays with you and your models; each exception is asked"
    };
    ui::note(&format!("this project's text {web}"));
    ui::out(&format!("wrote {FILE}"));
    ui::note("next: read it; `lazaret policy check` judges it, `lazaret doctor` asks the models");
}

fn report(found: &Found, public: bool) -> serde_json::Value {
    let models: Vec<&str> = match &found.models {
        Models::Found(all) => all.iter().map(|one| one.name).collect(),
        Models::Nowhere => Vec::new(),
    };
    let kinds: Vec<&str> = found.kinds.iter().map(|kind| kind.name()).collect();
    json!({
        "file": FILE, "repository": found.is_repository, "kinds": kinds,
        "models": models, "text_may_reach_web": public,
    })
}
