//! `lazaret plan`: a model writes a workflow for a request in plain words. It is checked, shown
//! with its estimate, and run after consent.
//!
//! The planner gets the request and the language, and no tools: it sees nothing that strangers
//! wrote, and a plan that carries any taint is refused.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::examine::Mode;
use lazaret_runtime::{Script, ScriptArguments};
use lazaret_workflow::status::Status;
use serde_json::{Value, json};

use super::run::{self, Prepared};
use super::{check, save};
use crate::cli::{Plan, Run};
use crate::progress::Display;
use crate::prompt;
use crate::ui::{self, Tone};

/// What the planner is taught.
const TEACHING: &str = include_str!("plan/prompt.md");

/// What runs the planner.
const PLANNER: &str = include_str!("plan/planner.js");

/// How often the planner is told what is wrong with its script.
const MAX_ATTEMPTS: u32 = 3;

/// What messages call the script.
const FILE: &str = "plan.js";

/// A workflow that a model wrote.
struct Planned {
    fits: String,
    reason: String,
    script: String,
}

pub(crate) fn run(arguments: &Plan) -> Result<ExitCode> {
    let (planned, findings) = plan(arguments)?;
    let script = Script {
        file: FILE.to_owned(),
        source: planned.script.clone(),
        trusted: true,
        arguments: run::script_arguments(arguments.args.as_deref())?,
    };
    if arguments.json {
        let whole = json!({
            "fits": planned.fits, "reason": planned.reason, "script": planned.script,
            "diagnostics": findings.list,
        });
        ui::out(&whole.to_string());
    } else {
        ui::note(&ui::paint(
            Tone::Bold,
            &format!(
                "{}: {}",
                ui::escape(&planned.fits),
                ui::escape(&planned.reason)
            ),
        ));
        for line in planned.script.lines() {
            ui::out(&ui::escape(line));
        }
        findings.show(FILE, &planned.script);
    }
    if let Some(name) = &arguments.save {
        save::own(name, &planned.script, arguments.force)?;
    }
    if findings.errors() > 0 {
        bail!("the plan has errors after {MAX_ATTEMPTS} attempts; say the request in other words");
    }
    let order = order(arguments);
    let prepared = Prepared::new(&order, Some(script))?;
    if arguments.json {
        return Ok(ExitCode::SUCCESS);
    }
    run::dry_run(&prepared, false)?;
    let agreed = arguments.yes || (prompt::has_person() && prompt::yes("Run it?"));
    if !agreed {
        ui::note("not run; `--yes` agrees, `--save NAME` keeps it");
        return Ok(ExitCode::SUCCESS);
    }
    run::start(&prepared, &order)
}

fn order(arguments: &Plan) -> Run {
    Run {
        workflow: FILE.to_owned(),
        args: arguments.args.clone(),
        policy: arguments.policy.clone(),
        tokens: arguments.tokens,
        ..Run::default()
    }
}

/// Asks the planner, and again with what is wrong while its script has errors.
fn plan(arguments: &Plan) -> Result<(Planned, check::Findings)> {
    let mut prompt = format!("{TEACHING}\n# The request\n{}\n", arguments.request);
    let mut attempt = 1;
    loop {
        let planned = ask(arguments, &prompt)?;
        let report = check::examined(FILE, &planned.script, Mode::Float)?;
        let findings = check::Findings::of(&report);
        if findings.errors() == 0 || attempt == MAX_ATTEMPTS {
            return Ok((planned, findings));
        }
        ui::note(&format!(
            "the plan has {} error(s); asking again",
            findings.errors()
        ));
        let wrong = Value::Array(findings.list.clone());
        prompt = format!(
            "{TEACHING}\n# The request\n{}\n\n# Your last script\n{}\n\n# What is wrong with it\n{wrong}\n",
            arguments.request, planned.script
        );
        attempt += 1;
    }
}

/// Runs the planner as a run of its own: with a policy, a journal and a budget like any other.
fn ask(arguments: &Plan, prompt: &str) -> Result<Planned> {
    let script = Script {
        file: "planner.js".to_owned(),
        source: PLANNER.to_owned(),
        trusted: true,
        arguments: ScriptArguments::Typed(json!({ "prompt": prompt })),
    };
    let order = Run {
        args: None,
        ..order(arguments)
    };
    let prepared = Prepared::new(&order, Some(script))?;
    let display = Display::new(arguments.verbose);
    let launch = prepared.launch(display.observer())?;
    let report = run::alone(async |host| host.run(launch).await);
    display.finish();
    let report = report?.context("not planned: a signal came first")?;
    if !report.taint.is_empty() {
        bail!(
            "the plan carries {}: the planner saw untrusted content, and its script is not used",
            report.taint.join(", ")
        );
    }
    let result = report.result.unwrap_or(Value::Null);
    let text = |key: &str| result.get(key).and_then(Value::as_str).map(str::to_owned);
    if let (Status::Done, Some(fits), Some(reason), Some(script)) =
        (report.status, text("fits"), text("reason"), text("script"))
    {
        return Ok(Planned {
            fits,
            reason,
            script: unfenced(&script),
        });
    }
    let why = report.failures.first();
    let why = why.map_or("it gave no answer", |failure| failure.message.as_str());
    bail!("the planner gave no workflow: {}", ui::escape(why))
}

/// Takes away the code fence that models put around what they write.
fn unfenced(script: &str) -> String {
    let script = script.trim();
    let Some(rest) = script.strip_prefix("```") else {
        return script.to_owned();
    };
    let (_, body) = rest.split_once('\n').unwrap_or(("", rest));
    body.trim_end()
        .trim_end_matches("```")
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::unfenced;

    #[test]
    fn a_fence_around_the_script_is_taken_away() {
        assert_eq!(unfenced("```js\nreturn 1\n```"), "return 1");
        assert_eq!(unfenced("return `a`"), "return `a`");
    }
}
