//! What the naive monitor remembers of an instance.

use std::collections::{BTreeMap, BTreeSet};

use crate::labels::{Content, Denied, Label, join, joined};
use crate::policy::Profile;

#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) content: Content,
    pub(crate) floor: Label,
    /// The handles of a child's parts, and which one it handed back.
    pub(crate) choice: (Vec<usize>, Option<usize>),
}

impl Held {
    pub(crate) fn new(content: Content, floor: Label) -> Self {
        let choice = (Vec::new(), None);
        Self {
            content,
            floor,
            choice,
        }
    }

    pub(crate) fn shown(&self) -> Label {
        join(&joined(&self.content), &self.floor)
    }
}

pub(crate) struct Instance {
    pub(crate) start: Label,
    pub(crate) current: Label,
    pub(crate) profile: Profile,
    pub(crate) handles: Vec<Held>,
    /// Whether it knew more than its parent when that started it.
    pub(crate) knows: bool,
    /// What it can hand back at most.
    pub(crate) bound: Label,
    /// What its parent calls its parts.
    pub(crate) parts: Vec<usize>,
    /// From which bits it spends.
    pub(crate) pool: usize,
}

/// A content, through what it came down, and the question.
pub(crate) type Paid = (usize, String, u64);

/// Bits that may be spent together, and what they were spent on.
#[derive(Default)]
pub(crate) struct Pool {
    limit: u64,
    spent: u64,
    charged: BTreeMap<String, u64>,
    paid: BTreeSet<Paid>,
}

impl Pool {
    pub(crate) fn of(limit: u64) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Sets so many aside, or what is left.
    pub(crate) fn reserve(&mut self, bits: u64) -> Self {
        let bits = bits.min(self.limit - self.spent);
        self.spent += bits;
        Self::of(bits)
    }

    /// Takes an answer's bits, unless it was paid for before. Returns what was taken.
    pub(crate) fn pay(&mut self, question: Paid, bits: u64, budget: u64) -> Denied<u64> {
        if self.paid.contains(&question) {
            return Ok(0);
        }
        if self.spent + bits > self.limit {
            return Err("GateRunBudget");
        }
        let charged = self.charged.entry(question.1.clone()).or_default();
        if *charged + bits > budget {
            return Err("GateItemBudget");
        }
        *charged += bits;
        self.spent += bits;
        self.paid.insert(question);
        Ok(bits)
    }
}

impl Instance {
    pub(crate) fn new(start: Label, profile: Profile, handles: Vec<Held>, bound: Label) -> Self {
        let (current, knows) = (start.clone(), false);
        Self {
            start,
            current,
            profile,
            handles,
            knows,
            bound,
            parts: Vec::new(),
            pool: 0,
        }
    }

    /// What it was given last.
    pub(crate) fn last(&mut self) -> &mut Held {
        self.handles.last_mut().unwrap()
    }
}
