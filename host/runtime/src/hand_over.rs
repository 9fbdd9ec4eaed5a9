//! The end of a run: what its tree has become reaches the operator's files, or is kept.

use std::sync::Arc;

use lazaret_kernel::content::Facts;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origins;
use lazaret_workflow::replay::OnMiss;
use tokio::sync::watch;

use crate::bindings::types::Error as GuestError;
use crate::call::{Caller, Given};
use crate::error::HostError;
use crate::payload::Payload;
use crate::remembered::media;
use crate::report::TreeReport;
use crate::run::{Failed, Run};
use crate::tree::{Change, Tree};
use crate::waiting::Load;
use crate::words;

/// What became of a run's tree.
#[derive(Debug)]
pub(crate) enum HandedOver {
    /// There was nothing to hand over.
    Nothing,
    /// It was applied, or not.
    Told(TreeReport),
    /// A person has to say whether.
    Waiting,
}

/// Applies what the run tree has become, and takes away what is no longer needed. A run that
/// failed keeps its tree, and a worktree that nobody merged is kept and named.
pub(crate) async fn hand_over(
    run: &Arc<Run>,
    root: InstanceId,
    succeeded: bool,
) -> Result<HandedOver, HostError> {
    // What only shows what would happen touches no tree.
    if run.compiled.tree.is_none() || run.replay().settings().on_miss != OnMiss::Make {
        return Ok(HandedOver::Nothing);
    }
    let handed = tree(run, root, succeeded).await?;
    if matches!(handed, HandedOver::Waiting) {
        return Ok(handed);
    }
    let worktrees = run.sweep().await;
    Ok(match handed {
        HandedOver::Told(told) => HandedOver::Told(TreeReport { worktrees, ..told }),
        HandedOver::Nothing if !worktrees.is_empty() => HandedOver::Told(TreeReport {
            worktrees,
            ..TreeReport::default()
        }),
        other => other,
    })
}

/// One effect like any other, judged at the label of everything that has changed.
async fn tree(run: &Arc<Run>, root: InstanceId, succeeded: bool) -> Result<HandedOver, HostError> {
    let tree = match run.tree_if_made().await {
        Ok(Some(tree)) => tree,
        Ok(None) => return Ok(HandedOver::Nothing),
        Err(problem) => return Ok(kept(Vec::new(), problem)),
    };
    if let Err(problem) = tree.settle(tree.label()) {
        return Ok(kept(Vec::new(), problem));
    }
    let changes = tree.changes();
    let changed: Vec<String> = changes.iter().map(|change| change.path.clone()).collect();
    if changes.is_empty() {
        run.forget_tree();
        return Ok(HandedOver::Nothing);
    }
    if !succeeded {
        return Ok(kept(changed, "the run gave no result".to_owned()));
    }
    // It goes on by itself until it waits for a person who is not there.
    let _going_on = run.waiting().begin();
    let mut load = run.waiting().watch();
    let applied = tokio::select! {
        applied = apply(run, root, &tree, &changes) => applied,
        () = stuck(&mut load) => return Ok(HandedOver::Waiting),
    };
    if let Err(error) = applied {
        return Ok(kept(changed, words::sentence(&error)));
    }
    let problem = run.take_unapplied().or_else(|| tree.unapplied(&changes));
    if let Some(problem) = problem {
        run.tally().failures.push(Failed {
            step: 0,
            name: "the run tree".to_owned(),
            message: problem.clone(),
            // It names files, whose names are agents' words.
            taint: run.label_text(carried(&changes)).taint,
        });
        return Ok(kept(changed, problem));
    }
    run.forget_tree();
    Ok(HandedOver::Told(TreeReport {
        changed,
        applied: true,
        ..TreeReport::default()
    }))
}

fn kept(changed: Vec<String>, problem: String) -> HandedOver {
    HandedOver::Told(TreeReport {
        changed,
        problem: Some(problem),
        ..TreeReport::default()
    })
}

async fn apply(
    run: &Arc<Run>,
    root: InstanceId,
    tree: &Arc<Tree>,
    changes: &[Change],
) -> Result<(), GuestError> {
    let patch = tree.patch(changes).map_err(GuestError::Failed)?;
    let facts = Facts::flat(carried(changes), Origins::NONE, media(false));
    let handle = run.monitor().admit(root, facts, Payload::json(patch));
    let handle = handle.map_err(|_denial| GuestError::Failed("no handle is left".to_owned()))?;
    let caller = Caller::new(Arc::clone(run), root, 0);
    let arguments = vec![("patch".to_owned(), Given::Content(handle))];
    caller.effect(APPLY, arguments).await.map(drop)
}

fn carried(changes: &[Change]) -> Label {
    let labels = changes.iter().map(|change| change.label);
    labels.fold(Label::BOTTOM, Label::join)
}

/// The function by which a tree is applied.
const APPLY: &str = "run.apply";

/// Waits until nothing goes on unless a person answers.
async fn stuck(load: &mut watch::Receiver<Load>) {
    loop {
        if load.borrow_and_update().is_stuck() {
            return;
        }
        if load.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
