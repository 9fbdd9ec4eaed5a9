//! How many requests may be under way at once, learned from the answers. A pure state machine.

use std::num::NonZeroU32;

use crate::error::ModelError;

/// One request's share of the limit, in thousandths, since the limit grows by less than one.
const UNIT: u64 = 1000;

/// Finds how many requests a provider takes at once: one more per round of successes, half after
/// an overload (AIMD).
///
/// Every [`Permit`] has to come back through [`AdaptiveConcurrency::release`].
#[derive(Debug, Clone)]
pub struct AdaptiveConcurrency {
    min: u64,
    max: u64,
    limit: u64,
    in_flight: u64,
    /// Grows with each cut, so that one overload that hits many requests cuts once.
    epoch: u64,
}

/// The right to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit(u64);

/// What a request that ended says about the provider's room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was room.
    Success,
    /// There was none.
    Overload,
    /// Nothing.
    Neutral,
}

impl AdaptiveConcurrency {
    /// Starts at `start`, and stays between `min` and `max`.
    pub fn new(min: NonZeroU32, start: NonZeroU32, max: NonZeroU32) -> Self {
        let max = max.max(min);
        let scale = |n: NonZeroU32| u64::from(n.get()).saturating_mul(UNIT);
        Self {
            min: scale(min),
            max: scale(max),
            limit: scale(start.clamp(min, max)),
            in_flight: 0,
            epoch: 0,
        }
    }

    /// Returns a permit if there is room for one more request.
    pub fn try_acquire(&mut self) -> Option<Permit> {
        if self.in_flight.saturating_add(1).saturating_mul(UNIT) > self.limit {
            return None;
        }
        self.in_flight = self.in_flight.saturating_add(1);
        Some(Permit(self.epoch))
    }

    /// Takes a permit back and learns from how the request ended.
    pub fn release(&mut self, permit: Permit, outcome: Outcome) {
        // A limit that is not used says nothing about what lies beyond it.
        let in_use = self.in_flight.saturating_mul(2 * UNIT) >= self.limit;
        self.in_flight = self.in_flight.saturating_sub(1);
        match outcome {
            Outcome::Success if in_use => self.grow(),
            Outcome::Overload if permit.0 == self.epoch => {
                self.limit = (self.limit / 2).max(self.min);
                self.epoch = self.epoch.wrapping_add(1);
            }
            Outcome::Success | Outcome::Overload | Outcome::Neutral => {}
        }
    }

    /// Returns how many requests may be under way.
    pub fn limit(&self) -> u32 {
        u32::try_from(self.limit / UNIT).unwrap_or(u32::MAX)
    }

    /// Returns how many requests are under way.
    pub fn in_flight(&self) -> u32 {
        u32::try_from(self.in_flight).unwrap_or(u32::MAX)
    }

    /// Grows by one over as many successes as there are requests at once.
    fn grow(&mut self) {
        let step = UNIT
            .saturating_mul(UNIT)
            .checked_div(self.limit)
            .unwrap_or(UNIT);
        self.limit = self.limit.saturating_add(step.max(1)).min(self.max);
    }
}

impl Outcome {
    /// Reads an outcome off a result of [`crate::ModelClient::ask`].
    pub const fn of<T>(result: &Result<T, ModelError>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(error) if error.is_overload() => Self::Overload,
            Err(_) => Self::Neutral,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn n(value: u32) -> NonZeroU32 {
        NonZeroU32::new(value).expect("not zero")
    }

    fn fill(control: &mut AdaptiveConcurrency) -> Vec<Permit> {
        std::iter::from_fn(|| control.try_acquire()).collect()
    }

    #[test]
    fn one_past_the_limit_is_refused() {
        let mut control = AdaptiveConcurrency::new(n(1), n(4), n(8));
        assert_eq!(fill(&mut control).len(), 4);
        assert_eq!(control.try_acquire(), None);
    }

    #[test]
    fn a_round_of_successes_makes_room_for_about_one_more() {
        let mut control = AdaptiveConcurrency::new(n(1), n(4), n(8));
        let mut permits = fill(&mut control);
        for _ in 0..5 {
            control.release(permits.pop().expect("a permit"), Outcome::Success);
            permits.extend(control.try_acquire());
        }
        assert_eq!(control.limit(), 5);
    }

    #[test]
    fn one_overload_that_hits_many_requests_halves_once() {
        let mut control = AdaptiveConcurrency::new(n(1), n(8), n(8));
        for permit in fill(&mut control) {
            control.release(permit, Outcome::Overload);
        }
        assert_eq!(control.limit(), 4);
        for permit in fill(&mut control) {
            control.release(permit, Outcome::Overload);
        }
        assert_eq!(control.limit(), 2);
    }

    #[test]
    fn a_limit_that_is_not_used_does_not_grow() {
        let mut control = AdaptiveConcurrency::new(n(1), n(8), n(100));
        for _ in 0..1000 {
            let permit = control.try_acquire().expect("room");
            control.release(permit, Outcome::Success);
        }
        assert_eq!(control.limit(), 8);
    }

    proptest! {
        #[test]
        fn the_limit_stays_within_bounds(outcomes in prop::collection::vec(0_u8..3, 0..500)) {
            let mut control = AdaptiveConcurrency::new(n(2), n(50), n(9));
            for outcome in outcomes {
                let permit = control.try_acquire().expect("room");
                control.release(permit, match outcome {
                    0 => Outcome::Success,
                    1 => Outcome::Overload,
                    _ => Outcome::Neutral,
                });
                prop_assert!((2..=9).contains(&control.limit()));
                prop_assert_eq!(control.in_flight(), 0);
            }
        }
    }
}
