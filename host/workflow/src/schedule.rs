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

    /// Takes one result whose turn is known from an earlier part of the run.
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

    /// Takes the results that may be delivered now: those in order first, then the others
    /// by number.
    pub fn deliverable(&mut self) -> Vec<Number> {
        let mut ready = Vec::new();
        while let Some(next) = self.in_order.front().copied() {
            if !self.finished.remove(&next) {
                break;
            }
            self.in_order.pop_front();
            ready.push(next);
        }
        let at_once: Vec<_> = self
            .finished
            .iter()
            .copied()
            .filter(|number| self.deliveries.get(number) == Some(&Delivery::AtOnce))
            .collect();
        for number in at_once {
            self.finished.remove(&number);
            ready.push(number);
        }
        for number in &ready {
            self.deliveries.remove(number);
        }
        ready
    }

    /// Returns the requests that have a result that waits to be delivered in order, by number.
    pub fn finished_in_order(&self) -> Vec<Number> {
        let finished = self.finished.iter().copied();
        let in_order = |number: &Number| self.deliveries.get(number) == Some(&Delivery::InOrder);
        finished.filter(in_order).collect()
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
