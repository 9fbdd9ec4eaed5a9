//! Acts on files below a granted directory: one file an act.

use std::sync::Arc;

use lazaret_policy::compiled::FilesAct;

use super::{Output, input};
use crate::call::Caller;
use crate::payload::Payload;
use crate::place::{Inside, Place};

mod edit;
mod find;
mod read;
mod walk;
mod write;

/// Performs one act. Files may be slow, and so is a search: not on the driver's threads.
pub(super) async fn act(
    caller: &Caller,
    mount: &str,
    act: FilesAct,
    inputs: Vec<(String, Payload)>,
) -> Result<Output, String> {
    let place = caller.run().mounts.get(mount).map(Arc::clone);
    let place = place.ok_or_else(|| format!("the directory `{mount}` is not there"))?;
    let performed = tokio::task::spawn_blocking(move || {
        let at = place.inside(&input(&inputs, "path")?.to_text())?;
        perform(&place, act, &at, &inputs)
    });
    let payload = performed
        .await
        .map_err(|_panic| "the file could not be read".to_owned())??;
    Ok(Output::plain(payload))
}

fn perform(
    place: &Place,
    act: FilesAct,
    at: &Inside,
    inputs: &[(String, Payload)],
) -> Result<Payload, String> {
    let said = |name| input(inputs, name).map(Payload::to_value);
    match act {
        FilesAct::Read => read::read(place, at, said("lines").ok().as_ref()),
        FilesAct::Find => find::find(place, at, &said("what")?),
        FilesAct::Write => write::write(place, at, &input(inputs, "content")?.to_text()),
        FilesAct::Edit => {
            let content = input(inputs, "content").ok().map(Payload::to_text);
            edit::edit(place, at, &said("change")?, content.as_deref())
        }
    }
}
