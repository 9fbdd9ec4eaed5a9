//! `lazaret test`: runs a component on the cases of a file, with scripted models and tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use lazaret_build::project::Project;
use lazaret_journal::{Content, Journal, RunId};
use lazaret_policy::policy::Policy;
use lazaret_runtime::approval::Asking;
use lazaret_runtime::{Launch, Report};
use serde_json::json;

use crate::cli::Test;
use crate::problem::Problems;
use crate::ui::{self, Tone};
use crate::{home, secrets};

use super::run;

mod case;

use case::Case;

/// Milliseconds since 1970 at which every case starts: a test gives the same each day.
const STARTED_MS: u64 = 1_700_000_000_000;

/// Every case has a journal of its own.
const RUN: &str = "testtesttest";

pub(crate) fn run(arguments: &Test) -> Result<ExitCode> {
    let directory = &arguments.directory;
    if !arguments.no_build {
        lazaret_build::build(&Project::open(directory)?, &home::build_place()?)?;
    }
    let cases = case::read(&directory.join(&arguments.file))?;
    let stage = Stage::open(directory)?;
    let mut failed = 0;
    let mut rows = Vec::new();
    for case in &cases {
        let wrong = stage.play(case)?;
        failed += usize::from(!wrong.is_empty());
        if arguments.json {
            rows.push(json!({"case": case.name, "ok": wrong.is_empty(), "wrong": wrong}));
            continue;
        }
        let mark = if wrong.is_empty() {
            ui::paint(Tone::Good, "ok    ")
        } else {
            ui::paint(Tone::Bad, "FAILED")
        };
        ui::out(&format!("{mark} {}", ui::escape(&case.name)));
        for line in wrong.iter().flat_map(|text| text.lines()) {
            ui::out(&format!("         {}", ui::escape(line)));
        }
    }
    if arguments.json {
        ui::out(&serde_json::Value::from(rows).to_string());
    }
    ui::note(&format!("{} passed, {failed} failed", cases.len() - failed));
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What all cases have in common.
struct Stage {
    directory: PathBuf,
    text: String,
    components: BTreeMap<String, Content>,
}

impl Stage {
    fn open(directory: &Path) -> Result<Self> {
        let file = directory.join("lazaret.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("`{}` could not be read", file.display()))?;
        let policy = parse(&text)?;
        let places = run::places(&file, None);
        let mut components = BTreeMap::new();
        for plugin in policy.plugins() {
            components.insert(plugin.name.clone(), run::load_component(plugin, &places)?);
        }
        Ok(Self {
            directory: directory.canonicalize().context("the directory is gone")?,
            text,
            components,
        })
    }

    /// Runs one case and says what is not as it should be.
    fn play(&self, case: &Case) -> Result<Vec<String>> {
        let scratch = tempfile::tempdir().context("no room for a journal")?;
        let launch = Launch {
            policy: parse(&self.text)?,
            policy_text: self.text.clone(),
            components: self.components.clone(),
            script: None,
            state: None,
            library: lazaret_runtime::scripts::no_library(),
            tokens: None,
            argument_name: format!("the case `{}`", case.name),
            argument: case.input.to_string().into_bytes(),
            directory: self.directory.clone(),
            keys: secrets::keys(),
            journal: Journal::open(scratch.path().join("journal.db"))?,
            id: RunId::new(RUN)?,
            seed: 1,
            started_ms: STARTED_MS,
            observer: Arc::new(|_| {}),
        };
        let script = case.script();
        let answers = script.stand_in();
        let report = run::carry(Asking::nobody(), async |host| {
            host.run_with(launch, answers).await
        })?;
        let report = report.context("the test was interrupted")?;
        Ok(judge(case, &report)
            .into_iter()
            .chain(script.unused())
            .collect())
    }
}

fn parse(text: &str) -> Result<Policy> {
    Ok(Policy::parse("lazaret.toml", text).map_err(|all| Problems {
        source: text.to_owned(),
        all,
    })?)
}

fn judge(case: &Case, report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let failures: Vec<&str> = report
        .failures
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    match (&case.answer, &case.fails) {
        (_, Some(text)) => {
            if !failures
                .iter()
                .any(|failure| failure.contains(text.as_str()))
            {
                wrong.push(format!("it should have failed with `{text}`: {failures:?}"));
            }
        }
        (Some(answer), None) if report.result.as_ref() != Some(answer) => {
            let shown = report.result.as_ref();
            let shown = shown.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            wrong.push(format!("the answer is {shown}, not {answer}"));
            wrong.extend(failures.iter().map(|failure| (*failure).to_owned()));
        }
        (None, None) if !failures.is_empty() => {
            wrong.extend(failures.iter().map(|failure| (*failure).to_owned()));
        }
        (Some(_) | None, None) => {}
    }
    if let Some(refused) = &case.refused {
        let rules: Vec<&String> = report.denials.iter().map(|one| &one.rule).collect();
        if rules != refused.iter().collect::<Vec<_>>() {
            wrong.push(format!("refused were {rules:?}, not {refused:?}"));
        }
    }
    wrong
}
