//! `lazaret run`: carries a workflow to its end.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the clock and hands the time down"
)]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, JournalError, RunId};
use lazaret_policy::policy::{Plugin, Policy};
use lazaret_runtime::approval::{Asking, Person};
use lazaret_runtime::{Host, HostError, Launch, Report, decide};
use lazaret_workflow::status::Status;

use crate::cli::Run;
use crate::problem::Problems;
use crate::progress::Display;
use crate::prompt::{self, Offer};
use crate::{home, secrets, ui};

mod model;
mod script;
mod summary;

pub(super) use script::with_engine;

pub(crate) fn run(arguments: &Run) -> Result<ExitCode> {
    let script = script::named(&arguments.workflow, arguments.args.as_deref())?;
    let found = match &script {
        Some(_) => script::place(arguments.policy.as_deref())?,
        None => find(arguments)?,
    };
    let text = std::fs::read_to_string(&found.policy)
        .with_context(|| format!("`{}` could not be read", found.policy.display()))?;
    let text = match (&script, &arguments.model) {
        (Some(_), None) => script::with_engine(text),
        (Some(_), Some(_)) => bail!("a script says itself which models its agents ask"),
        (None, None) => text,
        (None, Some(name)) => model::apply(&text, &found.directory, name)?,
    };
    let name = found.policy.display().to_string();
    let policy = Policy::parse(&name, &text).map_err(|all| Problems {
        source: text.clone(),
        all,
    })?;
    let components = load_components(&policy, &found)?;
    let (argument_name, argument) = read_argument(arguments.args.as_deref().unwrap_or("null"))?;
    let display = Display::new(arguments.verbose);
    let launch = Launch {
        policy,
        policy_text: text,
        components,
        script,
        argument_name,
        argument,
        directory: std::env::current_dir().context("the working directory is gone")?,
        keys: secrets::keys(),
        journal: Journal::open(home::journal()?)?,
        id: new_id()?,
        seed: random()?,
        started_ms: now_ms(),
        observer: display.observer(),
    };
    let place = Place::of(&launch);
    finish(&display, arguments.json, &place, async |host| {
        host.run(launch).await
    })
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
    let report = carry(asking(display), run);
    display.finish();
    let Some(report) = report? else {
        return cancelled(place, as_json);
    };
    if as_json {
        ui::out(&summary::json(&report).to_string());
    } else {
        summary::print(&report);
    }
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
    let host = Host::new(POOL, &home::compile_cache()?)?.asking(asking);
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = run(&host) => ended.map(Some),
            () = signal() => Ok(None),
        }
    });
    runtime.shutdown_timeout(GRACE);
    Ok(ended?)
}

/// How long a call that cannot be interrupted may still take after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// Waits for a person's Ctrl-C, or for `lazaret cancel`.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_unavailable) => drop(tokio::signal::ctrl_c().await),
    }
}

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

/// Slots for agents that run at the same time; more run from memory made on demand.
const POOL: u32 = 64;

/// A workflow on disk.
struct Found {
    policy: PathBuf,
    /// Where the workflow is.
    directory: PathBuf,
    /// Where the policy's plugins are looked for, in this order.
    places: Vec<PathBuf>,
}

fn find(arguments: &Run) -> Result<Found> {
    let directory = find_workflow(&arguments.workflow)?;
    let own = directory.join("lazaret.toml");
    let policy = arguments.policy.clone().unwrap_or(own);
    let beside = policy.parent().map(Path::to_owned);
    let installed = home::installations().into_iter();
    let places = beside
        .into_iter()
        .chain([directory.clone(), directory.join("plugins")])
        .chain(installed.map(|installation| installation.join("plugins")));
    Ok(Found {
        policy,
        places: places.collect(),
        directory,
    })
}

fn find_workflow(name: &str) -> Result<PathBuf> {
    let path = Path::new(name);
    if path.join("lazaret.toml").is_file() {
        return Ok(path.to_owned());
    }
    let plain = path.components().count() == 1;
    let found = plain
        .then(|| home::find(&Path::new("workflows").join(name)))
        .flatten();
    if let Some(found) = found {
        return Ok(found);
    }
    let installed = installed_workflows();
    let known = if installed.is_empty() {
        "none is installed; run `lazaret doctor` to see where they are looked for".to_owned()
    } else {
        format!("installed are {}", installed.join(", "))
    };
    bail!("there is no workflow `{}`: {known}", ui::escape(name))
}

fn installed_workflows() -> Vec<String> {
    let mut names: Vec<String> = home::installations()
        .into_iter()
        .filter_map(|directory| std::fs::read_dir(directory.join("workflows")).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .map(|name| format!("`{}`", ui::escape(&name)))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn load_components(policy: &Policy, found: &Found) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut components = BTreeMap::new();
    for plugin in policy.plugins() {
        components.insert(plugin.name.clone(), load_component(plugin, &found.places)?);
    }
    Ok(components)
}

/// Reads a component from the first of the places that has it.
pub(super) fn load_component(plugin: &Plugin, places: &[PathBuf]) -> Result<Vec<u8>> {
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
    std::fs::read(&path).with_context(|| format!("`{}` could not be read", path.display()))
}

/// Returns how the argument is named in messages, and its bytes.
fn read_argument(argument: &str) -> Result<(String, Vec<u8>)> {
    match argument.strip_prefix('@') {
        None => Ok(("--args".to_owned(), argument.as_bytes().to_vec())),
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .context("standard input could not be read")?;
            Ok(("standard input".to_owned(), bytes))
        }
        Some(file) => {
            let bytes =
                std::fs::read(file).with_context(|| format!("`{file}` could not be read"))?;
            Ok((file.to_owned(), bytes))
        }
    }
}

fn new_id() -> Result<RunId> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let random = u128::from(random()?) << 64 | u128::from(random()?);
    let text: String = (0..14)
        .filter_map(|place| LETTERS.get((random >> (5 * place)) as usize & 31))
        .map(|letter| char::from(*letter))
        .collect();
    Ok(RunId::new(&text)?)
}

fn random() -> Result<u64> {
    let mut bytes = [0; 8];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .context("this machine gives no randomness")?;
    Ok(u64::from_le_bytes(bytes))
}

pub(super) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
