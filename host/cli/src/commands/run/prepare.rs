//! What a run starts from, before it starts: the policy, the components, the script, the argument.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Content, Journal, RunId};
use lazaret_policy::policy::Policy;
use lazaret_runtime::examine::Mode;
use lazaret_runtime::progress::Observer;
use lazaret_runtime::scripts::State;
use lazaret_runtime::{
    Host, HostError, Launch, Script, ScriptArguments, ScriptError, ScriptProblem,
};

use super::{load_component, model, now_ms, script};
use crate::agents::{self, Definitions};
use crate::cli::Run;
use crate::commands::check;
use crate::problem::Problems;
use crate::{home, own_policy, secrets, ui, workflows};

/// Everything that one run, or several of the same, start from.
pub(in crate::commands) struct Prepared {
    pub(in crate::commands) policy: Policy,
    text: String,
    components: BTreeMap<String, Content>,
    pub(in crate::commands) script: Option<Script>,
    definitions: Definitions,
    argument_name: String,
    argument: Vec<u8>,
    tokens: Option<u64>,
    /// What an earlier round has left.
    pub(in crate::commands) state: Option<State>,
}

impl Prepared {
    pub(in crate::commands) fn new(arguments: &Run, script: Option<Script>) -> Result<Self> {
        let definitions = match &script {
            Some(_) => agents::definitions()?,
            None => Definitions::default(),
        };
        let found = match &script {
            Some(_) => script::place(arguments.policy.as_deref())?,
            None => find(arguments)?,
        };
        let written = std::fs::read_to_string(&found.policy)
            .with_context(|| format!("`{}` could not be read", found.policy.display()))?;
        let text = match (&script, &arguments.model) {
            (Some(_), None) => script::with_engine(&written, &definitions),
            (Some(_), Some(_)) => bail!("a script says itself which models its agents ask"),
            (None, None) => written.clone(),
            (None, Some(name)) => model::apply(&written, &found.directory, name)?,
        };
        let name = found.policy.display().to_string();
        let policy = Policy::parse(&name, &text).map_err(|all| Problems {
            source: text.clone(),
            all,
        })?;
        if arguments.policy.is_none() && script.is_some() {
            own_policy::permit(&found.policy, &policy, &written)?;
        }
        let components = load_components(&policy, &found)?;
        let (argument_name, argument) = match script.as_ref().map(|script| &script.arguments) {
            Some(ScriptArguments::Typed(value)) => {
                ("--args".to_owned(), value.to_string().into_bytes())
            }
            _ => read_argument(arguments.args.as_deref().unwrap_or("null"))?,
        };
        Ok(Self {
            policy,
            text,
            components,
            script,
            definitions,
            argument_name,
            argument,
            tokens: arguments.tokens,
            state: None,
        })
    }

    pub(in crate::commands) fn is_script(&self) -> bool {
        self.script.is_some()
    }

    /// Returns a launch with an id and a seed of its own.
    pub(in crate::commands) fn launch(&self, observer: Observer) -> Result<Launch> {
        Ok(Launch {
            policy: self.policy.clone(),
            policy_text: self.text.clone(),
            components: self.components.clone(),
            script: self.script.clone(),
            state: self.state.clone(),
            library: workflows::library(),
            tokens: self.tokens,
            argument_name: self.argument_name.clone(),
            argument: self.argument.clone(),
            directory: std::env::current_dir().context("the working directory is gone")?,
            keys: secrets::keys(),
            journal: Journal::open(home::journal()?)?,
            id: new_id()?,
            seed: random()?,
            started_ms: now_ms(),
            observer,
        })
    }

    /// Stops a script that writes out an agent type that there is not, before anything starts.
    pub(in crate::commands) async fn check(&self, host: &Host) -> Result<(), HostError> {
        let Some(script) = &self.script else {
            return Ok(());
        };
        let engine = self.components.get(script::ENGINE_NAME);
        let Some(engine) = engine.filter(|_| script.source.contains("agentType")) else {
            return Ok(());
        };
        let (file, source) = (&script.file, &script.source);
        let instance = host.script_engine(engine)?.start().await?;
        let report = instance.examine(file, source, Mode::Float).await?;
        for (name, line, column) in check::agent_types(&report) {
            if !self.policy.has_profile(&name) {
                return Err(HostError::Script(ScriptError {
                    place: format!("{file}:{line}:{column}"),
                    problem: ScriptProblem::UnknownAgentType,
                    message: agents::missing(&name, &self.definitions),
                    hint: "nothing was started; define it, or leave `agentType` out".to_owned(),
                }));
            }
        }
        Ok(())
    }
}

/// Returns the profiles that a script's agents can name, where there is a policy.
pub(in crate::commands) fn known_profiles(
    policy: Option<&Path>,
    definitions: &Definitions,
) -> Result<Option<Vec<String>>> {
    let own = Path::new("lazaret.toml");
    let Some(path) = policy.or_else(|| own.is_file().then_some(own)) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` could not be read", path.display()))?;
    let text = script::with_engine(&text, definitions);
    let policy = Policy::parse(&path.display().to_string(), &text).map_err(|all| Problems {
        source: text.clone(),
        all,
    })?;
    Ok(Some(policy.profile_names().map(str::to_owned).collect()))
}

/// A workflow on disk.
pub(super) struct Found {
    pub(super) policy: PathBuf,
    /// Where the workflow is.
    pub(super) directory: PathBuf,
    /// Where the policy's plugins are looked for, in this order.
    pub(super) places: Vec<PathBuf>,
}

fn find(arguments: &Run) -> Result<Found> {
    let directory = find_workflow(&arguments.workflow)?;
    let own = directory.join("lazaret.toml");
    let policy = arguments.policy.clone().unwrap_or(own);
    let places = super::places(&policy, Some(&directory));
    Ok(Found {
        policy,
        directory,
        places,
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

fn load_components(policy: &Policy, found: &Found) -> Result<BTreeMap<String, Content>> {
    let mut components = BTreeMap::new();
    for plugin in policy.plugins() {
        components.insert(plugin.name.clone(), load_component(plugin, &found.places)?);
    }
    Ok(components)
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

pub(in crate::commands) fn new_id() -> Result<RunId> {
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
