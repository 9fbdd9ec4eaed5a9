//! How long an instance may still take: its wall time, and how long nothing may happen.
//!
//! The wall time stands still while a provider has no room, since that is nobody's doing. What
//! counts as something happening: a piece of a model's answer, the start and end of a call to
//! the host, and a tool that runs, however long it does. And what models may write for it.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::run::locked;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The watch over one instance.
#[derive(Debug)]
pub(crate) struct Watch {
    wall: Duration,
    idle: Duration,
    tokens: Option<u64>,
    state: Mutex<State>,
    over: Notify,
}

#[derive(Debug)]
struct State {
    began: Instant,
    beat: Instant,
    /// How many parts of the instance run a tool.
    busy: u32,
    /// How many parts of it wait for room, and since when.
    pauses: u32,
    paused_at: Instant,
    paused: Duration,
    /// Tokens that models have written.
    written: u64,
    /// Why it is over before its time.
    over: Option<Over>,
}

/// Why an instance is stopped before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Its own budget is spent; in words.
    Spent(String),
    /// Models have written as many tokens as they may for it.
    Tokens,
    /// A person stopped it.
    Stopped,
}

/// Which time ran out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    /// The wall time.
    Wall,
    /// The time without progress.
    Idle,
    /// None: it is over for another reason.
    Over(Over),
}

/// Holds the watch while something goes on.
#[derive(Debug)]
pub(crate) struct Hold<'a> {
    watch: &'a Watch,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Busy,
    Pause,
}

impl Watch {
    /// Starts a watch.
    pub(crate) fn new(wall_ms: u64, idle_ms: u64) -> Self {
        let now = Instant::now();
        Self {
            wall: Duration::from_millis(wall_ms),
            idle: Duration::from_millis(idle_ms),
            tokens: None,
            state: Mutex::new(State {
                began: now,
                beat: now,
                busy: 0,
                pauses: 0,
                paused_at: now,
                paused: Duration::ZERO,
                written: 0,
                over: None,
            }),
            over: Notify::new(),
        }
    }

    /// The same with a limit on what models write.
    pub(crate) fn limited_to(self, tokens: Option<u64>) -> Self {
        Self { tokens, ..self }
    }

    /// Returns the limit on the wall time.
    pub(crate) fn wall_ms(&self) -> u64 {
        u64::try_from(self.wall.as_millis()).unwrap_or(u64::MAX)
    }

    /// Counts what a model has written, now or in an earlier part of the run.
    pub(crate) fn write(&self, tokens: u64) {
        let mut state = self.state();
        state.written = state.written.saturating_add(tokens);
    }

    /// Returns while a model may be asked. Past the limit it never does: the instance is
    /// stopped by whoever waits for the watch.
    pub(crate) async fn may_ask(&self) {
        if self.has_tokens() {
            return;
        }
        self.end(Over::Tokens);
        std::future::pending::<()>().await;
    }

    fn has_tokens(&self) -> bool {
        let written = self.state().written;
        self.tokens.is_none_or(|limit| written < limit)
    }

    /// Notes that something happened.
    pub(crate) fn beat(&self) {
        self.state().beat = Instant::now();
    }

    /// Notes that a tool runs, until the hold is dropped.
    pub(crate) fn busy(&self) -> Hold<'_> {
        self.state().busy += 1;
        Hold {
            watch: self,
            kind: Kind::Busy,
        }
    }

    /// Stops the watch until the hold is dropped.
    pub(crate) fn pause(&self) -> Hold<'_> {
        let mut state = self.state();
        if state.pauses == 0 {
            state.paused_at = Instant::now();
        }
        state.pauses += 1;
        drop(state);
        Hold {
            watch: self,
            kind: Kind::Pause,
        }
    }

    /// Ends the instance: its budget is spent.
    pub(crate) fn spend(&self, why: String) {
        self.end(Over::Spent(why));
    }

    /// Ends the instance, as a person said.
    pub(crate) fn stop(&self) {
        self.end(Over::Stopped);
    }

    fn end(&self, over: Over) {
        self.state().over.get_or_insert(over);
        self.over.notify_waiters();
    }

    /// Waits until a time has run out, or until it is over.
    pub(crate) async fn expired(&self) -> Expired {
        loop {
            // Before the state is looked at, or an end in between would be missed.
            let ended = self.over.notified();
            if let Some(over) = self.state().over.clone() {
                return Expired::Over(over);
            }
            let (wall, idle) = self.deadlines();
            let now = Instant::now();
            if now >= wall {
                return Expired::Wall;
            }
            if now >= idle {
                return Expired::Idle;
            }
            tokio::select! {
                () = sleep_until(wall.min(idle)) => {}
                () = ended => {}
            }
        }
    }

    fn deadlines(&self) -> (Instant, Instant) {
        let state = self.state();
        let now = Instant::now();
        let pausing = if state.pauses > 0 {
            now.duration_since(state.paused_at)
        } else {
            Duration::ZERO
        };
        let wall = state.began + self.wall + state.paused + pausing;
        let held = state.busy > 0 || state.pauses > 0;
        let beat = if held { now } else { state.beat };
        (wall, beat + self.idle)
    }

    /// The state stays consistent when a holder of the lock panics: no method stops halfway.
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut state = self.watch.state();
        let now = Instant::now();
        state.beat = now;
        match self.kind {
            Kind::Busy => state.busy = state.busy.saturating_sub(1),
            Kind::Pause => {
                state.pauses = state.pauses.saturating_sub(1);
                if state.pauses == 0 {
                    state.paused = state.paused + now.duration_since(state.paused_at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn first(watch: &Watch, work: impl Future<Output = ()>) -> Option<Expired> {
        tokio::select! {
            biased;
            () = work => None,
            expired = watch.expired() => Some(expired),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_past_each_time_it_is_over() {
        let watch = Watch::new(10_000, 3_000);
        assert_eq!(first(&watch, sleep(4 * SECOND)).await, Some(Expired::Idle));
        let watch = Watch::new(2_000, 3_000);
        assert_eq!(first(&watch, sleep(4 * SECOND)).await, Some(Expired::Wall));
    }

    #[tokio::test(start_paused = true)]
    async fn a_tool_that_runs_is_progress_but_takes_wall_time() {
        let watch = Watch::new(10_000, 3_000);
        let tool = async {
            let _held = watch.busy();
            sleep(9 * SECOND).await;
        };
        assert_eq!(first(&watch, tool).await, None);
        assert_eq!(first(&watch, sleep(4 * SECOND)).await, Some(Expired::Wall));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_room_takes_no_time_at_all() {
        let watch = Watch::new(10_000, 3_000);
        let wait = async {
            let _held = watch.pause();
            sleep(3_600 * SECOND).await;
        };
        assert_eq!(first(&watch, wait).await, None);
        assert_eq!(first(&watch, sleep(2 * SECOND)).await, None);
        assert_eq!(first(&watch, sleep(2 * SECOND)).await, Some(Expired::Idle));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_over_at_once_when_it_is_said_so() {
        let watch = Watch::new(60_000, 60_000);
        let work = async {
            sleep(SECOND).await;
            watch.spend("all of it".to_owned());
            sleep(SECOND).await;
        };
        let over = Expired::Over(Over::Spent("all of it".to_owned()));
        assert_eq!(first(&watch, work).await, Some(over));
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_limit_of_tokens_no_model_is_asked_any_more() {
        let watch = Watch::new(60_000, 60_000).limited_to(Some(10));
        assert_eq!(first(&watch, watch.may_ask()).await, None);
        watch.write(9);
        assert_eq!(first(&watch, watch.may_ask()).await, None);
        watch.write(1);
        let over = Some(Expired::Over(Over::Tokens));
        assert_eq!(first(&watch, watch.may_ask()).await, over);
        let unlimited = Watch::new(60_000, 60_000);
        unlimited.write(u64::MAX);
        assert_eq!(first(&unlimited, unlimited.may_ask()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn every_piece_of_an_answer_is_progress() {
        let watch = Watch::new(60_000, 3_000);
        let answer = async {
            for _ in 0..20 {
                sleep(2 * SECOND).await;
                watch.beat();
            }
        };
        assert_eq!(first(&watch, answer).await, None);
    }
}
