//! A policy in the reference's words, and the same one as the kernel's tables.

use std::collections::BTreeSet;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::{self, Readers, TagSet};
use lazaret_kernel::tables::{
    ArgumentRule, FunctionId, FunctionRule, GateId, GateRule, Grants, KernelLimits, ProfileRule,
    Tables, Verdict,
};

use crate::labels::{Label, Names};

pub(crate) struct Function {
    pub(crate) caller: Names,
    pub(crate) arguments: Vec<Names>,
    pub(crate) recipients: Names,
    pub(crate) source: Label,
    pub(crate) person: Person,
}

/// Whether a person decides, and which tags one may let through.
#[derive(Clone, PartialEq)]
pub(crate) enum Person {
    Never,
    Otherwise(Names),
    Always(Names),
}

#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) functions: BTreeSet<usize>,
    pub(crate) gates: BTreeSet<usize>,
    pub(crate) clearance: Label,
    /// The thousandths of a bit that are set aside for each instance.
    pub(crate) reserve: u64,
}

#[derive(Default)]
pub(crate) struct Policy {
    pub(crate) functions: Vec<Function>,
    /// What each gate removes, to whom it releases, and its thousandths of a bit.
    pub(crate) gates: Vec<(Names, Names, u64)>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) run_budget: u64,
    pub(crate) outcome_budget: u64,
}

/// Returns the kernel's bit of a tag.
pub(crate) fn tags(names: &Names) -> TagSet {
    let tag = |name: &&str| match *name {
        "web" => TagSet::of(0),
        "mail" => TagSet::of(1),
        _ => TagSet::UNKNOWN,
    };
    names
        .iter()
        .map(tag)
        .fold(TagSet::EMPTY, |all, one| all | one)
}

/// Returns the kernel's bits of a set of principals.
pub(crate) fn principals(names: &Names) -> Readers {
    let principal = |name: &&str| match *name {
        "operator" => Readers::of(0),
        "model" => Readers::of(1),
        _ => Readers::STRANGER,
    };
    names
        .iter()
        .map(principal)
        .fold(Readers::NOBODY, |all, one| all | one)
}

/// Returns the kernel's form of a label.
pub(crate) fn label(label: &Label) -> label::Label {
    label::Label {
        taint: tags(&label.0),
        readers: label.1.as_ref().map_or(Readers::PUBLIC, principals),
    }
}

pub(crate) fn grants(profile: &Profile) -> Grants {
    let mut grants = Grants::NONE;
    let number = |id: &usize| u16::try_from(*id).unwrap();
    profile
        .functions
        .iter()
        .for_each(|id| grants.allow_function(FunctionId(number(id))));
    profile
        .gates
        .iter()
        .for_each(|id| grants.allow_gate(GateId(u8::try_from(*id).unwrap())));
    grants
}

/// Returns the kernel's tables of a policy.
pub(crate) fn compile(policy: &Policy) -> Tables {
    let argument = |tolerates: &Names| ArgumentRule {
        tolerates: tags(tolerates),
    };
    let function = |rule: &Function| FunctionRule {
        arguments: rule.arguments.iter().map(argument).collect(),
        caller: tags(&rule.caller),
        recipients: principals(&rule.recipients),
        source: label(&rule.source),
        verdict: match &rule.person {
            Person::Never => Verdict::Allow,
            Person::Otherwise(passes) => Verdict::AskOtherwise {
                passes: tags(passes),
            },
            Person::Always(passes) => Verdict::Ask {
                passes: tags(passes),
            },
        },
    };
    let gate = |(removes, releases, bits): &(Names, Names, u64)| GateRule {
        removes: tags(removes),
        releases: principals(releases),
        per_item: Bits::from_thousandths(*bits),
    };
    let profile = |profile: &Profile| ProfileRule {
        grants: grants(profile),
        clearance: label(&profile.clearance),
        reserve: Bits::from_thousandths(profile.reserve),
    };
    Tables {
        functions: policy.functions.iter().map(function).collect(),
        gates: policy.gates.iter().map(gate).collect(),
        profiles: policy.profiles.iter().map(profile).collect(),
        limits: KernelLimits {
            handles: 10_000,
            gate_bits: Bits::from_thousandths(policy.run_budget),
            outcome_bits_per_item: Bits::from_thousandths(policy.outcome_budget),
        },
    }
}
