//! What a command that reaches hosts can send there besides its words: the files of the run tree.

use lazaret_kernel::denial::Denial;
use lazaret_kernel::label::Label;
use lazaret_policy::command::TREE;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::replay::Scope;
use serde_json::Value;

use super::{Caller, Given};
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::remembered::label_of;

/// What a person is shown of it: which files there are is not known before the command starts.
pub(super) fn shown() -> Payload {
    let words = "every file of the run tree, as it is when the command starts";
    Payload::json(Value::from(words))
}

impl Caller {
    /// Adds the run tree to the arguments of a command that reaches hosts: it is judged like
    /// every other argument.
    pub(super) async fn add_tree(
        &self,
        function: &str,
        arguments: &mut Vec<(String, Given)>,
    ) -> Result<(), GuestError> {
        let compiled = &self.run.compiled;
        let Some(id) = compiled.function_id(function) else {
            return Ok(());
        };
        let reaches_hosts = compiled.function(id).is_some_and(|one| match &one.kind {
            FunctionKind::Command { group } => !compiled.has_no_exit(group),
            _ => false,
        });
        let is_granted = {
            let monitor = self.run.monitor();
            let grants = monitor.grants(self.instance);
            grants.is_ok_and(|grants| grants.has_function(id))
        };
        if !reaches_hosts || !is_granted {
            return Ok(());
        }
        if arguments.iter().any(|(name, _)| name == TREE) {
            return Err(self.deny(function, Denial::UnknownArgument(id)));
        }
        let label = self.tree_label(function).await;
        arguments.push((TREE.to_owned(), Given::Tree(label)));
        Ok(())
    }

    /// Returns what the tree's files are judged at. A call of an earlier part of the run is
    /// judged as it was then: what others have written since is nothing that it could send. The
    /// label is looked at again when the command starts, whatever was judged here.
    async fn tree_label(&self, function: &str) -> Label {
        let scope = Scope {
            step: self.step,
            within: self.within,
        };
        let recorded = {
            let replay = self.run.replay();
            let effect = replay.awaited(scope, function);
            effect.and_then(|effect| effect.inputs.clone())
        };
        if let Some(inputs) = recorded {
            return label_of(&self.run.compiled.names, &inputs);
        }
        // Where there is none yet, nobody has written to it. Where it cannot be opened, no
        // command starts either.
        let made = match &self.worktree {
            Some(own) => Some(std::sync::Arc::clone(own)),
            None => self.run.tree_if_made().await.ok().flatten(),
        };
        made.map_or(Label::BOTTOM, |tree| tree.beyond_project())
    }
}
