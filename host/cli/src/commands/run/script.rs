//! What a workflow script needs besides its text: a policy, and the engine that runs it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::{Script, ScriptArguments};

use super::Found;
use crate::{home, ui};

/// The directories below the working directory, and above it, that hold saved scripts.
const SAVED: [&str; 2] = [".lazaret/workflows", ".claude/workflows"];

/// Finds a script by path or by saved name; `None` where it is neither.
pub(super) fn named(workflow: &str, typed: Option<&str>) -> Result<Option<Script>> {
    let path = Path::new(workflow);
    let is_path = path.extension().is_some_and(|extension| extension == "js");
    let found = if is_path {
        Some(path.to_owned())
    } else {
        saved(workflow)?
    };
    let Some(path) = found else {
        return Ok(None);
    };
    let source = std::fs::read_to_string(&path)
        .with_context(|| format!("`{}` could not be read", path.display()))?;
    Ok(Some(Script {
        file: path.display().to_string(),
        source,
        token_budget: None,
        arguments: script_arguments(typed)?,
    }))
}

/// What is typed on the command line is the operator's own word; a file is not.
fn script_arguments(typed: Option<&str>) -> Result<ScriptArguments> {
    match typed {
        None => Ok(ScriptArguments::Absent),
        Some(text) if text.starts_with('@') => Ok(ScriptArguments::Launch),
        Some(text) => serde_json::from_str(text)
            .map(ScriptArguments::Typed)
            .with_context(|| format!("--args is no JSON; a text is written `'\"{text}\"'`")),
    }
}

/// Looks from the working directory up to the repository's root; the nearest wins.
fn saved(name: &str) -> Result<Option<PathBuf>> {
    if Path::new(name).components().count() != 1 {
        return Ok(None);
    }
    let start = std::env::current_dir().context("the working directory is gone")?;
    for directory in start.ancestors() {
        for place in SAVED {
            let path = directory.join(place).join(format!("{name}.js"));
            if path.is_file() {
                return Ok(Some(path));
            }
        }
        if directory.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// Returns the policy for scripts and where its plugins are.
pub(super) fn place(policy: Option<&Path>) -> Result<Found> {
    let own = Path::new("lazaret.toml");
    let policy = match policy {
        Some(policy) => policy.to_owned(),
        None if own.is_file() => own.to_owned(),
        None => bail!(
            "a script needs a policy that says which models its agents may ask: write a `lazaret.toml` here (see {}), or pass --policy",
            ui::escape("docs/scripts.md")
        ),
    };
    let installed = home::installations().into_iter();
    Ok(Found {
        policy,
        directory: PathBuf::new(),
        places: installed.map(|place| place.join("plugins")).collect(),
    })
}

/// Adds the engine and the default agent to a policy that names no workflow of its own.
/// At the end, so that every line keeps its number.
pub(in crate::commands) fn with_engine(policy: String) -> String {
    let mut policy = policy;
    if !policy.contains("[workflow]") {
        policy.push_str(ENGINE);
    }
    if !policy.contains("[plugin.agent]") {
        policy.push_str(AGENT);
    }
    policy
}

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
