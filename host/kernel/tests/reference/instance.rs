//! What the naive monitor remembers of an instance.

use std::collections::{BTreeMap, BTreeSet};

use crate::labels::{Content, Denied, Label, bottom, flows, join, joined};
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
    /// What its calls were made of that was above it, and when it was told of its children.
    pub(crate) set_going: Label,
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
            set_going: bottom(),
            bound,
            parts: Vec::new(),
            pool: 0,
        }
    }

    /// Remembers that it made a call which depends on this, or was told of a child by it.
    pub(crate) fn depends(&mut self, on: &Label) {
        if !flows(on, &self.current) {
            self.set_going = join(&self.set_going, on);
        }
    }

    /// Whether what it passed on unread may have stopped it.
    fn is_moved(&self) -> bool {
        !flows(&self.set_going, &self.start)
    }

    /// What decided when it ended.
    pub(crate) fn went_on_by(&self) -> Label {
        join(&self.current, &self.set_going)
    }

    /// What its end may tell of.
    pub(crate) fn knew(&self) -> Label {
        let read = if self.knows {
            &self.profile.clearance
        } else {
            &self.start
        };
        join(read, &self.set_going)
    }

    /// The labels of what its parent is given: of the content, and the least of the handle.
    /// Where it is not the value that a parent knows to be one, it tells of all. Where that is
    /// more than it can hand back, only a parent that knows all of it is given it.
    pub(crate) fn told(&self, as_value: bool, free: bool) -> (Label, Label, bool) {
        let is_told = free || as_value || flows(&self.set_going, &self.bound);
        let hides = !as_value && self.is_moved();
        let floor = if self.knows || hides {
            &self.bound
        } else {
            &self.start
        };
        let label = match (as_value, is_told) {
            (true, _) => self.current.clone(),
            (false, true) => self.went_on_by(),
            (false, false) => self.bound.clone(),
        };
        (label, floor.clone(), is_told)
    }

    /// What it hands back: where it knows more, nothing whose label would tell of that.
    pub(crate) fn hands_back(&self, handle: usize) -> Option<&Held> {
        let held = self.handles.get(handle)?;
        let is_free = !self.knows && !self.is_moved();
        (is_free || flows(&held.shown(), &self.bound)).then_some(held)
    }

    /// What it was given last.
    pub(crate) fn last(&mut self) -> &mut Held {
        self.handles.last_mut().unwrap()
    }
}
