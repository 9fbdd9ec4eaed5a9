//! Takes over what an agent has changed in a worktree of its own.

use std::sync::Arc;

use lazaret_kernel::content::Facts;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::origins::Origins;
use lazaret_policy::compiled::WorktreeAct;
use serde_json::json;

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::payload::Payload;
use crate::remembered::media;
use crate::run::Run;

/// Performs one act. What it tells carries everything that either tree holds.
pub(super) async fn act(
    caller: &Caller,
    permit: &EffectPermit,
    act: WorktreeAct,
    inputs: &[(String, Payload)],
) -> Result<Output, Failure> {
    let run = caller.run();
    let name = input(inputs, "worktree")?.to_text();
    let worktree = run.worktree(&name).await?;
    let tree = caller.tree().await?;
    if Arc::ptr_eq(&worktree, &tree) {
        return Err("a worktree is not merged into itself".to_owned().into());
    }
    let waiting = caller.watch().pause();
    let _source = worktree.turn.read().await;
    let _target = tree.turn.write().await;
    drop(waiting);
    let inputs = run.monitor().answer_label(permit);
    let label = inputs.join(worktree.label()).join(tree.label());
    let own = run.repository().await?;
    let (worktree, tree) = (Arc::clone(&worktree), Arc::clone(&tree));
    let performed = tokio::task::spawn_blocking(move || {
        let changes = worktree.changes();
        match act {
            WorktreeAct::Patch => worktree.patch(&changes),
            WorktreeAct::Merge => {
                let merged = tree.merge(&worktree, &changes, own.as_deref(), inputs)?;
                if merged.conflicts.is_empty() {
                    Run::was_merged(&worktree)?;
                }
                Ok(json!({ "merged": merged.merged, "conflicts": merged.conflicts }))
            }
        }
    });
    let performed = performed
        .await
        .map_err(|_panic| "the worktree could not be read".to_owned());
    let told = performed?.map_err(|message| Failure {
        label: Some(label),
        ..Failure::from(message)
    })?;
    Ok(Output {
        facts: Some(Facts::flat(label, Origins::NONE, media(false))),
        ..Output::plain(Payload::json(told))
    })
}
