//! `lazaret policy check`: mistakes, what nobody can use, and the paths that stay open.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_policy::Diagnostic;
use lazaret_policy::check::{Checked, How, OpenPath, check};
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;
use lazaret_runtime::admin;
use lazaret_runtime::plugin::Plugin;
use serde_json::{Value, json};

use crate::agents::Definitions;
use crate::cli::PolicyCheck;
use crate::commands::run::{load_component, places, with_engine};
use crate::problem::{self, EXIT_USAGE, Problems};
use crate::ui::{self, Tone};

pub(crate) fn run(arguments: &PolicyCheck) -> Result<ExitCode> {
    let file = arguments.file.as_path();
    let (source, checked) = read(file)?;
    let failed = !checked.errors.is_empty() || arguments.strict && !checked.warnings.is_empty();
    if arguments.json {
        ui::out(&serde_json::to_string_pretty(&report(
            file, &checked, failed,
        ))?);
    } else {
        print(file, source, checked, failed);
    }
    Ok(if failed {
        ExitCode::from(EXIT_USAGE)
    } else {
        ExitCode::SUCCESS
    })
}

/// Checks a policy file as `lazaret run` would take it.
pub(crate) fn read(file: &Path) -> Result<(String, Checked)> {
    let name = file.display().to_string();
    let text =
        std::fs::read_to_string(file).with_context(|| format!("`{name}` could not be read"))?;
    // A policy for scripts leaves out the engine, as `lazaret run` takes it.
    let text = with_engine(&text, &Definitions::default());
    let checked = match Policy::parse(&name, &text) {
        Ok(policy) => {
            let mut checked = check(&policy, &manifests(&policy, file)?);
            if let Some(admin) = admin::read(&admin::place())? {
                checked.errors.extend(admin.judge(&policy));
            }
            checked
        }
        Err(errors) => Checked {
            errors,
            ..Checked::default()
        },
    };
    Ok((text, checked))
}

/// Reads the manifests of the plugins that are there; the check names those that are not.
fn manifests(policy: &Policy, file: &Path) -> Result<BTreeMap<String, Manifest>> {
    let places = places(file, None);
    let mut all = BTreeMap::new();
    for plugin in policy.plugins() {
        if let Ok(component) = load_component(plugin, &places) {
            let manifest = Plugin::manifest_of(&plugin.name, component.bytes())?;
            all.insert(plugin.name.clone(), manifest);
        }
    }
    Ok(all)
}

fn print(file: &Path, source: String, checked: Checked, failed: bool) {
    for warning in &checked.warnings {
        problem::warn(warning, &source);
    }
    let (errors, warnings) = (checked.errors.len(), checked.warnings.len());
    if !checked.paths.is_empty() {
        ui::out("open paths, on which neither a gate nor a person stands:");
    }
    for path in &checked.paths {
        ui::out(&line(path));
    }
    let problems = Problems {
        source,
        all: checked.errors,
    };
    problem::show(&problems.into());
    let (tone, word) = if failed {
        (Tone::Bad, "refused")
    } else {
        (Tone::Good, "sound")
    };
    ui::note(&format!(
        "{}  `{}`: {errors} errors, {warnings} warnings, {} open paths",
        ui::paint(tone, word),
        file.display(),
        checked.paths.len()
    ));
}

fn line(path: &OpenPath) -> String {
    let how = match path.how {
        How::Reads => "reads it",
        How::Holds => "unread",
    };
    format!(
        "  {} [{}] (line {}) -> {} ({how}) -> {} (line {})",
        ui::escape(&path.source),
        path.tags.join(", "),
        path.source_line,
        ui::escape(&path.by),
        ui::escape(&path.effect),
        path.effect_line,
    )
}

fn report(file: &Path, checked: &Checked, failed: bool) -> Value {
    let problems = |all: &[Diagnostic]| -> Vec<Value> { all.iter().map(problem_json).collect() };
    let paths = checked.paths.iter().map(|path| {
        let how = match path.how {
            How::Reads => "reads",
            How::Holds => "holds",
        };
        json!({
            "source": path.source, "source_line": path.source_line, "tags": path.tags,
            "by": path.by, "how": how, "effect": path.effect, "effect_line": path.effect_line,
        })
    });
    json!({
        "file": file.display().to_string(),
        "ok": !failed,
        "errors": problems(&checked.errors),
        "warnings": problems(&checked.warnings),
        "paths": paths.collect::<Vec<_>>(),
    })
}

fn problem_json(problem: &Diagnostic) -> Value {
    json!({
        "code": problem.code, "file": problem.file, "line": problem.line,
        "column": problem.column, "message": problem.message, "hint": problem.hint,
    })
}
