//! `lazaret save`: keeps the script of a run under a name, or as a skill that another agent can
//! find and run.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::Journal;
use lazaret_runtime::examine::Mode;
use lazaret_runtime::resume;
use serde_json::Value;

use super::check;
use crate::cli::Save;
use crate::trust::Trust;
use crate::{home, secrets, stored, ui, workflows};

/// The most characters of a saved name.
const MAX_NAME: usize = 64;

/// The script's file in a skill.
const SCRIPT: &str = "workflow.js";

/// What a skill says of itself.
const SKILL: &str = include_str!("save/SKILL.md");

pub(crate) fn run(arguments: &Save) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let launch = resume::launch(&journal, &id, secrets::keys(), std::sync::Arc::new(|_| {}))?;
    let Some(script) = launch.script else {
        bail!(
            "run {id} has no script: its orchestrator is a component, which is installed already"
        );
    };
    check_name(&arguments.name)?;
    if let Some(directory) = &arguments.skill {
        skill(directory, &arguments.name, &script.source, arguments.force)?;
    } else if arguments.project {
        let place = std::env::current_dir().context("the working directory is gone")?;
        let path = place
            .join(".lazaret/workflows")
            .join(format!("{}.js", arguments.name));
        write(&path, &script.source, arguments.force)?;
        // Who saves it has said that it is right.
        let mut trust = Trust::load()?;
        trust.add(&path, &script.source)?;
        trust.save()?;
        say(&path, &arguments.name);
    } else {
        own(&arguments.name, &script.source, arguments.force)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Saves a script among the user's own.
pub(super) fn own(name: &str, source: &str, force: bool) -> Result<()> {
    check_name(name)?;
    let path = workflows::own_place()?.join(format!("{name}.js"));
    write(&path, source, force)?;
    say(&path, name);
    Ok(())
}

fn say(path: &Path, name: &str) {
    ui::note(&format!(
        "saved  {}; `lazaret run {name}` runs it",
        path.display()
    ));
}

/// Writes a skill: the script, and what it is for in the form that agents look for.
fn skill(directory: &Path, name: &str, source: &str, force: bool) -> Result<()> {
    let report = check::examined(SCRIPT, source, Mode::Float)?;
    let meta = |key: &str| {
        let value = report
            .pointer(&format!("/meta/{key}"))
            .and_then(Value::as_str);
        value.unwrap_or_default().replace(['\n', '\r'], " ")
    };
    let place = directory.join(name);
    let description = match meta("whenToUse") {
        when if when.is_empty() => meta("description"),
        when => format!("{} {when}", meta("description")),
    };
    let text = SKILL
        .replace("{name}", name)
        .replace("{description}", &Value::from(description).to_string())
        .replace("{path}", &place.join(SCRIPT).display().to_string())
        .replace("{phases}", &phases(&report));
    write(&place.join(SCRIPT), source, force)?;
    write(&place.join("SKILL.md"), &text, force)?;
    ui::note(&format!(
        "saved  {}: a skill with its workflow",
        place.display()
    ));
    Ok(())
}

fn phases(report: &Value) -> String {
    let phases = report.pointer("/meta/phases").and_then(Value::as_array);
    let lines = phases.into_iter().flatten().filter_map(|phase| {
        let title = phase.get("title")?.as_str()?;
        let detail = phase.get("detail").and_then(Value::as_str);
        Some(match detail {
            Some(detail) => format!("- {title}: {detail}"),
            None => format!("- {title}"),
        })
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return "It has one phase.".to_owned();
    }
    lines.join("\n")
}

fn check_name(name: &str) -> Result<()> {
    let fits = !name.is_empty()
        && name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !fits {
        bail!(
            "`{}` is no name: write letters, digits, `-` and `_`, at most {MAX_NAME}",
            ui::escape(name)
        );
    }
    Ok(())
}

fn write(path: &Path, text: &str, force: bool) -> Result<()> {
    let directory = path.parent().context("a file stands in a directory")?;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("`{}` could not be made", directory.display()))?;
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!(
            "`{}` is there already: choose another name, or `--force`",
            path.display()
        ),
        opened => opened.with_context(|| format!("`{}` could not be written", path.display()))?,
    };
    file.write_all(text.as_bytes())
        .with_context(|| format!("`{}` could not be written", path.display()))
}
