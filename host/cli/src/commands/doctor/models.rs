//! Which models answer: the policy's providers, and the servers that run on this machine.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use lazaret_models::{Found, LOCAL_SERVERS, discover};
use lazaret_policy::policy::Policy;
use lazaret_runtime::models::{Answered, survey};

use super::{Finding, State, names};
use crate::agents::Definitions;
use crate::commands::run::with_engine;
use crate::{own_policy, secrets, ui};

/// The most models of a provider that a line names.
const MAX_NAMED: usize = 5;

/// How to configure a first model, for whoever has none.
const HOW: &str = "in `lazaret.toml`, write `[models]` with a provider and an alias: `ollama = {}` or `anthropic = { key = \"secret:anthropic\" }`, then `alias = { default = \"PROVIDER/MODEL\" }`";

/// Asks the policy's providers and the usual local addresses, all at once.
pub(super) fn findings(policy: Option<&Path>) -> Vec<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return vec![Finding::of("models", Err(error.into()))],
    };
    let addresses = LOCAL_SERVERS.map(|(_, address)| address);
    let local = async { discover(&addresses).await };
    let (mut all, found) = match read(policy) {
        Ok(Some(policy)) => {
            let keys = secrets::keys();
            let configured = survey(policy.providers(), &keys);
            let (answers, found) = runtime.block_on(async { tokio::join!(configured, local) });
            let lists = answers.iter().filter_map(|one| {
                let models = one.models.as_deref().ok()?;
                Some((one.provider.as_str(), models))
            });
            let mut all: Vec<Finding> = answers.iter().map(provider).collect();
            all.extend(names::findings(&policy, &lists.collect()));
            (all, found)
        }
        Ok(None) => (Vec::new(), runtime.block_on(local)),
        Err(error) => (
            vec![Finding::of("models", Err(error))],
            runtime.block_on(local),
        ),
    };
    if all.is_empty() {
        all.push(Finding {
            what: "models".to_owned(),
            state: State::Note,
            detail: format!("none is configured here; {HOW}"),
            models: Vec::new(),
        });
    }
    all.extend(found.iter().map(server));
    if found.is_empty() {
        let names = LOCAL_SERVERS.map(|(name, _)| name).join(", ");
        all.push(Finding {
            what: "local models".to_owned(),
            state: State::Note,
            detail: format!("none of {names} answers at its usual port"),
            models: Vec::new(),
        });
    }
    all
}

/// Reads the policy that was named, or the one that is here.
fn read(named: Option<&Path>) -> Result<Option<Policy>> {
    let here = Path::new("lazaret.toml");
    let path = match named {
        Some(path) => path,
        None if here.is_file() => here,
        None => return Ok(None),
    };
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).with_context(|| format!("`{name}` could not be read"))?;
    // A policy for scripts leaves out the engine, as `lazaret run` takes it.
    let written = text;
    let text = with_engine(&written, &Definitions::default());
    let policy = Policy::parse(&name, &text).map_err(|problems| {
        let first = problems
            .first()
            .map_or_else(String::new, ToString::to_string);
        anyhow!(
            "{} problem(s) in the policy, the first: {first}",
            problems.len()
        )
    })?;
    if named.is_none() {
        own_policy::permit(path, &policy, &written)?;
    }
    Ok(Some(policy).filter(|policy| !policy.providers().is_empty()))
}

fn provider(answered: &Answered) -> Finding {
    let what = format!("model {}", answered.provider);
    match &answered.models {
        Ok(models) => Finding {
            what,
            state: State::Ok,
            detail: format!("answers; {}", listed(models)),
            models: models.clone(),
        },
        Err(error) => {
            let hint = error
                .hint()
                .map_or_else(String::new, |hint| format!("; {hint}"));
            Finding {
                what,
                state: State::Missing,
                detail: ui::escape(&format!("{error} ({}){hint}", error.code())),
                models: Vec::new(),
            }
        }
    }
}

fn server(found: &Found) -> Finding {
    let name = LOCAL_SERVERS
        .iter()
        .find(|(_, address)| *address == found.url)
        .map_or("server", |(name, _)| name);
    Finding {
        what: "local models".to_owned(),
        state: State::Ok,
        detail: format!("{name} at {}: {}", found.base_url, listed(&found.models)),
        models: found.models.clone(),
    }
}

fn listed(models: &[String]) -> String {
    let named: Vec<String> = models
        .iter()
        .take(MAX_NAMED)
        .map(|one| ui::escape(one))
        .collect();
    match models.len().saturating_sub(named.len()) {
        0 if named.is_empty() => "it lists no model".to_owned(),
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
