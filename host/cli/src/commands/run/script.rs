//! What a workflow script needs besides its text: a policy, and the engine that runs it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::{Script, ScriptArguments};
use serde_json::Value;

use super::prepare::Found;
use crate::agents::{self, Definitions};
use crate::ui::{self, Tone};
use crate::{home, workflows};

/// Finds a script by path or by saved name; `None` where it is neither.
pub(super) fn named(workflow: &str, typed: Option<&str>) -> Result<Option<Script>> {
    let path = Path::new(workflow);
    let found = if path.extension().is_some_and(|ending| ending == "js") {
        Some(workflows::at(path)?)
    } else {
        workflows::named(workflow)?
    };
    let Some(script) = found else {
        return Ok(None);
    };
    if !script.trusted {
        ui::note(&ui::paint(Tone::Warn, &untrusted(&script.path)));
    }
    Ok(Some(Script {
        file: script.path.display().to_string(),
        source: script.source,
        trusted: script.trusted,
        arguments: script_arguments(typed)?,
    }))
}

fn untrusted(path: &Path) -> String {
    let shown = ui::escape(&path.display().to_string());
    format!(
        "`{shown}` is this project's and not trusted: it runs as untrusted content would; `lazaret trust {shown}` after you have read it"
    )
}

/// What is typed on the command line is the operator's own word; a file is not. A text that
/// does not look like JSON is a text.
pub(in crate::commands) fn script_arguments(typed: Option<&str>) -> Result<ScriptArguments> {
    match typed {
        None => Ok(ScriptArguments::Absent),
        Some(text) if text.starts_with('@') => Ok(ScriptArguments::Launch),
        Some(text) => match serde_json::from_str(text) {
            Ok(value) => Ok(ScriptArguments::Typed(value)),
            Err(error) if text.trim_start().starts_with(['{', '[', '"']) => {
                Err(error).context("--args looks like JSON and is none")
            }
            Err(_plain) => Ok(ScriptArguments::Typed(Value::from(text))),
        },
    }
}

/// Returns the policy for scripts and where its plugins are.
pub(super) fn place(policy: Option<&Path>) -> Result<Found> {
    let own = Path::new("lazaret.toml");
    let policy = match policy {
        Some(policy) => policy.to_owned(),
        None if own.is_file() => own.to_owned(),
        None => bail!(
            "a script needs a policy that says which models its agents may ask: `lazaret init` writes a `lazaret.toml` for what it finds here (see {}), or pass --policy; `lazaret doctor` says which models answer",
            ui::escape("docs/scripts.md")
        ),
    };
    // The engine and the agents that are installed first: no file of a project stands in for them.
    let places = home::plugins().chain(super::places(&policy, None));
    let places = places.collect();
    Ok(Found {
        policy,
        directory: PathBuf::new(),
        places,
    })
}

/// Adds the engine, the default agent and the agents' profiles to a policy that names no
/// workflow of its own. At the end, so that every line keeps its number.
pub(in crate::commands) fn with_engine(policy: &str, definitions: &Definitions) -> String {
    let mut policy = agents::with_profiles(policy, &definitions.trusted);
    // What is no TOML is told as such by who parses it.
    let written: toml::Table = policy.parse().unwrap_or_default();
    if !written.contains_key("workflow") {
        policy.push_str(ENGINE);
    }
    let plugins = written.get("plugin").and_then(toml::Value::as_table);
    if !plugins.is_some_and(|plugins| plugins.contains_key("agent")) {
        policy.push_str(AGENT);
    }
    policy
}

/// What the policy calls the engine.
pub(super) const ENGINE_NAME: &str = "script";

const ENGINE: &str = r#"
[workflow]
name = "script"
orchestrator = "script"
untrusted = "float"
print = true
[plugin.script]
file = "script.wasm"
"#;

const AGENT: &str = r#"
[plugin.agent]
file = "agent.wasm"
"#;
