//! Makes the operator's files what the run tree has become.

use std::sync::Arc;

use serde_json::json;

use super::{Output, input};
use crate::call::Caller;
use crate::payload::Payload;

/// Applies the patch that was decided about, as a whole or not at all.
pub(super) async fn apply(caller: &Caller, inputs: &[(String, Payload)]) -> Result<Output, String> {
    let applied = all(caller, inputs).await;
    applied.inspect_err(|problem| caller.run().not_applied(problem))
}

async fn all(caller: &Caller, inputs: &[(String, Payload)]) -> Result<Output, String> {
    let run = caller.run();
    let patch = input(inputs, "patch")?.to_value();
    let tree = run.tree().await?;
    let project = run.compiled.tree.as_ref();
    let project = project.and_then(|rule| run.mounts.get(&rule.source));
    let project = Arc::clone(project.ok_or("the operator's directory is not there")?);
    let applied = tokio::task::spawn_blocking(move || tree.apply(&project, &patch));
    let applied = applied
        .await
        .map_err(|_panic| "the patch was not applied".to_owned())??;
    Ok(Output::plain(Payload::json(json!({ "applied": applied }))))
}
