//! `lazaret resume`: carries a run on from its journal.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId};
use lazaret_policy::policy::Policy;
use lazaret_runtime::{Launch, resume};
use lazaret_workflow::replay::{Matching, Settings};

use super::{detach, run};
use crate::cli::Resume;
use crate::problem::Problems;
use crate::progress::Display;
use crate::{agents, home, secrets, stored, ui, workflows};

pub(crate) fn run(arguments: &Resume) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    if arguments.background.detach {
        return detach::start(&id, arguments.output.json, false);
    }
    if arguments.background.detached_as.is_some() {
        detach::leave()?;
    }
    let display = Display::new(arguments.output.verbose);
    let keys = secrets::keys();
    let mut launch = resume::launch(&journal, &id, keys, display.observer())?;
    change(&mut launch, arguments)?;
    launch.library = workflows::library();
    let mut settings = Settings::default();
    if arguments.strict_prefix {
        settings.matching = Matching::StrictPrefix;
    }
    let place = run::Place::of(&launch);
    run::finish(&display, arguments.output.json, &place, async |host| {
        Box::pin(host.resume(launch, settings)).await
    })
}

/// Goes on with a run as it is.
pub(super) fn go_on(journal: &Journal, id: &RunId) -> Result<ExitCode> {
    let display = Display::new(false);
    let mut launch = resume::launch(journal, id, secrets::keys(), display.observer())?;
    launch.library = workflows::library();
    let place = run::Place::of(&launch);
    run::finish(&display, false, &place, async |host| {
        Box::pin(host.resume(launch, Settings::default())).await
    })
}

/// Puts what the operator gave in the place of what the run started from.
fn change(launch: &mut Launch, arguments: &Resume) -> Result<()> {
    if let Some(file) = &arguments.policy {
        policy(launch, file)?;
    }
    launch.tokens = arguments.tokens.or(launch.tokens);
    if let Some(file) = &arguments.script {
        let Some(script) = &mut launch.script else {
            bail!("the run has no script: its orchestrator is a component (`--plugin`)");
        };
        script.source = workflows::at(file)?.source;
        script.file = file.display().to_string();
        script.trusted = true;
    }
    plugins(launch, &arguments.plugin)
}

/// Puts other components in the place of the run's own.
pub(super) fn plugins(launch: &mut Launch, given: &[String]) -> Result<()> {
    for plugin in given {
        let Some((name, file)) = plugin.split_once('=') else {
            bail!("`--plugin {}` is not NAME=FILE", ui::escape(plugin));
        };
        if !launch.components.contains_key(name) {
            let known: Vec<&str> = launch.components.keys().map(String::as_str).collect();
            bail!(
                "the run has no plugin `{}`; it has {}",
                ui::escape(name),
                known.join(", ")
            );
        }
        let component = run::read_component(Path::new(file))?;
        launch.components.insert(name.to_owned(), component);
    }
    Ok(())
}

/// A plugin that the new policy adds is looked for beside it and in the installations.
pub(super) fn policy(launch: &mut Launch, file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` could not be read", file.display()))?;
    let text = match launch.script {
        Some(_) => run::with_engine(&text, &agents::definitions()?),
        None => text,
    };
    let policy = Policy::parse(&file.display().to_string(), &text).map_err(|all| Problems {
        source: text.clone(),
        all,
    })?;
    let places = run::places(file, None);
    let mut components = std::mem::take(&mut launch.components);
    for plugin in policy.plugins() {
        let component = match components.remove(&plugin.name) {
            Some(component) => component,
            None => run::load_component(plugin, &places)?,
        };
        launch.components.insert(plugin.name.clone(), component);
    }
    launch.policy = policy;
    launch.policy_text = text;
    Ok(())
}
