//! The sentences of each denial.

use lazaret_kernel::label::{Label, MAX_READERS, Readers, TagSet};
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, MAX_ARGUMENTS, ProfileId};

use super::{DenialKind, Explained};
use crate::command::TREE;
use crate::compiled::{Compiled, FunctionKind};
use lazaret_manifest::codes::{self, Code};
use lazaret_manifest::diagnostic::{quote, quote_all};

impl Compiled {
    pub(super) fn unknown_argument(&self, function: FunctionId) -> Explained {
        let name = self.function_name(function);
        let arguments = self.function(function).map_or_else(String::new, |one| {
            // The tree is an argument that the host gives.
            let by_callers = one
                .arguments
                .iter()
                .filter(|name| !matches!(one.kind, FunctionKind::Command { .. }) || *name != TREE);
            let by_callers: Vec<&str> = by_callers.map(String::as_str).collect();
            quote_all(&by_callers)
        });
        let remedy = if arguments.is_empty() {
            format!("call {} without arguments", quote(&name))
        } else {
            format!("use only {arguments}")
        };
        let message = format!("{} has no such argument", quote(&name));
        explained(
            DenialKind::NotGranted,
            codes::DENIED_UNKNOWN_ARGUMENT,
            &name,
            message,
            remedy,
        )
    }

    pub(super) fn caller_taint(&self, function: FunctionId, excess: TagSet) -> Explained {
        let name = self.function_name(function);
        let tags = self.tags(excess);
        explained(
            DenialKind::Taint,
            codes::DENIED_CALLER_TAINT,
            &name,
            format!(
                "{} may not be called by a component that has read content tagged {tags}",
                quote(&name)
            ),
            "return a closed value through a gate and let a component that has read nothing of it call".to_owned(),
        )
    }

    pub(super) fn argument_taint(
        &self,
        function: FunctionId,
        argument: ArgumentId,
        excess: TagSet,
    ) -> Explained {
        let name = self.function_name(function);
        let argument = self.argument_name(function, argument);
        let tags = self.tags(excess);
        explained(
            DenialKind::Taint,
            codes::DENIED_TAINT,
            &format!("{name}/{argument}"),
            format!(
                "the argument {} of {} does not take what carries {tags}",
                quote(&argument),
                quote(&name)
            ),
            "pass a value that carries none of it, such as one from a gate".to_owned(),
        )
    }

    pub(super) fn recipients(&self, function: FunctionId, excess: Readers) -> Explained {
        let name = self.function_name(function);
        let who = self.principals(excess);
        explained(
            DenialKind::Readers,
            codes::DENIED_READERS,
            &name,
            format!(
                "{} reaches {who}, who may not read what goes there",
                quote(&name)
            ),
            format!("pass only what {who} may read"),
        )
    }

    pub(super) fn needs_approval(&self, function: FunctionId) -> Explained {
        let name = self.function_name(function);
        explained(
            DenialKind::Refused,
            codes::DENIED_NEEDS_APPROVAL,
            &name,
            format!("{} waits for a person's approval", quote(&name)),
            "approve the call, or do without it".to_owned(),
        )
    }

    pub(super) fn clearance(&self, label: Label, clearance: Label) -> Explained {
        explained(
            DenialKind::Clearance,
            codes::DENIED_CLEARANCE,
            "",
            format!(
                "the caller may not read this: {}",
                self.over(label, clearance)
            ),
            "pass the handle on unread, project a part of it, or use a gate".to_owned(),
        )
    }

    pub(super) fn gate_caller(&self, gate: GateId, excess: TagSet) -> Explained {
        let name = self.gate_called(gate);
        let tags = self.tags(excess);
        let rule = self.tables.gate(gate);
        let releases = rule.is_some_and(|rule| !rule.releases.is_nobody());
        let what = if releases { "releases" } else { "removes" };
        explained(
            DenialKind::Gate,
            codes::DENIED_GATE_CALLER,
            &name,
            format!(
                "the caller has itself read content tagged {tags}, {} the gate rule {} {what}",
                if releases { "and" } else { "which" },
                quote(&name)
            ),
            "let a component that has read nothing of it use the gate".to_owned(),
        )
    }

    pub(super) fn gate_readers(&self, gate: GateId, excess: Readers) -> Explained {
        let name = self.gate_called(gate);
        let who = self.principals(excess);
        explained(
            DenialKind::Gate,
            codes::DENIED_GATE_READERS,
            &name,
            format!(
                "the caller has itself read what {who} may not read, and the gate rule {} releases to them",
                quote(&name)
            ),
            "let a component that has read nothing of it use the gate".to_owned(),
        )
    }

    pub(super) fn gate_item_budget(&self, gate: GateId) -> Explained {
        let name = self.gate_called(gate);
        let allowed = self
            .tables
            .gate(gate)
            .map_or_else(String::new, |rule| rule.per_item.to_string());
        explained(
            DenialKind::Gate,
            codes::DENIED_GATE_ITEM_BUDGET,
            &name,
            format!(
                "the {allowed} bits that an item may decide through the gate rule {} do not reach for this type",
                quote(&name)
            ),
            "ask for a smaller type, or raise `bits_per_item` of the rule".to_owned(),
        )
    }

    pub(super) fn spawn_grants(&self, profile: ProfileId) -> Explained {
        let name = self.profile_name(profile);
        explained(
            DenialKind::NotGranted,
            codes::DENIED_SPAWN_GRANTS,
            &name,
            format!(
                "an agent of the profile {} would hold capabilities that the caller does not",
                quote(&name)
            ),
            "start a profile whose grants the caller holds itself".to_owned(),
        )
    }

    pub(super) fn spawn_clearance(&self, profile: ProfileId, start: Label) -> Explained {
        let name = self.profile_name(profile);
        let over = self
            .tables
            .profile(profile)
            .map_or_else(String::new, |rule| {
                format!(": {}", self.over(start, rule.clearance))
            });
        explained(
            DenialKind::Clearance,
            codes::DENIED_SPAWN_CLEARANCE,
            &name,
            format!(
                "an agent of the profile {} may not read its task's text{over}",
                quote(&name)
            ),
            "give the content as a part, unread, or use a profile that is cleared for it"
                .to_owned(),
        )
    }

    pub(super) fn too_many_handles(&self) -> Explained {
        let most = self.tables.limits.handles;
        explained(
            DenialKind::Limit,
            codes::DENIED_TOO_MANY_HANDLES,
            "",
            format!("the caller holds {most} handles, which is the most"),
            "split the work over several agents".to_owned(),
        )
    }

    pub(super) fn too_many_arguments(&self, function: FunctionId) -> Explained {
        let name = self.function_name(function);
        explained(
            DenialKind::Limit,
            codes::DENIED_TOO_MANY_ARGUMENTS,
            &name,
            format!("{} was called with too many arguments", quote(&name)),
            format!("pass at most {MAX_ARGUMENTS} arguments"),
        )
    }

    /// Says what of `label` is above `clearance`.
    pub(super) fn over(&self, label: Label, clearance: Label) -> String {
        let taint = label.taint.without(clearance.taint);
        let readers = clearance.readers.without(label.readers);
        let taint = (!taint.is_empty()).then(|| {
            format!(
                "it carries {}, for which there is no clearance",
                self.tags(taint)
            )
        });
        let readers =
            (!readers.is_nobody()).then(|| format!("{} may not read it", self.principals(readers)));
        match (taint, readers) {
            (Some(taint), Some(readers)) => format!("{taint}, and {readers}"),
            (Some(reason), None) | (None, Some(reason)) => reason,
            (None, None) => "what the caller has read already rules it out".to_owned(),
        }
    }

    pub(super) fn tags(&self, set: TagSet) -> String {
        quote_all(&self.names.tag_names(set))
    }

    pub(super) fn principals(&self, set: Readers) -> String {
        let Some(names) = self.names.reader_names(set) else {
            return "everybody".to_owned();
        };
        let stranger = set.iter().any(|index| index >= MAX_READERS);
        if stranger || names.is_empty() {
            return "somebody whom the policy does not name".to_owned();
        }
        quote_all(&names)
    }

    pub(super) fn function_name(&self, id: FunctionId) -> String {
        self.function(id)
            .map_or_else(|| format!("function {}", id.0), |one| one.name.clone())
    }

    pub(super) fn argument_name(&self, function: FunctionId, id: ArgumentId) -> String {
        self.function(function)
            .and_then(|one| one.arguments.get(usize::from(id.0)).cloned())
            .unwrap_or_else(|| format!("argument {}", id.0))
    }

    pub(super) fn gate_called(&self, id: GateId) -> String {
        self.gate_name(id)
            .map_or_else(|| format!("gate {}", id.0), str::to_owned)
    }

    pub(super) fn profile_name(&self, id: ProfileId) -> String {
        self.profile(id)
            .map_or_else(|| format!("profile {}", id.0), |one| one.name.clone())
    }
}

pub(super) fn unknown_handle() -> Explained {
    explained(
        DenialKind::UnknownHandle,
        codes::DENIED_UNKNOWN_HANDLE,
        "",
        "the caller was given no handle of that number".to_owned(),
        "use the handles that this instance's own task and calls gave it".to_owned(),
    )
}

pub(super) fn no_model() -> Explained {
    explained(
        DenialKind::NotGranted,
        codes::DENIED_NO_MODEL,
        "",
        "no model is configured".to_owned(),
        "add one to the policy, for example `[models] ollama = {}` and `alias = { default = \"ollama/qwen3\" }`, and grant `model.default` to the profile; `lazaret doctor` lists the local servers that answer".to_owned(),
    )
}

pub(super) fn instance_ended() -> Explained {
    explained(
        DenialKind::NotGranted,
        codes::DENIED_INSTANCE_ENDED,
        "",
        "the caller has ended".to_owned(),
        "start another instance".to_owned(),
    )
}

pub(super) fn gate_run_budget() -> Explained {
    explained(
        DenialKind::Gate,
        codes::DENIED_GATE_RUN_BUDGET,
        "",
        "the bits that untrusted content may decide in this run are spent".to_owned(),
        "raise `gate_bits` of the budget, or keep the value inside its handle".to_owned(),
    )
}

pub(super) fn unknown_profile(name: Option<&str>) -> Explained {
    explained(
        DenialKind::NotGranted,
        codes::DENIED_UNKNOWN_PROFILE,
        &name.map_or_else(String::new, subject),
        name.map_or_else(
            || "the policy has no such profile".to_owned(),
            |name| format!("the policy has no profile {}", quote(name)),
        ),
        "use a profile that the policy lists".to_owned(),
    )
}

pub(super) fn explained(
    kind: DenialKind,
    code: Code,
    subject: &str,
    message: String,
    remedy: String,
) -> Explained {
    let code = code.0;
    let rule = if subject.is_empty() {
        code.to_owned()
    } else {
        format!("{code}:{subject}")
    };
    Explained {
        kind,
        code,
        rule,
        message,
        remedy,
    }
}

/// A name as a rule repeats it: the caller's own word, made short and printable.
pub(super) fn subject(name: &str) -> String {
    quote(name).trim_matches('`').to_owned()
}
