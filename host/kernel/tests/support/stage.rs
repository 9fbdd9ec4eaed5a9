//! A small world to act in: one policy, one root, and words for the labels in it.

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{Argument, Delivery, EffectPermit, Ending, Monitor};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, GateId, GateRule, Grants, KernelLimits,
    ProfileId, ProfileRule, Tables, Verdict,
};

pub(crate) const WEB: TagSet = TagSet::of(0);
pub(crate) const MAIL: TagSet = TagSet::of(1);
pub(crate) const OPERATOR: Readers = Readers::of(0);
pub(crate) const MODEL: Readers = Readers::of(1);

/// Sends text to a stranger: no argument may be tainted.
pub(crate) const SEND: FunctionId = FunctionId(0);
/// Asks a model: anything may go there that it may read; the answer is no worse.
pub(crate) const ASK_MODEL: FunctionId = FunctionId(1);
/// Stores: the subject (0) must be clean, the body (1) may be from the web.
pub(crate) const STORE: FunctionId = FunctionId(2);
/// Fetches a page: the answer is tainted.
pub(crate) const FETCH: FunctionId = FunctionId(3);
/// A person decides each time.
pub(crate) const PAY: FunctionId = FunctionId(4);
/// No arguments and no caller with a taint.
pub(crate) const RESTART: FunctionId = FunctionId(5);
/// Writes to whom the model is; a person decides about pages that go there, and no mail may.
pub(crate) const PUBLISH: FunctionId = FunctionId(6);
/// Not in the policy, though an instance may be granted its number.
pub(crate) const UNWRITTEN: FunctionId = FunctionId(7);

/// Removes `web`, four bits for each item.
pub(crate) const CLASSIFY: GateId = GateId(0);
/// Removes every tag, one bit for each item.
pub(crate) const TRIAGE: GateId = GateId(1);
/// Releases to the model what it could not read.
pub(crate) const RELEASE: GateId = GateId(2);
/// Not in the policy, though an instance may be granted its number.
pub(crate) const UNWRITTEN_GATE: GateId = GateId(3);

/// Reads the web.
pub(crate) const READER: ProfileId = ProfileId(0);
/// Reads only what is clean and public.
pub(crate) const CLERK: ProfileId = ProfileId(1);
/// Reads everything.
pub(crate) const FLOATING: ProfileId = ProfileId(2);
/// Reads the web and mail.
pub(crate) const BOTH: ProfileId = ProfileId(3);
/// Asks for more than the stage's root has.
pub(crate) const GREEDY: ProfileId = ProfileId(4);

pub(crate) type Stage = Monitor<&'static str>;

pub(crate) const fn tainted(taint: TagSet) -> Label {
    Label {
        taint,
        readers: Readers::PUBLIC,
    }
}

pub(crate) const fn readable_by(readers: Readers) -> Label {
    Label {
        taint: TagSet::EMPTY,
        readers,
    }
}

pub(crate) fn both(taint: TagSet, readers: Readers) -> Label {
    tainted(taint).join(readable_by(readers))
}

/// The functions, gates and profiles above.
pub(crate) fn tables() -> Tables {
    let function = |caller, tolerated: &[TagSet], recipients, source| FunctionRule {
        arguments: tolerated
            .iter()
            .map(|tolerates| ArgumentRule {
                tolerates: *tolerates,
            })
            .collect(),
        caller,
        recipients,
        source,
        verdict: Verdict::Allow,
    };
    let (clean, all) = (TagSet::EMPTY, TagSet::ALL);
    let pay = function(clean, &[clean], Readers::STRANGER, Label::BOTTOM);
    let profile = |grants, clearance| ProfileRule {
        grants,
        clearance,
        reserve: Bits::ZERO,
    };
    Tables {
        functions: vec![
            function(clean, &[clean], Readers::STRANGER, Label::BOTTOM),
            function(all, &[all], MODEL, Label::BOTTOM),
            function(WEB, &[clean, WEB], Readers::NOBODY, Label::BOTTOM),
            function(all, &[all], Readers::STRANGER, tainted(WEB)),
            FunctionRule {
                verdict: Verdict::Ask { passes: clean },
                ..pay
            },
            function(clean, &[], Readers::NOBODY, Label::BOTTOM),
            FunctionRule {
                verdict: Verdict::AskOtherwise { passes: WEB },
                ..function(clean, &[clean, clean], MODEL, Label::BOTTOM)
            },
        ],
        gates: vec![
            GateRule {
                removes: WEB,
                releases: Readers::NOBODY,
                per_item: Bits::whole(4),
            },
            GateRule {
                removes: all,
                releases: Readers::NOBODY,
                per_item: Bits::whole(1),
            },
            GateRule {
                removes: clean,
                releases: MODEL,
                per_item: Bits::whole(4),
            },
        ],
        profiles: vec![
            profile(grants(&[ASK_MODEL], &[]), tainted(WEB)),
            profile(grants(&[STORE], &[]), Label::BOTTOM),
            profile(grants(&[], &[]), Label::TOP),
            profile(grants(&[], &[]), tainted(WEB | MAIL)),
            profile(grants(&[FunctionId(500)], &[]), Label::BOTTOM),
        ],
        limits: KernelLimits::default(),
    }
}

pub(crate) fn grants(functions: &[FunctionId], gates: &[GateId]) -> Grants {
    let mut all = Grants::NONE;
    for id in functions {
        all.allow_function(*id);
    }
    for id in gates {
        all.allow_gate(*id);
    }
    all
}

/// Everything that the policy has, and two numbers that it has not.
pub(crate) fn everything() -> Grants {
    let functions: Vec<FunctionId> = (0..=UNWRITTEN.0).map(FunctionId).collect();
    grants(&functions, &[CLASSIFY, TRIAGE, RELEASE, UNWRITTEN_GATE])
}

/// A clean root that may rise to everything and do everything.
pub(crate) fn stage() -> (Stage, InstanceId) {
    stage_with(tables())
}

pub(crate) fn stage_with(tables: Tables) -> (Stage, InstanceId) {
    let mut stage = Monitor::new(tables);
    let root = stage.start_root(Label::BOTTOM, Label::TOP, everything(), 1);
    (stage, root)
}

/// An instance of its own with these labels, beside the root.
pub(crate) fn actor(stage: &mut Stage, start: Label, clearance: Label) -> InstanceId {
    stage.start_root(start, clearance, everything(), 99)
}

/// Gives an instance a text with a label, made of no item.
pub(crate) fn text(stage: &mut Stage, owner: InstanceId, label: Label) -> Handle {
    stage
        .admit(
            owner,
            Facts::flat(label, Origins::NONE, Media::Text),
            "text",
        )
        .unwrap()
}

/// Gives an instance a text with a label, made of one item.
pub(crate) fn item(stage: &mut Stage, owner: InstanceId, label: Label, origin: u32) -> Handle {
    let origins = Origins::of(Origin(origin));
    stage
        .admit(owner, Facts::flat(label, origins, Media::Text), "item")
        .unwrap()
}

pub(crate) fn shown(stage: &Stage, owner: InstanceId, handle: Handle) -> Label {
    stage.describe(owner, handle).unwrap().1
}

/// Makes an effect with handles as its arguments, in order.
pub(crate) fn effect(
    stage: &mut Stage,
    caller: InstanceId,
    function: FunctionId,
    handles: &[Handle],
) -> Result<EffectPermit, Denial> {
    let arguments: Vec<_> = handles
        .iter()
        .zip(0..)
        .map(|(handle, number)| (ArgumentId(number), Argument::Content(*handle)))
        .collect();
    stage.effect(caller, function, &arguments, Readers::NOBODY)
}

/// Spawns with parts only, so that the child starts where its parent is.
pub(crate) fn spawn(
    stage: &mut Stage,
    parent: InstanceId,
    profile: ProfileId,
    parts: &[Handle],
) -> (InstanceId, Vec<Handle>) {
    let spawned = stage.spawn(parent, profile, &[], parts, 7).unwrap();
    (spawned.child, spawned.parts)
}

/// Ends a child and tells its parent.
pub(crate) fn end(
    stage: &mut Stage,
    child: InstanceId,
    parent: InstanceId,
    ending: Ending<&'static str>,
) -> Delivery {
    let ended = stage.finish(child, ending).unwrap();
    stage.deliver(parent, ended, "nothing").unwrap()
}

/// Ends a child that gives a value, and returns the parent's handle of it.
pub(crate) fn result(
    stage: &mut Stage,
    child: InstanceId,
    parent: InstanceId,
    ending: Ending<&'static str>,
) -> Handle {
    match end(stage, child, parent, ending) {
        Delivery::Outcome(_, handle, _) | Delivery::Sealed(handle) => handle,
    }
}

pub(crate) fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}
