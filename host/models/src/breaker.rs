//! When no new request may start, because the provider has no room. A pure state machine.

use std::time::Duration;

use crate::error::{ModelError, Retry};

/// Says when a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// How many failures in a row open it; a rate limit opens it at once.
    pub threshold: u32,
    /// The first wait where the provider names none; it doubles while probes fail.
    pub min_wait: Duration,
    /// The longest wait, also where the provider asks for more.
    pub max_wait: Duration,
}

/// Stops new requests to a provider that has no room, and lets one through to try it again.
///
/// Time is a duration since any fixed moment, and only its order matters. Every [`Ticket`] that
/// was admitted has to come back through [`Breaker::succeeded`], [`Breaker::failed`] or
/// [`Breaker::abandoned`], else a probe would stay out for ever.
#[derive(Debug, Clone)]
pub struct Breaker {
    config: BreakerConfig,
    state: State,
    /// Grows whenever the breaker opens; older tickets say nothing about the time since.
    generation: u64,
    /// How often it opened without a success in between.
    trips: u32,
}

/// The right to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// What a breaker says to a request that wants to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Start.
    Go(Ticket),
    /// Start as the only one: whether the provider has room again depends on it.
    Probe(Ticket),
    /// Ask again at this time.
    Wait(Duration),
    /// Ask again when the probe that is out has come back.
    Probing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration },
    HalfOpen { probing: bool },
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            threshold: 5,
            min_wait: Duration::from_secs(2),
            max_wait: Duration::from_mins(5),
        }
    }
}

impl Breaker {
    /// Makes a closed breaker.
    pub const fn new(config: BreakerConfig) -> Self {
        Self {
            config,
            state: State::Closed { failures: 0 },
            generation: 0,
            trips: 0,
        }
    }

    /// Says whether a request may start now.
    pub fn admit(&mut self, now: Duration) -> Admission {
        match self.state {
            State::Closed { .. } => Admission::Go(Ticket(self.generation)),
            State::Open { until } if now < until => Admission::Wait(until),
            State::Open { .. } | State::HalfOpen { probing: false } => {
                self.state = State::HalfOpen { probing: true };
                Admission::Probe(Ticket(self.generation))
            }
            State::HalfOpen { probing: true } => Admission::Probing,
        }
    }

    /// Takes note that a request was answered.
    pub fn succeeded(&mut self, ticket: Ticket) {
        if ticket.0 == self.generation {
            self.state = State::Closed { failures: 0 };
            self.trips = 0;
        }
    }

    /// Takes note that a request failed. An error that is about the request shows that the
    /// provider is well, and so does an answer that cannot be read: a model may have been told
    /// to write one, and must not close the way for all others by it.
    pub fn failed(&mut self, ticket: Ticket, error: &ModelError, now: Duration) {
        match error {
            ModelError::Cancelled => self.abandoned(ticket),
            ModelError::RateLimited { .. } => self.limited(ticket, error, now),
            ModelError::Malformed(_) => self.succeeded(ticket),
            _ if error.retry() == Retry::Never => self.succeeded(ticket),
            _ => self.strike(ticket, error, now),
        }
    }

    /// Takes note that a request ended without saying anything about the provider.
    pub fn abandoned(&mut self, ticket: Ticket) {
        if ticket.0 == self.generation && self.state == (State::HalfOpen { probing: true }) {
            self.state = State::HalfOpen { probing: false };
        }
    }

    /// Returns until when nothing starts, if the breaker is open.
    pub const fn open_until(&self) -> Option<Duration> {
        match self.state {
            State::Open { until } => Some(until),
            State::Closed { .. } | State::HalfOpen { .. } => None,
        }
    }

    fn limited(&mut self, ticket: Ticket, error: &ModelError, now: Duration) {
        if ticket.0 == self.generation {
            self.open(error, now);
            return;
        }
        // From before it opened: it may know a later time, but is no news otherwise.
        if let State::Open { until } = &mut self.state {
            *until = (*until).max(now.saturating_add(asked(error, &self.config)));
        }
    }

    fn strike(&mut self, ticket: Ticket, error: &ModelError, now: Duration) {
        if ticket.0 != self.generation {
            return;
        }
        let failures = match self.state {
            State::Closed { failures } => failures.saturating_add(1),
            State::Open { .. } | State::HalfOpen { .. } => self.config.threshold,
        };
        if failures >= self.config.threshold {
            self.open(error, now);
        } else {
            self.state = State::Closed { failures };
        }
    }

    fn open(&mut self, error: &ModelError, now: Duration) {
        let doubled = 1_u32.checked_shl(self.trips).unwrap_or(u32::MAX);
        let own = self
            .config
            .min_wait
            .saturating_mul(doubled)
            .min(self.config.max_wait);
        let wait = match error.retry() {
            Retry::After(_) => asked(error, &self.config),
            Retry::Never | Retry::Backoff => own,
        };
        self.trips = self.trips.saturating_add(1);
        self.generation = self.generation.wrapping_add(1);
        self.state = State::Open {
            until: now.saturating_add(wait),
        };
    }
}

/// Returns the wait that the provider asked for, within the bounds.
fn asked(error: &ModelError, config: &BreakerConfig) -> Duration {
    match error.retry() {
        Retry::After(wait) => wait.min(config.max_wait),
        Retry::Never | Retry::Backoff => config.min_wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Phase;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn limited(seconds: Option<u64>) -> ModelError {
        ModelError::RateLimited {
            retry_after: seconds.map(at),
            text: String::new(),
        }
    }

    fn breaker() -> Breaker {
        Breaker::new(BreakerConfig::default())
    }

    fn go(breaker: &mut Breaker, now: u64) -> Ticket {
        match breaker.admit(at(now)) {
            Admission::Go(ticket) | Admission::Probe(ticket) => ticket,
            other => panic!("refused: {other:?}"),
        }
    }

    #[test]
    fn a_rate_limit_stops_everything_until_its_time() {
        let mut breaker = breaker();
        let ticket = go(&mut breaker, 0);
        breaker.failed(ticket, &limited(Some(30)), at(1));
        assert_eq!(breaker.admit(at(30)), Admission::Wait(at(31)));
        assert!(matches!(breaker.admit(at(31)), Admission::Probe(_)));
        assert_eq!(breaker.admit(at(31)), Admission::Probing);
    }

    #[test]
    fn a_probe_that_succeeds_closes_it_and_one_that_fails_opens_it_for_longer() {
        let mut breaker = breaker();
        let ticket = go(&mut breaker, 0);
        breaker.failed(ticket, &limited(None), at(0));
        assert_eq!(breaker.open_until(), Some(at(2)));
        let probe = go(&mut breaker, 2);
        breaker.failed(probe, &ModelError::Timeout(Phase::Idle), at(2));
        assert_eq!(breaker.open_until(), Some(at(6)));
        let probe = go(&mut breaker, 6);
        breaker.succeeded(probe);
        assert!(matches!(breaker.admit(at(6)), Admission::Go(_)));
    }

    #[test]
    fn a_probe_that_is_given_up_lets_another_one_out() {
        let mut breaker = breaker();
        let ticket = go(&mut breaker, 0);
        breaker.failed(ticket, &limited(Some(1)), at(0));
        let probe = go(&mut breaker, 1);
        breaker.failed(probe, &ModelError::Cancelled, at(1));
        assert!(matches!(breaker.admit(at(1)), Admission::Probe(_)));
    }

    #[test]
    fn other_failures_open_it_only_in_a_row() {
        let mut breaker = breaker();
        let failed = ModelError::Failed {
            status: 500,
            text: String::new(),
        };
        for round in 0..2 {
            for _ in 0..4 {
                let ticket = go(&mut breaker, 0);
                breaker.failed(ticket, &failed, at(0));
            }
            if round == 0 {
                let ticket = go(&mut breaker, 0);
                breaker.succeeded(ticket);
            }
        }
        let ticket = go(&mut breaker, 0);
        breaker.failed(ticket, &failed, at(0));
        assert_eq!(breaker.open_until(), Some(at(2)));
    }

    #[test]
    fn an_error_about_the_request_or_the_answer_is_a_sign_of_health() {
        let broken = ModelError::Malformed(String::new());
        for error in [ModelError::TooLong(String::new()), broken] {
            let mut breaker = breaker();
            let ticket = go(&mut breaker, 0);
            breaker.failed(ticket, &limited(Some(1)), at(0));
            let probe = go(&mut breaker, 1);
            breaker.failed(probe, &error, at(1));
            assert!(matches!(breaker.admit(at(1)), Admission::Go(_)));
        }
    }

    #[test]
    fn answers_from_before_it_opened_neither_close_it_nor_shorten_the_wait() {
        let mut breaker = breaker();
        let (early, late) = (go(&mut breaker, 0), go(&mut breaker, 0));
        let slow = go(&mut breaker, 0);
        breaker.failed(early, &limited(Some(10)), at(0));
        breaker.succeeded(late);
        assert_eq!(breaker.open_until(), Some(at(10)));
        breaker.failed(slow, &limited(Some(20)), at(1));
        assert_eq!(breaker.open_until(), Some(at(21)));
        breaker.failed(slow, &limited(Some(5)), at(2));
        assert_eq!(breaker.open_until(), Some(at(21)));
    }

    #[test]
    fn no_wait_is_longer_than_the_longest() {
        let mut breaker = breaker();
        let ticket = go(&mut breaker, 0);
        breaker.failed(ticket, &limited(Some(301)), at(0));
        assert_eq!(breaker.open_until(), Some(at(300)));
        for _ in 0..100 {
            let now = breaker.open_until().expect("open");
            let Admission::Probe(probe) = breaker.admit(now) else {
                panic!("no probe")
            };
            breaker.failed(probe, &limited(None), now);
            assert!(breaker.open_until().expect("open") <= now + at(300));
        }
    }
}
