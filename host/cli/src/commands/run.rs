//! `lazaret run`: carries a workflow to its end.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the clock and hands the time down"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Content, Journal, JournalError, RunId};
use lazaret_policy::policy::Plugin;
use lazaret_runtime::approval::{Asking, Person};
use lazaret_runtime::foresee::Foresight;
use lazaret_runtime::{Host, HostError, Launch, Report, decide};
use lazaret_workflow::status::Status;

use super::detach;
use super::notify::Notify;
use crate::cli::Run;
use crate::progress::Display;
use crate::prompt::{self, Offer};
use crate::{home, signals, ui};

mod dry;
mod model;
mod prepare;
mod rounds;
mod script;
mod summary;

pub(super) use prepare::{Prepared, known_profiles};
pub(super) use script::{script_arguments, with_engine};

pub(crate) fn run(arguments: &Run) -> Result<ExitCode> {
    if arguments.background.detach {
        let reads_input = arguments.args.as_deref() == Some("@-");
        return detach::start(&prepare::new_id()?, arguments.output.json, reads_input);
    }
    if arguments.background.detached_as.is_some() {
        detach::leave()?;
    }
    if arguments.workflow.is_empty() {
        bail!("say what is to run: a script, a saved or installed name, or a directory");
    }
    if arguments.until.is_some() || arguments.every.is_some() {
        return rounds::run(arguments);
    }
    let script = script::named(&arguments.workflow, arguments.args.as_deref())?;
    let prepared = Prepared::new(arguments, script)?;
    if arguments.dry_run {
        return dry_run(&prepared, arguments.output.json);
    }
    if !agreed(&prepared, arguments.yes)? {
        ui::note("not run");
        return Ok(ExitCode::SUCCESS);
    }
    start(&prepared, arguments)
}

/// Returns the id that the process in the background was given for its run, or another.
fn id_of(arguments: &Run, other: RunId) -> Result<RunId> {
    let given = arguments.background.detached_as.as_deref().map(RunId::new);
    Ok(given.transpose()?.unwrap_or(other))
}

/// Runs what was prepared.
pub(super) fn start(prepared: &Prepared, arguments: &Run) -> Result<ExitCode> {
    let display = Display::new(arguments.output.verbose);
    let mut launch = prepared.launch(display.observer())?;
    launch.id = id_of(arguments, launch.id)?;
    let place = Place::of(&launch);
    finish(&display, arguments.output.json, &place, async |host| {
        prepared.check(host).await?;
        Box::pin(host.run(launch)).await
    })
}

/// Shows what would be asked for.
pub(super) fn dry_run(prepared: &Prepared, as_json: bool) -> Result<ExitCode> {
    let foresight = foresee(prepared)?;
    if as_json {
        ui::out(&dry::json(&foresight).to_string());
    } else {
        dry::print(&foresight);
    }
    Ok(ExitCode::SUCCESS)
}

fn foresee(prepared: &Prepared) -> Result<Foresight> {
    let scratch = tempfile::tempdir().context("there is no room for a scratch journal")?;
    let launch = prepared.launch(Arc::new(|_| {}))?;
    let foresight = alone(async |host| {
        prepared.check(host).await?;
        Box::pin(host.foresee(launch, scratch.path())).await
    })?;
    foresight.context("nothing was foreseen: a signal came first")
}

/// Asks before a large run; there is somebody to ask, or the policy wants it.
pub(super) fn agreed(prepared: &Prepared, yes: bool) -> Result<bool> {
    let threshold = dry::Threshold::of(&prepared.policy);
    if yes || !prepared.is_script() || !threshold.may_ask() {
        return Ok(true);
    }
    dry::consent(&foresee(prepared)?, threshold)
}

/// Does something with a host that no person is asked by.
pub(super) fn alone<T>(act: impl AsyncFnOnce(&Host) -> Result<T, HostError>) -> Result<Option<T>> {
    carry(Asking::nobody(), act)
}

/// Where a run is written down.
pub(super) struct Place {
    journal: Journal,
    id: RunId,
}

impl Place {
    pub(super) fn of(launch: &Launch) -> Self {
        Self {
            journal: launch.journal.clone(),
            id: launch.id.clone(),
        }
    }
}

/// Carries a run to its end and says what became of it.
pub(super) fn finish(
    display: &Arc<Display>,
    as_json: bool,
    place: &Place,
    run: impl AsyncFnOnce(&Host) -> Result<Report, HostError>,
) -> Result<ExitCode> {
    let notify = Notify::configured()?;
    let report = carry(asking(display), run);
    display.finish();
    let Some(report) = report? else {
        let code = cancelled(place, as_json);
        notify.tell(&place.id, Status::Cancelled);
        return code;
    };
    if as_json {
        ui::out(&summary::json(&report).to_string());
    } else {
        summary::print(&report);
    }
    notify.tell(&place.id, report.status);
    Ok(ExitCode::from(report.status.exit_code()))
}

/// Gives nothing where a signal came first: then everything that ran is gone, and the run's
/// lock is free again.
pub(super) fn carry<T>(
    asking: Asking,
    run: impl AsyncFnOnce(&Host) -> Result<T, HostError>,
) -> Result<Option<T>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime could not be started")?;
    let host = Host::new(POOL, &home::compile_cache()?)?
        .asking(asking)
        .working_in(home::workshop());
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = run(&host) => ended.map(Some),
            () = signals::came() => Ok(None),
        }
    });
    runtime.shutdown_timeout(GRACE);
    Ok(ended?)
}

/// How long a call that cannot be interrupted may still take after a signal.
const GRACE: Duration = Duration::from_secs(5);

fn cancelled(place: &Place, as_json: bool) -> Result<ExitCode> {
    match decide::cancel(&place.journal, &place.id, now_ms()) {
        // The signal came before the run had begun.
        Ok(()) | Err(HostError::Journal(JournalError::RunNotFound(_))) => {}
        Err(error) => return Err(error.into()),
    }
    let id = &place.id;
    if as_json {
        ui::out(&serde_json::json!({"run": id.as_str(), "status": "cancelled"}).to_string());
    }
    ui::note(&format!(
        "cancelled  run {id}; `lazaret resume {id}` goes on with it"
    ));
    Ok(ExitCode::from(Status::Cancelled.exit_code()))
}

/// The person at the terminal, if one is there.
pub(super) fn asking(display: &Arc<Display>) -> Asking {
    let display = Arc::clone(display);
    let person: Person =
        Arc::new(move |question| display.suspended(|| prompt::ask(question, Offer::Approve)));
    Asking {
        person: prompt::has_person().then_some(person),
        now_ms: Arc::new(now_ms),
    }
}

/// Agents for which there are slots at the same time, and as many for their tools. A policy that
/// allows more has them run from memory made on demand, and so does whatever finds no free slot.
const POOL: u32 = 256;

/// Returns where the plugins of a policy are looked for, in this order: beside it, beside the
/// workflow that it is for, and in the installations.
pub(super) fn places(policy: &Path, workflow: Option<&Path>) -> Vec<PathBuf> {
    let directories = policy.parent().into_iter().chain(workflow);
    let beside = directories.flat_map(|one| [one.to_owned(), one.join("plugins")]);
    beside.chain(home::plugins()).collect()
}

/// Reads a component from the first of the places that has it.
pub(super) fn load_component(plugin: &Plugin, places: &[PathBuf]) -> Result<Content> {
    let mut paths = places.iter().map(|place| place.join(&plugin.file));
    let Some(path) = paths.find(|path| path.is_file()) else {
        let places: Vec<_> = places.iter().map(|one| one.display().to_string()).collect();
        bail!(
            "plugin `{}`: there is no `{}` in {}",
            plugin.name,
            &plugin.file,
            places.join(", ")
        );
    };
    read_component(&path)
}

/// Reads a component from a file that is there.
pub(super) fn read_component(path: &Path) -> Result<Content> {
    let bytes = std::fs::read(path);
    let bytes = bytes.with_context(|| format!("`{}` could not be read", path.display()))?;
    Ok(Content::new(bytes))
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
