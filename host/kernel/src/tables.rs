//! Compiled decision tables: what a policy says, as numbers and bit sets.
//!
//! `lazaret-policy` makes them; the monitor only looks things up. Names stay outside.

use crate::capacity::Bits;
use crate::label::{Label, Readers, TagSet};

/// The most functions that one policy may name.
pub const MAX_FUNCTIONS: u16 = 512;

/// The most gate rules that one policy may name.
pub const MAX_GATES: u8 = 64;

/// The most arguments of one function.
pub const MAX_ARGUMENTS: usize = 32;

/// A function of a tool: an index into [`Tables::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u16);

/// An argument of a function: an index into [`FunctionRule::arguments`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArgumentId(pub u8);

/// A gate rule: an index into [`Tables::gates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId(pub u8);

/// An agent profile: an index into [`Tables::profiles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileId(pub u16);

/// The functions and gates that an instance may use. Fixed width, no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    functions: [u64; (MAX_FUNCTIONS / 64) as usize],
    gates: u64,
}

impl Grants {
    /// No capability at all.
    pub const NONE: Self = Self {
        functions: [0; (MAX_FUNCTIONS / 64) as usize],
        gates: 0,
    };

    /// Adds a function. One past [`MAX_FUNCTIONS`] is not added.
    pub fn allow_function(&mut self, function: FunctionId) {
        if let Some(word) = self.functions.get_mut(usize::from(function.0 / 64)) {
            *word |= 1 << (function.0 % 64);
        }
    }

    /// Adds a gate rule. One past [`MAX_GATES`] is not added.
    pub fn allow_gate(&mut self, gate: GateId) {
        if gate.0 < MAX_GATES {
            self.gates |= 1 << gate.0;
        }
    }

    /// Returns whether the function is granted.
    pub fn has_function(&self, function: FunctionId) -> bool {
        self.functions
            .get(usize::from(function.0 / 64))
            .is_some_and(|word| word >> (function.0 % 64) & 1 == 1)
    }

    /// Returns whether the gate rule is granted.
    pub fn has_gate(&self, gate: GateId) -> bool {
        gate.0 < MAX_GATES && self.gates >> gate.0 & 1 == 1
    }

    /// Returns the granted functions in ascending order.
    pub fn functions(&self) -> impl Iterator<Item = FunctionId> {
        (0..MAX_FUNCTIONS)
            .map(FunctionId)
            .filter(|function| self.has_function(*function))
    }

    /// Returns whether every capability of `self` is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.gates & !other.gates == 0
            && self
                .functions
                .iter()
                .zip(&other.functions)
                .all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// Returns the capabilities that both have.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut both = *self;
        both.gates &= other.gates;
        for (mine, theirs) in both.functions.iter_mut().zip(&other.functions) {
            *mine &= theirs;
        }
        both
    }
}

/// What becomes of an effect that is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is made where the labels allow it, and refused elsewhere.
    Allow,
    /// It is made where the labels allow it; elsewhere a person decides.
    AskOtherwise {
        /// The tags that a person may let through. A store that keeps no labels takes only
        /// those that its sources carry, also by a person's word.
        passes: TagSet,
    },
    /// A person decides, each time.
    Ask {
        /// The tags that a person may let through.
        passes: TagSet,
    },
}

/// The rule of one function of a tool.
#[derive(Clone, Debug)]
pub struct FunctionRule {
    /// One rule an argument, in the order of [`ArgumentId`].
    pub arguments: Vec<ArgumentRule>,
    /// The taints that a caller may carry when it makes the call at all: whether and
    /// when it is called, with which arguments left out.
    pub caller: TagSet,
    /// Whom the effect reaches.
    pub recipients: Readers,
    /// What the answer carries besides its arguments' labels.
    pub source: Label,
    /// Whether a person decides.
    pub verdict: Verdict,
}

/// The rule of one argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentRule {
    /// The taints that this argument may carry.
    pub tolerates: TagSet,
}

/// The rule of one gate.
#[derive(Clone, Copy, Debug)]
pub struct GateRule {
    /// The tags that passing this gate removes.
    pub removes: TagSet,
    /// Who may read what passes besides those who could before; nobody, where it removes tags.
    pub releases: Readers,
    /// How many bits one source item may decide through this rule.
    pub per_item: Bits,
}

/// What an agent of a profile may do and read.
#[derive(Clone, Copy, Debug)]
pub struct ProfileRule {
    /// The capabilities of each instance.
    pub grants: Grants,
    /// The highest label that an instance may rise to.
    pub clearance: Label,
    /// How many bits are set aside for each instance that may know more than its parent.
    pub reserve: Bits,
}

/// The limits that the monitor keeps itself.
#[derive(Clone, Copy, Debug)]
pub struct KernelLimits {
    /// The most handles of one instance.
    pub handles: u32,
    /// The most bits that untrusted content may decide in the whole run.
    pub gate_bits: Bits,
    /// The most bits that one source item may decide through the children's outcomes.
    pub outcome_bits_per_item: Bits,
}

impl Default for KernelLimits {
    fn default() -> Self {
        Self {
            handles: 65_536,
            gate_bits: Bits::whole(100_000),
            outcome_bits_per_item: Bits::whole(4),
        }
    }
}

/// Everything that the monitor knows of a policy.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The functions of all tools.
    pub functions: Vec<FunctionRule>,
    /// The gate rules.
    pub gates: Vec<GateRule>,
    /// The agent profiles.
    pub profiles: Vec<ProfileRule>,
    /// The monitor's own limits.
    pub limits: KernelLimits,
}

impl Tables {
    /// Returns a function's rule.
    pub fn function(&self, function: FunctionId) -> Option<&FunctionRule> {
        self.functions.get(usize::from(function.0))
    }

    /// Returns a gate's rule.
    pub fn gate(&self, gate: GateId) -> Option<&GateRule> {
        self.gates.get(usize::from(gate.0))
    }

    /// Returns a profile's rule.
    pub fn profile(&self, profile: ProfileId) -> Option<&ProfileRule> {
        self.profiles.get(usize::from(profile.0))
    }
}
