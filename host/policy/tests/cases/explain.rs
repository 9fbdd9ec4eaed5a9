//! Is every denial put in words: rule, who and what, remedy?

use lazaret_kernel::denial::Denial;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, ProfileId};
use lazaret_policy::compiled::Compiled;
use lazaret_policy::explain::{DenialKind, Explained};

use crate::triage::compiled;

/// Every kind of denial once. The match keeps the list complete.
pub(crate) fn all(compiled: &Compiled) -> Vec<Denial> {
    let issue = compiled.names.find_tag("issue").unwrap();
    let models = compiled.names.find_reader("models").unwrap();
    let function = compiled.function_id("tracker.label").unwrap();
    let gate = GateId(0);
    let profile = ProfileId(0);
    let tainted = Label {
        taint: issue,
        readers: Readers::PUBLIC,
    };
    let list = vec![
        Denial::UnknownHandle,
        Denial::UnknownInstance,
        Denial::NotGranted(function),
        Denial::UnknownArgument(function),
        Denial::CallerTaint {
            function,
            excess: issue,
        },
        Denial::ArgumentTaint {
            function,
            argument: ArgumentId(0),
            excess: issue | TagSet::UNKNOWN,
        },
        Denial::Recipients {
            function,
            excess: models,
        },
        Denial::NeedsApproval(function),
        Denial::Clearance {
            label: tainted,
            clearance: Label::BOTTOM,
        },
        Denial::GateNotGranted(gate),
        Denial::GateCaller {
            gate,
            excess: issue,
        },
        Denial::GateReaders {
            gate,
            excess: models,
        },
        Denial::GateItemBudget(gate),
        Denial::GateRunBudget,
        Denial::UnknownProfile,
        Denial::SpawnGrants(profile),
        Denial::SpawnClearance {
            profile,
            start: Label {
                taint: TagSet::UNKNOWN,
                readers: Readers::NOBODY,
            },
        },
        Denial::TooManyHandles,
        Denial::TooManyArguments(function),
    ];
    let mut seen: Vec<usize> = list.iter().map(number).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..19).collect::<Vec<_>>());
    list
}

fn number(denial: &Denial) -> usize {
    match denial {
        Denial::UnknownHandle => 0,
        Denial::UnknownInstance => 1,
        Denial::NotGranted(_) => 2,
        Denial::UnknownArgument(_) => 3,
        Denial::CallerTaint { .. } => 4,
        Denial::ArgumentTaint { .. } => 5,
        Denial::Recipients { .. } => 6,
        Denial::NeedsApproval(_) => 7,
        Denial::Clearance { .. } => 8,
        Denial::GateNotGranted(_) => 9,
        Denial::GateCaller { .. } => 10,
        Denial::GateItemBudget(_) => 11,
        Denial::GateRunBudget => 12,
        Denial::UnknownProfile => 13,
        Denial::SpawnGrants(_) => 14,
        Denial::SpawnClearance { .. } => 15,
        Denial::TooManyHandles => 16,
        Denial::TooManyArguments(_) => 17,
        Denial::GateReaders { .. } => 18,
    }
}

#[test]
fn every_denial_says_its_rule_and_why() {
    use DenialKind::{Clearance, Gate, Limit, NotGranted, Readers, Refused, Taint, UnknownHandle};
    let compiled = compiled();
    let found: Vec<(DenialKind, String, String)> = all(&compiled)
        .iter()
        .map(|denial| compiled.explain(denial))
        .map(
            |Explained {
                 kind,
                 rule,
                 message,
                 ..
             }| (kind, rule, message),
        )
        .collect();
    let expected = [
        (UnknownHandle, "unknown-handle", "the caller was given no handle of that number"),
        (NotGranted, "instance-ended", "the caller has ended"),
        (NotGranted, "not-granted:tracker.label", "the caller may not use `tracker.label`"),
        (NotGranted, "unknown-argument:tracker.label", "`tracker.label` has no such argument"),
        (Taint, "caller-taint:tracker.label", "`tracker.label` may not be called by a component that has read content tagged `issue`"),
        (Taint, "taint:tracker.label/number", "the argument `number` of `tracker.label` does not take what carries `issue`, `unknown`"),
        (Readers, "readers:tracker.label", "`tracker.label` reaches `models`, who may not read what goes there"),
        (Refused, "needs-approval:tracker.label", "`tracker.label` waits for a person's approval"),
        (Clearance, "clearance", "the caller may not read this: it carries `issue`, for which there is no clearance"),
        (Gate, "gate-not-granted:verdict", "the caller may not use the gate rule `verdict`"),
        (Gate, "gate-caller:verdict", "the caller has itself read content tagged `issue`, which the gate rule `verdict` removes"),
        (Gate, "gate-readers:verdict", "the caller has itself read what `models` may not read, and the gate rule `verdict` releases to them"),
        (Gate, "gate-item-budget:verdict", "the 16.000 bits that an item may decide through the gate rule `verdict` do not reach for this type"),
        (Gate, "gate-run-budget", "the bits that untrusted content may decide in this run are spent"),
        (NotGranted, "unknown-profile", "the policy has no such profile"),
        (NotGranted, "spawn-grants:reader", "an agent of the profile `reader` would hold capabilities that the caller does not"),
        (Clearance, "spawn-clearance:reader", "an agent of the profile `reader` may not read its task's text: it carries `unknown`, for which there is no clearance, and `operator`, `models` may not read it"),
        (Limit, "too-many-handles", "the caller holds 65536 handles, which is the most"),
        (Limit, "too-many-arguments:tracker.label", "`tracker.label` was called with too many arguments"),
    ]
    .map(|(kind, rule, message)| (kind, rule.to_owned(), message.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn words_keep_to_the_form_of_messages() {
    let compiled = compiled();
    for denial in all(&compiled) {
        let said = compiled.explain(&denial);
        for text in [&said.message, &said.remedy] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            assert!(!text.starts_with(char::is_uppercase), "{text}");
        }
        let subject = said.rule.strip_prefix(said.code);
        assert!(subject.is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    }
}

#[test]
fn a_clearance_names_who_may_not_read() {
    let compiled = compiled();
    let operator = compiled.names.find_reader("operator").unwrap();
    let denial = Denial::Clearance {
        label: Label {
            taint: TagSet::EMPTY,
            readers: operator,
        },
        clearance: Label::BOTTOM,
    };
    let message = compiled.explain(&denial).message;
    assert_eq!(
        message,
        "the caller may not read this: somebody whom the policy does not name may not read it"
    );
    let denial = Denial::Recipients {
        function: FunctionId(0),
        excess: Readers::PUBLIC,
    };
    assert!(
        compiled
            .explain(&denial)
            .message
            .starts_with("`run.print` reaches everybody")
    );
}

#[test]
fn an_unknown_function_is_denied_in_the_words_of_one_that_is_not_granted() {
    let compiled = compiled();
    let close = compiled.function_id("tracker.close").unwrap();
    let real = compiled.explain(&Denial::NotGranted(close));
    let invented = compiled.explain_not_granted("tracker.close");
    assert_eq!(real, invented);
    let rule = compiled.explain_not_granted("\u{1b}[2J").rule;
    assert_eq!(rule, "not-granted:\\u{1b}[2J");
    assert!(compiled.explain_not_granted(&"x".repeat(9_999)).rule.len() < 120);
    assert_eq!(
        compiled.explain_gate_not_granted("x").rule,
        "gate-not-granted:x"
    );
    assert_eq!(
        compiled.explain_unknown_profile("x").message,
        "the policy has no profile `x`"
    );
}

#[test]
fn numbers_that_the_policy_does_not_have_are_still_answered() {
    let compiled = compiled();
    let said = compiled.explain(&Denial::NotGranted(FunctionId(999)));
    assert_eq!(said.rule, "not-granted:function 999");
    let said = compiled.explain(&Denial::GateNotGranted(GateId(9)));
    assert_eq!(said.rule, "gate-not-granted:gate 9");
    let said = compiled.explain(&Denial::SpawnGrants(ProfileId(9)));
    assert_eq!(said.rule, "spawn-grants:profile 9");
}
