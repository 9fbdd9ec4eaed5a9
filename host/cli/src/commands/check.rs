//! `lazaret check`: what can be said of a script before it runs, with its lines.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::Content;
use lazaret_runtime::Host;
use lazaret_runtime::examine::Mode;
use serde_json::{Value, json};

use super::run;
use crate::cli::Check;
use crate::ui::{self, Tone};
use crate::{agents, home, workflows};

/// The file of the script engine in an installation.
const ENGINE: &str = "script.wasm";

/// The exit status where a script has errors.
const WRONG: u8 = 1;

pub(crate) fn run(arguments: &Check) -> Result<ExitCode> {
    let script = find(&arguments.script)?;
    let file = script.path.display().to_string();
    let mode = if arguments.opaque {
        Mode::Opaque
    } else {
        Mode::Float
    };
    let report = examined(&file, &script.source, mode)?;
    let mut findings = Findings::of(&report);
    findings.add_unknown_agents(&report, arguments)?;
    if arguments.json {
        let whole = json!({
            "file": file,
            "meta": report.get("meta"),
            "diagnostics": findings.list,
            "uses": report.get("uses"),
        });
        ui::out(&whole.to_string());
    } else {
        findings.show(&file, &script.source);
    }
    Ok(ExitCode::from(if findings.errors() > 0 {
        WRONG
    } else {
        0
    }))
}

fn find(words: &str) -> Result<workflows::Script> {
    if workflows::is_path(words) {
        return workflows::at(words.as_ref());
    }
    match workflows::named(words)? {
        Some(script) => Ok(script),
        None => bail!(
            "there is no script `{}`: saved are {}",
            ui::escape(words),
            workflows::listed(&workflows::names()?)
        ),
    }
}

/// Asks the installed engine for its report on a script.
pub(super) fn examined(file: &str, source: &str, mode: Mode) -> Result<Value> {
    let engine = engine()?;
    let report = run::alone(async |host: &Host| {
        let instance = host.script_engine(&engine)?.start().await?;
        instance.examine(file, source, mode).await
    })?;
    report.context("the script was not looked at: a signal came first")
}

/// Reads the installed script engine.
pub(super) fn engine() -> Result<Content> {
    let relative = std::path::Path::new("plugins").join(ENGINE);
    let path = home::find(&relative).with_context(|| {
        format!("`{ENGINE}` is in no installation; `lazaret doctor` says where they are")
    })?;
    run::read_component(&path)
}

/// What was found, in the order of the lines.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) list: Vec<Value>,
}

impl Findings {
    pub(super) fn of(report: &Value) -> Self {
        let list = report.get("diagnostics").and_then(Value::as_array);
        let mut list = list.cloned().unwrap_or_default();
        for one in &mut list {
            // As the pages of the codes are called.
            if let Some(code) = one.get_mut("code")
                && let Some(word) = code.as_str()
            {
                *code = Value::from(format!("script.{word}"));
            }
        }
        Self { list }
    }

    pub(super) fn errors(&self) -> usize {
        let is_error = |one: &&Value| one.get("severity").is_some_and(|own| own == "error");
        self.list.iter().filter(is_error).count()
    }

    /// Agent types that are written out and that neither the policy nor a file defines.
    fn add_unknown_agents(&mut self, report: &Value, arguments: &Check) -> Result<()> {
        let definitions = agents::definitions()?;
        let Some(known) = run::known_profiles(arguments.policy.as_deref(), &definitions)? else {
            return Ok(());
        };
        for (name, line, column) in agent_types(report) {
            if known.contains(&name) {
                continue;
            }
            self.list.push(json!({
                "line": line,
                "column": column,
                "code": "unknown-agent-type",
                "message": agents::missing(&name, &definitions),
                "hint": "name a profile that there is, or leave `agentType` out",
                "severity": "error",
            }));
        }
        let place = |one: &Value| (number(one, "line"), number(one, "column"));
        self.list.sort_by_key(place);
        Ok(())
    }

    /// Shows each finding at its line.
    pub(super) fn show(&self, file: &str, source: &str) {
        for one in &self.list {
            ui::note(&shown(one, file, source));
        }
        let errors = self.errors();
        let others = self.list.len() - errors;
        let file = ui::escape(file);
        let said = match (errors, others) {
            (0, 0) => ui::paint(Tone::Good, &format!("{file}: nothing to say")),
            (0, others) => format!("{file}: {others} warning(s)"),
            (errors, others) => ui::paint(
                Tone::Bad,
                &format!("{file}: {errors} error(s), {others} warning(s)"),
            ),
        };
        ui::note(&said);
    }
}

/// Returns the agent types that a script writes out, with their places.
pub(super) fn agent_types(report: &Value) -> Vec<(String, u64, u64)> {
    let all = report
        .pointer("/uses/agent_types")
        .and_then(Value::as_array);
    let all = all.into_iter().flatten();
    all.map(|one| {
        (
            text(one, "name"),
            number(one, "line"),
            number(one, "column"),
        )
    })
    .collect()
}

fn shown(one: &Value, file: &str, source: &str) -> String {
    let (line, column) = (number(one, "line"), number(one, "column"));
    let is_error = one
        .get("severity")
        .is_some_and(|severity| severity == "error");
    let (tone, word) = if is_error {
        (Tone::Bad, "error")
    } else {
        (Tone::Warn, "warning")
    };
    let code = text(one, "code");
    let mut lines = vec![format!(
        "{}: {}",
        ui::paint(tone, &format!("{word}[{code}]")),
        ui::escape(&text(one, "message"))
    )];
    let gutter = " ".repeat(line.to_string().len());
    lines.push(format!("{gutter}--> {}:{line}:{column}", ui::escape(file)));
    let index = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    if let Some(written) = source.lines().nth(index) {
        let indent = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        let width = width(written, indent);
        lines.push(format!("{gutter} |"));
        lines.push(format!("{line} | {}", ui::escape(&cut(written))));
        let marks = "^".repeat(width);
        if indent + width <= MAX_WIDTH {
            lines.push(format!(
                "{gutter} | {}{}",
                " ".repeat(indent),
                ui::paint(tone, &marks)
            ));
        }
    }
    let hint = text(one, "hint");
    lines.push(format!(
        "{gutter} = {}",
        ui::paint(Tone::Dim, &format!("see docs/errors/{code}.md"))
    ));
    if !hint.is_empty() {
        lines.push(format!(
            "{gutter} = {} {}",
            ui::paint(Tone::Good, "next:"),
            ui::escape(&hint)
        ));
    }
    lines.join("\n")
}

/// The most characters of a line that are shown.
const MAX_WIDTH: usize = 160;

fn cut(line: &str) -> String {
    let short: String = line.chars().take(MAX_WIDTH).collect();
    short.replace('\t', " ")
}

/// A word is marked as a whole.
fn width(line: &str, from: usize) -> usize {
    let word = line.chars().skip(from);
    let word = word.take_while(|letter| letter.is_alphanumeric() || "_$'".contains(*letter));
    word.count().max(1)
}

fn text(one: &Value, key: &str) -> String {
    one.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn number(one: &Value, key: &str) -> u64 {
    one.get(key).and_then(Value::as_u64).unwrap_or(1)
}
