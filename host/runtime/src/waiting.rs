//! How much goes on in a run: who has a place, who waits for one, who waits for a person, and
//! what else can go on meanwhile.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::run::locked;
use lazaret_workflow::schedule::MAX_LENT;
use tokio::sync::watch;

/// How much goes on in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Requests and effects that go on by themselves.
    active: i64,
    /// Calls that were put to a person and have no answer yet.
    asked: usize,
    /// Requests that have a place, of all orchestrators.
    placed: usize,
    /// Requests that wait for a place, of all orchestrators.
    queued: usize,
}

impl Load {
    /// Whether nothing goes on any more unless a person answers.
    pub(crate) fn is_stuck(self) -> bool {
        self.active <= 0 && self.asked > 0
    }

    /// Whether one of so many places is free. Those who wait for a person lend theirs.
    pub(crate) fn has_place(self, at_once: usize) -> bool {
        self.placed < at_once.saturating_add(self.asked.min(MAX_LENT))
    }

    /// Whether something that waits for a place can have one.
    pub(crate) fn can_start(self, at_once: usize) -> bool {
        self.queued > 0 && self.has_place(at_once)
    }

    /// How many calls wait for a person.
    pub(crate) fn asked(self) -> usize {
        self.asked
    }
}

/// Counts what goes on in a run and what waits for a person.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    load: Arc<watch::Sender<Load>>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self {
            load: Arc::new(watch::Sender::new(Load::default())),
        }
    }

    /// Tells of every change.
    pub(crate) fn watch(&self) -> watch::Receiver<Load> {
        self.load.subscribe()
    }

    /// Something begins to go on by itself.
    pub(crate) fn begin(&self) -> Counted {
        self.count(1, 0, 0)
    }

    /// A request begins to go on, where one of so many places is free.
    pub(crate) fn begin_in_place(&self, at_once: usize) -> Option<Counted> {
        let mut has_place = false;
        self.load.send_if_modified(|load| {
            has_place = load.has_place(at_once);
            if has_place {
                load.active += 1;
                load.placed += 1;
            }
            has_place
        });
        has_place.then(|| Counted {
            waiting: self.clone(),
            active: 1,
            asked: 0,
            placed: 1,
        })
    }

    /// Requests of one orchestrator that wait for a place: none so far.
    pub(crate) fn queue(&self) -> Queue {
        Queue {
            waiting: self.clone(),
            length: 0,
        }
    }

    /// Something that went on waits for others, which may be waiting for a person.
    pub(crate) fn pause(&self) -> Counted {
        self.count(-1, 0, 0)
    }

    /// A call was put to a person, who is there.
    pub(crate) fn ask(&self) -> Counted {
        self.count(0, 1, 0)
    }

    /// A call waits for a person who is not there.
    pub(crate) fn park(&self) -> Counted {
        self.count(-1, 1, 0)
    }

    fn count(&self, active: i64, asked: usize, placed: usize) -> Counted {
        self.load.send_modify(|load| {
            load.active += active;
            load.asked += asked;
            load.placed += placed;
        });
        Counted {
            waiting: self.clone(),
            active,
            asked,
            placed,
        }
    }
}

/// How many requests of one orchestrator wait for a place.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: Waiting,
    length: usize,
}

impl Queue {
    /// Says how many they are now.
    pub(crate) fn set(&mut self, length: usize) {
        if length == self.length {
            return;
        }
        let was = std::mem::replace(&mut self.length, length);
        self.waiting.load.send_modify(|load| {
            load.queued = load.queued.saturating_sub(was).saturating_add(length);
        });
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.set(0);
    }
}

/// Takes its part of the count back when it is dropped, cancelled calls included.
#[derive(Debug)]
pub(crate) struct Counted {
    waiting: Waiting,
    active: i64,
    asked: usize,
    placed: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.load.send_modify(|load| {
            load.active -= self.active;
            load.asked = load.asked.saturating_sub(self.asked);
            load.placed = load.placed.saturating_sub(self.placed);
        });
    }
}

/// The effects that one instance has in flight. While there is one, the instance itself does
/// not go on: one of them takes its place in the count, and each other counts for itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flight(Arc<Mutex<InAir>>);

#[derive(Debug, Default)]
struct InAir {
    effects: usize,
    /// One for each effect but one.
    others: Vec<Counted>,
}

impl Flight {
    /// An effect begins.
    pub(crate) fn enter(&self, waiting: &Waiting) -> InFlight {
        let mut air = self.air();
        if air.effects > 0 {
            air.others.push(waiting.begin());
        }
        air.effects += 1;
        drop(air);
        InFlight(self.clone())
    }

    /// The counts stay consistent when a holder of the lock panics.
    fn air(&self) -> MutexGuard<'_, InAir> {
        locked(&self.0)
    }
}

/// An effect in flight.
#[derive(Debug)]
pub(crate) struct InFlight(Flight);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut air = self.0.air();
        air.effects = air.effects.saturating_sub(1);
        // Whichever ends, as many are left as go on.
        let counted = air.others.pop();
        drop(air);
        drop(counted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_stuck_when_all_that_goes_on_waits_for_a_person() {
        let waiting = Waiting::new();
        let load = || *waiting.watch().borrow();
        let (one, two) = (waiting.begin(), waiting.begin());
        let parked = waiting.park();
        assert!(!load().is_stuck() && load().asked() == 1);
        drop(two);
        assert!(load().is_stuck());
        drop(parked);
        assert!(!load().is_stuck());
        drop(one);
        assert!(!load().is_stuck(), "nobody was asked");
    }

    #[test]
    fn orchestrators_share_the_places_and_what_waits_is_no_end() {
        let waiting = Waiting::new();
        let load = || *waiting.watch().borrow();
        let first = waiting.begin_in_place(1).unwrap();
        assert!(waiting.begin_in_place(1).is_none());
        let mut queue = waiting.queue();
        queue.set(2);
        assert!(!load().can_start(1));
        // Who waits for a person lends its place.
        let asked = waiting.park();
        assert!(load().is_stuck() && load().can_start(1));
        drop((asked, first));
        assert!(load().can_start(1));
        drop(queue);
        assert!(!load().can_start(1));
    }

    #[test]
    fn calls_made_together_are_stuck_only_together() {
        let waiting = Waiting::new();
        let load = || *waiting.watch().borrow();
        let _guest = waiting.begin();
        let flight = Flight::default();
        let (first, second) = (flight.enter(&waiting), flight.enter(&waiting));
        let parked = waiting.park();
        assert!(!load().is_stuck(), "the other call goes on");
        let other = waiting.park();
        assert!(load().is_stuck());
        drop((parked, first));
        drop((other, second));
        assert!(!load().is_stuck() && load().active == 1);
    }

    #[test]
    fn what_was_called_first_may_end_first() {
        let waiting = Waiting::new();
        let _guest = waiting.begin();
        let flight = Flight::default();
        let (first, _second) = (flight.enter(&waiting), flight.enter(&waiting));
        let _parked = waiting.park();
        assert!(!waiting.watch().borrow().is_stuck());
        drop(first);
        assert!(
            waiting.watch().borrow().is_stuck(),
            "only the asked one is left"
        );
    }

    #[test]
    fn a_tool_that_asks_stops_the_call_that_started_it() {
        let waiting = Waiting::new();
        let _guest = waiting.begin();
        let _call = Flight::default().enter(&waiting);
        let _inner = Flight::default().enter(&waiting);
        let _parked = waiting.park();
        assert!(waiting.watch().borrow().is_stuck());
    }
}
