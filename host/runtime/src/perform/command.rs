//! Runs a command in the run tree: checked word by word, confined, its changes labelled.

use lazaret_kernel::content::Facts;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::origins::Origins;
use lazaret_policy::command::{CommandGroup, Commands};
use serde_json::{Value, json};

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::command::{self, Ended, Errand, Proxy, World};
use crate::payload::Payload;
use crate::plugin::digest;
use crate::remembered::media;
use crate::run::Run;
use crate::tree::Tree;

/// Runs one command. Its answer carries everything that it could read: its arguments, the
/// caller, the group's own label, and all that was ever written to the tree.
pub(super) async fn run(
    caller: &Caller,
    permit: &EffectPermit,
    group: &str,
    inputs: Vec<(String, Payload)>,
) -> Result<Output, Failure> {
    let run = caller.run();
    let commands = run.compiled.commands.as_ref();
    let commands = commands.ok_or_else(|| "the policy has no commands".to_owned())?;
    let rule = commands.group(group);
    let rule = rule.ok_or_else(|| "the group is gone".to_owned())?;
    let command = words(&input(&inputs, "argv")?.to_value())?;
    if let Some(reason) = rule.refusal(&command) {
        return Err(reason.into());
    }
    let directory = input(&inputs, "directory")
        .map(Payload::to_text)
        .unwrap_or_default();
    let tree = caller.tree().await?;
    let at = tree.place().inside(&directory)?;
    let _busy = caller.watch().busy();
    let waiting = caller.watch().pause();
    let (_alone, _with_others) = if rule.write {
        (Some(tree.turn.write().await), None)
    } else {
        (None, Some(tree.turn.read().await))
    };
    drop(waiting);
    let label = run.monitor().answer_label(permit).join(tree.label());
    // How long it takes, too.
    run.monitor().depends(permit, label);
    let sees = |message: String| Failure {
        label: Some(label),
        ..Failure::from(message)
    };
    // Others may have written to the tree since the call was judged.
    if !rule.net.is_empty() && !tree.beyond_project().flows_to(permit.inputs()) {
        return Err(sees(TREE_HAS_RISEN.to_owned()));
    }
    if rule.write {
        tree.begin(label).map_err(sees)?;
    }
    let apart = apart(run, label);
    let errand = Errand {
        command: &command,
        directory: at.path(),
        group: rule,
        commands,
        tree: &tree,
        apart: &apart,
        secrets: secrets(run, rule)?,
        way_out: None,
    };
    let ended = carry(run, errand, commands).await;
    if rule.write {
        settle(&tree, label).await.map_err(sees)?;
    }
    let ended = ended.map_err(sees)?;
    Ok(Output {
        facts: Some(Facts::flat(label, Origins::NONE, media(false))),
        ..Output::plain(Payload::json(told(run, &ended)))
    })
}

/// Why a command does not start that was judged before others wrote to the tree.
const TREE_HAS_RISEN: &str = "the run tree has what it had not when this call was judged, and it \
                              may not be sent: call again to have it judged";

async fn carry(run: &Run, errand: Errand<'_>, commands: &Commands) -> Result<Ended, String> {
    let confiner = run.workshop.confiner.as_ref();
    let confiner = confiner.ok_or("this host cannot confine commands, and so runs none")?;
    if errand.group.net.is_empty() {
        let specification = run.world().specify(&errand)?;
        return command::run(confiner, &specification, &commands.limits).await;
    }
    // A socket of its own for each: what one command may reach is not another's.
    let place = tempfile::Builder::new()
        .prefix("out")
        .tempdir_in(errand.tree.base());
    let place = place.map_err(|error| format!("no way out: {}", error.kind()))?;
    let socket = place.path().join("s");
    let _proxy = Proxy::start(&socket, errand.group)?;
    let errand = Errand {
        way_out: Some(&socket),
        ..errand
    };
    let specification = run.world().specify(&errand)?;
    command::run(confiner, &specification, &commands.limits).await
}

async fn settle(tree: &std::sync::Arc<Tree>, label: Label) -> Result<(), String> {
    let tree = std::sync::Arc::clone(tree);
    let settled = tokio::task::spawn_blocking(move || tree.settle(label));
    settled
        .await
        .map_err(|_panic| "the tree could not be looked at".to_owned())?
}

fn words(value: &Value) -> Result<Vec<String>, String> {
    let words = value.as_array().map(|words| {
        let texts = words.iter().map(|word| word.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    });
    words
        .flatten()
        .ok_or_else(|| "`argv` is a list of texts: the program and its arguments".to_owned())
}

/// Names a label by a digest, for directories.
fn apart(run: &Run, label: Label) -> String {
    let text = format!("{:?}", run.label_text(label));
    let digest = digest(text.as_bytes());
    let hex = digest.rsplit(':').next().unwrap_or_default();
    hex.chars().take(16).collect()
}

fn secrets(run: &Run, group: &CommandGroup) -> Result<Vec<(String, String)>, String> {
    let secrets = group.secrets.iter();
    secrets
        .map(|(variable, name)| Ok((variable.clone(), run.vault.value(name)?.to_owned())))
        .collect()
}

fn told(run: &Run, ended: &Ended) -> Value {
    let text = |bytes: &[u8]| {
        run.vault
            .redact(&String::from_utf8_lossy(bytes))
            .into_owned()
    };
    json!({
        "status": ended.status,
        "limit": ended.limit,
        "stdout": text(&ended.output),
        "stderr": text(&ended.errors),
    })
}

impl Run {
    /// Returns what commands may see of the operator's machine.
    fn world(&self) -> World {
        let variable = |name: &str| self.variable(name);
        let toolchains = ["RUSTUP_HOME", "JAVA_HOME", "GOROOT"];
        let toolchains = toolchains.into_iter();
        World {
            path: variable("PATH"),
            home: variable("HOME").map(std::path::PathBuf::from),
            toolchains: toolchains
                .filter_map(|name| Some((name.to_owned(), variable(name)?)))
                .collect(),
        }
    }
}
