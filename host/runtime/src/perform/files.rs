//! Acts on files below a granted directory, or in the run tree: one file an act.

use std::path::PathBuf;
use std::sync::Arc;

use lazaret_kernel::content::Facts;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::origins::Origins;
use lazaret_policy::compiled::FilesAct;

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::payload::Payload;
use crate::place::{Inside, Place};
use crate::remembered::media;
use crate::tree::Tree;

mod edit;
mod find;
mod read;
mod walk;
mod write;

/// What an act is given.
struct Inputs {
    given: Vec<(String, Payload)>,
    /// Takes the text out of PDFs.
    confiner: Option<PathBuf>,
}

/// Performs one act. Files may be slow, and so is a search: not on the driver's threads.
pub(super) async fn act(
    caller: &Caller,
    permit: &EffectPermit,
    mount: &str,
    act: FilesAct,
    inputs: Vec<(String, Payload)>,
) -> Result<Output, Failure> {
    let run = caller.run();
    let inputs = Inputs {
        given: inputs,
        confiner: run.workshop.confiner.clone(),
    };
    if run
        .compiled
        .mounts
        .get(mount)
        .is_some_and(|mount| mount.tree)
    {
        return in_tree(caller, permit, act, inputs).await;
    }
    let place = run.mounts.get(mount).map(Arc::clone);
    let place = place.ok_or_else(|| format!("the directory `{mount}` is not there"))?;
    let performed = tokio::task::spawn_blocking(move || {
        let at = place.inside(&input(&inputs.given, "path")?.to_text())?;
        perform(&place, act, &at, &inputs)
    });
    let payload = performed.await.map_err(|_panic| unread())??;
    Ok(Output::plain(payload))
}

/// Acts on the run tree: what is read carries the label of who wrote it, and what is written
/// that of the call.
async fn in_tree(
    caller: &Caller,
    permit: &EffectPermit,
    act: FilesAct,
    inputs: Inputs,
) -> Result<Output, Failure> {
    let tree = caller.tree().await?;
    let label = caller.run().monitor().answer_label(permit);
    let waiting = caller.watch().pause();
    let looks = matches!(act, FilesAct::Read | FilesAct::Find);
    let guards = if looks {
        (Some(tree.turn.read().await), None)
    } else {
        (None, Some(tree.turn.write().await))
    };
    drop(waiting);
    let here = Arc::clone(&tree);
    let performed = tokio::task::spawn_blocking(move || {
        let at = here
            .place()
            .inside(&input(&inputs.given, "path")?.to_text())?;
        Ok::<_, String>(labelled(&here, act, &at, &inputs, label))
    });
    let performed = performed.await.map_err(|_panic| unread())?;
    drop(guards);
    let (payload, told) = performed?;
    match payload {
        Ok(payload) => Ok(Output {
            facts: Some(Facts::flat(
                told,
                Origins::NONE,
                media(act == FilesAct::Read),
            )),
            ..Output::plain(payload)
        }),
        Err(message) => Err(Failure {
            label: Some(told),
            ..Failure::from(message)
        }),
    }
}

/// Performs an act on the tree, and says what its end tells.
fn labelled(
    tree: &Tree,
    act: FilesAct,
    at: &Inside,
    inputs: &Inputs,
    label: Label,
) -> (Result<Payload, String>, Label) {
    match act {
        FilesAct::Read => match tree.label_of_file(at) {
            Ok(told) => (perform(tree.place(), act, at, inputs), told),
            Err(error) => (Err(error), tree.label_below(at)),
        },
        FilesAct::Find => {
            let told = tree.label_below(at);
            (perform(tree.place(), act, at, inputs), told)
        }
        FilesAct::Write => {
            let told = tree.label_below(at);
            let text = input(&inputs.given, "content").map(Payload::to_text);
            let written = text.and_then(|text| {
                tree.becomes(at, text.as_bytes(), label)?;
                perform(tree.place(), act, at, inputs)
            });
            // That it was written tells nothing; that it was not tells what is there.
            let told = if written.is_ok() { Label::BOTTOM } else { told };
            (written, told)
        }
        FilesAct::Edit => {
            // What a change leaves carries what was there before.
            let change = input(&inputs.given, "change");
            let change = change.map(Payload::to_value).unwrap_or_default();
            let to = change.get("to").and_then(serde_json::Value::as_str);
            let to = to.and_then(|to| tree.place().inside(to).ok());
            let told = [Some(at), to.as_ref()]
                .into_iter()
                .flatten()
                .fold(label, |all, at| all.join(tree.label_below(at)));
            let edited = tree.begin(told).and_then(|()| {
                let edited = perform(tree.place(), act, at, inputs);
                tree.settle(told)?;
                edited
            });
            (edited, told)
        }
    }
}

fn unread() -> String {
    "the file could not be read".to_owned()
}

fn perform(place: &Place, act: FilesAct, at: &Inside, inputs: &Inputs) -> Result<Payload, String> {
    let given = |name| input(&inputs.given, name);
    let said = |name| given(name).map(Payload::to_value);
    match act {
        FilesAct::Read => read::read(
            place,
            at,
            said("lines").ok().as_ref(),
            inputs.confiner.as_deref(),
        ),
        FilesAct::Find => find::find(place, at, &said("what")?),
        FilesAct::Write => write::write(place, at, &given("content")?.to_text()),
        FilesAct::Edit => {
            let content = given("content").ok().map(Payload::to_text);
            edit::edit(place, at, &said("change")?, content.as_deref())
        }
    }
}
