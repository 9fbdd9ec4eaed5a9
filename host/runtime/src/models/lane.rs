//! Who may ask a provider now: all who wait share what each of them learns of its room.
//!
//! A rate limit closes the lane: nothing new starts, and those who wait go on by themselves
//! when the provider has room again. A provider that only fails closes it too, but then nobody
//! waits: a dead server must not hold a run up.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::run::locked;
use lazaret_models::{
    AdaptiveConcurrency, Admission, Breaker, BreakerConfig, ModelError, Outcome, Permit, Response,
    Ticket,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How many requests are under way at once before anything is known of the provider.
const FIRST_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(15);

/// The way to one provider.
#[derive(Debug)]
pub(super) struct Lane {
    state: Mutex<State>,
    changed: Notify,
    began: Instant,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    room: AdaptiveConcurrency,
    /// Why the breaker is open, where it is not for want of room.
    dead: Option<ModelError>,
}

/// The right to one request. Dropped without a result, it says nothing about the provider.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    lane: &'a Lane,
    ticket: Ticket,
    permit: Permit,
    left: bool,
}

/// What a request that wants to start is told.
enum Entry<'a> {
    Go(Pass<'a>),
    /// Nothing starts before this moment.
    At(Instant),
    /// Somebody else has to come back first.
    Later,
}

impl Lane {
    /// Makes a lane for at most so many requests at once.
    pub(super) fn new(at_once: NonZeroU32) -> Self {
        let room = AdaptiveConcurrency::new(NonZeroU32::MIN, FIRST_AT_ONCE, at_once);
        Self {
            state: Mutex::new(State {
                breaker: Breaker::new(BreakerConfig::default()),
                room,
                dead: None,
            }),
            changed: Notify::new(),
            began: Instant::now(),
        }
    }

    /// Waits for the right to one request. The error is that of a provider that is dead.
    pub(super) async fn enter(&self) -> Result<Pass<'_>, ModelError> {
        loop {
            // Before the state is looked at, or a change in between would be missed.
            let changed = self.changed.notified();
            match self.admit()? {
                Entry::Go(pass) => return Ok(pass),
                Entry::Later => changed.await,
                Entry::At(moment) => {
                    tokio::select! {
                        () = sleep_until(moment) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// Waits for a place among those under way, but not for a provider that has no room.
    pub(super) async fn enter_if_open(&self) -> Result<Pass<'_>, ModelError> {
        let closed = self.state().breaker.open_until();
        let now = self.began.elapsed();
        if closed.is_some_and(|until| now < until) {
            return Err(ModelError::RateLimited {
                retry_after: closed.map(|until| until.saturating_sub(now)),
                text: "the breaker is open".to_owned(),
            });
        }
        self.enter().await
    }

    fn admit(&self) -> Result<Entry<'_>, ModelError> {
        let now = self.began.elapsed();
        let mut state = self.state();
        let Some(permit) = state.room.try_acquire() else {
            return Ok(Entry::Later);
        };
        let entry = match state.breaker.admit(now) {
            Admission::Go(ticket) | Admission::Probe(ticket) => {
                return Ok(Entry::Go(Pass {
                    lane: self,
                    ticket,
                    permit,
                    left: false,
                }));
            }
            Admission::Wait(until) => Entry::At(self.began + until),
            Admission::Probing => Entry::Later,
        };
        state.room.release(permit, Outcome::Neutral);
        match &state.dead {
            Some(error) => Err(error.clone()),
            None => Ok(entry),
        }
    }

    /// The state stays consistent when a holder of the lock panics: no method stops halfway.
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Pass<'_> {
    /// Takes note of how the request ended.
    pub(super) fn leave(mut self, result: &Result<Response, ModelError>) {
        self.left = true;
        let now = self.lane.now();
        let mut state = self.lane.state();
        state.room.release(self.permit, Outcome::of(result));
        match result {
            Ok(_) => {
                state.breaker.succeeded(self.ticket);
                state.dead = None;
            }
            Err(error) => {
                let before = state.breaker.open_until();
                state.breaker.failed(self.ticket, error, now);
                let after = state.breaker.open_until();
                // A late failure of before a rate limit says nothing about why it is open.
                if after.is_some() && after != before {
                    state.dead = (!error.is_overload()).then(|| told_to_others(error));
                }
            }
        }
        drop(state);
        self.lane.changed.notify_waiters();
    }
}

/// What others learn of a failure. What a provider said may repeat the request that it was
/// said to, which is not theirs to read; without any answer there is nothing to repeat.
fn told_to_others(error: &ModelError) -> ModelError {
    match error {
        ModelError::Unreachable(_) | ModelError::Timeout(_) => error.clone(),
        _ => ModelError::Unreachable("it failed several times in a row".to_owned()),
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.left {
            let mut state = self.lane.state();
            state.room.release(self.permit, Outcome::Neutral);
            state.breaker.abandoned(self.ticket);
            drop(state);
            self.lane.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use lazaret_models::{Stop, Usage};

    use super::*;

    fn lane() -> Lane {
        Lane::new(NonZeroU32::MIN.saturating_add(1))
    }

    fn limited(seconds: u64) -> Result<Response, ModelError> {
        Err(ModelError::RateLimited {
            retry_after: Some(Duration::from_secs(seconds)),
            text: String::new(),
        })
    }

    fn answered() -> Response {
        Response {
            text: String::new(),
            tool_calls: Vec::new(),
            blocks: Vec::new(),
            stop: Stop::EndTurn,
            usage: Usage::default(),
            usage_estimated: false,
            model: String::new(),
        }
    }

    fn failed() -> Result<Response, ModelError> {
        Err(ModelError::Unreachable("nobody".to_owned()))
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_rate_limit_nothing_starts_until_the_time_that_the_provider_named() {
        let lane = lane();
        lane.enter().await.unwrap().leave(&limited(30));
        let before = Instant::now();
        let pass = lane.enter().await.unwrap();
        assert!(before.elapsed() >= Duration::from_secs(30));
        // The one that was let through first is a probe: the next waits for it.
        tokio::select! {
            biased;
            other = lane.enter() => panic!("{other:?} came in beside the probe"),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        pass.leave(&Ok(answered()));
        drop(lane.enter().await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn who_can_ask_another_model_does_not_wait() {
        let lane = lane();
        lane.enter_if_open().await.unwrap().leave(&limited(30));
        let error = lane.enter_if_open().await.unwrap_err();
        assert!(error.is_overload(), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_provider_that_only_fails() {
        let lane = lane();
        for _ in 0..5 {
            lane.enter().await.unwrap().leave(&failed());
        }
        let error = lane.enter().await.unwrap_err();
        assert_eq!(error.code(), "model-unreachable");
        tokio::time::sleep(Duration::from_secs(3)).await;
        lane.enter().await.unwrap().leave(&Ok(answered()));
        drop(lane.enter().await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_provider_said_to_one_is_not_told_to_another() {
        let lane = lane();
        for _ in 0..5 {
            lane.enter().await.unwrap().leave(&Err(ModelError::Failed {
                status: 500,
                text: "the request was: a secret".to_owned(),
            }));
        }
        let error = lane.enter().await.unwrap_err();
        assert_eq!(
            error,
            ModelError::Unreachable("it failed several times in a row".to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_failure_does_not_turn_a_rate_limit_into_a_dead_provider() {
        let lane = lane();
        let (one, late) = (lane.enter().await.unwrap(), lane.enter().await.unwrap());
        one.leave(&limited(30));
        late.leave(&failed());
        drop(lane.enter().await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_dropped_gives_its_place_back() {
        let lane = lane();
        let (one, two) = (lane.enter().await.unwrap(), lane.enter().await.unwrap());
        tokio::select! {
            biased;
            other = lane.enter() => panic!("{other:?} is one too many"),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        drop(one);
        drop(lane.enter().await.unwrap());
        drop(two);
    }
}
