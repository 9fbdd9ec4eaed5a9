//! What starts next, and in which order results reach the orchestrator.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A request's number, chosen by the orchestrator and unique in its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub u32);

/// When a result may be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As soon as it is there: its time tells nothing that the orchestrator may not know.
    AtOnce,
    /// After every earlier request of this kind: the order in which tainted work ends
    /// would tell log₂ of the number outstanding, each time.
    InOrder,
}

/// With what a result may be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// With others: that it came, and when, tells nothing that the orchestrator may not know.
    Any,
    /// In a batch of its own: with which others it came would tell of tainted work which of
    /// it had ended by then.
    Alone,
    /// Not yet: that it came before others would tell too much.
    Later,
}

/// A batch of replies while it is put together.
///
/// Which results are in one says which had ended when it was made. So one whose time is no
/// business of the orchestrator's comes alone, also where others could come with it: in which
/// order children end then makes no difference to the batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// Nothing is in it.
    Empty,
    /// It holds what may come with others.
    Open,
    /// It holds what comes alone.
    Closed,
}

impl Batch {
    /// Returns a batch that holds replies which take no time, if there are any.
    pub fn of(has_replies: bool) -> Self {
        if has_replies { Self::Open } else { Self::Empty }
    }

    /// Returns the batch with one more result, or nothing where that one has to wait for the
    /// next.
    #[must_use]
    pub fn with(self, company: Company) -> Option<Self> {
        match (self, company) {
            (Self::Empty | Self::Open, Company::Any) => Some(Self::Open),
            (Self::Empty, Company::Alone) => Some(Self::Closed),
            (Self::Open, Company::Alone)
            | (Self::Closed, Company::Any | Company::Alone)
            | (_, Company::Later) => None,
        }
    }
}

/// The most requests that wait for a person while others start in their place: each keeps
/// its instance's memory.
pub const MAX_LENT: usize = 1_000;

/// The requests of one orchestrator that take time.
#[derive(Debug)]
pub struct Schedule {
    at_once: usize,
    /// Slots of requests that run but only wait for a person.
    lent: usize,
    waiting: VecDeque<Number>,
    running: BTreeSet<Number>,
    /// Those that go on without a place.
    apart: BTreeSet<Number>,
    in_order: VecDeque<Number>,
    finished: BTreeSet<Number>,
    deliveries: BTreeMap<Number, Delivery>,
}

impl Schedule {
    /// Returns an empty schedule that runs at most `at_once` requests at a time, at least one.
    pub fn new(at_once: usize) -> Self {
        Self {
            at_once: at_once.max(1),
            lent: 0,
            waiting: VecDeque::new(),
            running: BTreeSet::new(),
            apart: BTreeSet::new(),
            in_order: VecDeque::new(),
            finished: BTreeSet::new(),
            deliveries: BTreeMap::new(),
        }
    }

    /// Adds a request at the end of the queue. A number that is still outstanding is refused.
    pub fn request(&mut self, number: Number, delivery: Delivery) -> bool {
        if self.deliveries.contains_key(&number) {
            return false;
        }
        self.deliveries.insert(number, delivery);
        self.waiting.push_back(number);
        if delivery == Delivery::InOrder {
            self.in_order.push_back(number);
        }
        true
    }

    /// Adds a request whose result is there already. It takes no place among the running ones.
    pub fn recall(&mut self, number: Number, delivery: Delivery) -> bool {
        if self.deliveries.contains_key(&number) {
            return false;
        }
        self.deliveries.insert(number, delivery);
        self.finished.insert(number);
        if delivery == Delivery::InOrder {
            self.in_order.push_back(number);
        }
        true
    }

    /// Adds a request that goes on from now and takes no place among the running ones.
    pub fn begin(&mut self, number: Number, delivery: Delivery) -> bool {
        if self.deliveries.contains_key(&number) {
            return false;
        }
        self.deliveries.insert(number, delivery);
        self.apart.insert(number);
        if delivery == Delivery::InOrder {
            self.in_order.push_back(number);
        }
        true
    }

    /// Takes one result, which is delivered now.
    pub fn take(&mut self, number: Number) -> bool {
        if !self.finished.remove(&number) {
            return false;
        }
        self.deliveries.remove(&number);
        if self.in_order.front() == Some(&number) {
            self.in_order.pop_front();
        } else {
            self.in_order.retain(|other| *other != number);
        }
        true
    }

    /// Returns whether a request has no delivered result yet.
    pub fn is_outstanding(&self, number: Number) -> bool {
        self.deliveries.contains_key(&number)
    }

    /// Returns whether a request has a result that was not delivered yet.
    pub fn is_finished(&self, number: Number) -> bool {
        self.finished.contains(&number)
    }

    /// Says how many running requests only wait for a person: as many others may start.
    pub fn lend(&mut self, waiting_for_a_person: usize) {
        self.lent = waiting_for_a_person.min(MAX_LENT);
    }

    /// Returns whether a request may start now.
    pub fn can_start(&self) -> bool {
        !self.waiting.is_empty() && self.running.len() < self.at_once + self.lent
    }

    /// Takes the next request that may start now, first in, first out.
    pub fn next_to_start(&mut self) -> Option<Number> {
        if !self.can_start() {
            return None;
        }
        let number = self.waiting.pop_front()?;
        self.running.insert(number);
        Some(number)
    }

    /// Notes that a running or waiting request has a result.
    pub fn finish(&mut self, number: Number) {
        let waited = self.waiting.iter().position(|other| *other == number);
        if let Some(at) = waited {
            self.waiting.remove(at);
        }
        if self.running.remove(&number) || self.apart.remove(&number) || waited.is_some() {
            self.finished.insert(number);
        }
    }

    /// Returns the result that is next to be delivered, if there is one: the first of those in
    /// order, else the one of the others with the least number.
    pub fn next_to_deliver(&self) -> Option<Number> {
        let in_order = self.in_order.front().copied();
        in_order
            .filter(|first| self.finished.contains(first))
            .or_else(|| self.finished_as(Delivery::AtOnce).next())
    }

    /// Returns the requests that have a result that waits to be delivered in order, by number.
    pub fn finished_in_order(&self) -> impl Iterator<Item = Number> {
        self.finished_as(Delivery::InOrder)
    }

    fn finished_as(&self, delivery: Delivery) -> impl Iterator<Item = Number> {
        let finished = self.finished.iter().copied();
        finished.filter(move |number| self.deliveries.get(number) == Some(&delivery))
    }

    /// Returns how many requests wait to be delivered in order.
    pub fn in_order(&self) -> usize {
        self.in_order.len()
    }

    /// Returns the requests that have no delivered result yet, by number.
    pub fn outstanding(&self) -> impl Iterator<Item = Number> {
        self.deliveries.keys().copied()
    }

    /// Returns the requests before this one that have no result yet.
    pub fn unfinished_before(&self, number: Number) -> impl Iterator<Item = Number> {
        self.deliveries
            .range(..number)
            .map(|(earlier, _)| *earlier)
            .filter(|earlier| !self.finished.contains(earlier))
    }

    /// Returns whether every request was delivered.
    pub fn is_idle(&self) -> bool {
        self.deliveries.is_empty()
    }
}
