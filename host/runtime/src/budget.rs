//! The run's budgets while it goes on: who waits for room, and what happens when none is left.
//!
//! When the run's or a phase's budget is spent, nothing new starts and every further effect
//! stands still; what is under way finishes, and then the run ends. It can be resumed with more.

use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use lazaret_policy::compiled::Budget;
use lazaret_workflow::budget::{Budgets, Reserved, Room, Spent, Who};
use lazaret_workflow::event::Usage;
use lazaret_workflow::replay::Past;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::run::locked;

/// How long calls that are under way may still take after a time has run out.
const GRACE: Duration = Duration::from_secs(5);

/// What a run may use up, and what it has.
#[derive(Debug)]
pub(crate) struct Purse {
    budgets: Mutex<Budgets>,
    changed: Notify,
    began: Instant,
    spent: OnceLock<Spent>,
}

/// Room for one answer. Dropped unsettled, nobody knows what was used up, and all of it counts.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    purse: &'a Purse,
    reserved: Option<Reserved>,
}

/// An agent's time, for the clock of its phase.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    purse: &'a Purse,
    phase: String,
}

impl Purse {
    pub(crate) fn new(plan: Budget, past: &Past) -> Self {
        Self {
            budgets: Mutex::new(Budgets::new(plan, past)),
            changed: Notify::new(),
            began: Instant::now(),
            spent: OnceLock::new(),
        }
    }

    /// The state stays consistent when a holder of the lock panics: no method stops halfway.
    pub(crate) fn budgets(&self) -> MutexGuard<'_, Budgets> {
        locked(&self.budgets)
    }

    /// Returns which budget has stopped the run, if one has.
    pub(crate) fn spent(&self) -> Option<&Spent> {
        self.spent.get()
    }

    /// Stops the run. The first budget that is spent counts.
    pub(crate) fn exhaust(&self, spent: Spent) {
        drop(self.spent.set(spent));
        self.changed.notify_waiters();
    }

    /// Waits until a budget has stopped the run.
    pub(crate) async fn exhausted(&self) {
        loop {
            let changed = self.changed.notified();
            if self.spent().is_some() {
                return;
            }
            changed.await;
        }
    }

    /// Sets room aside for an answer, once those that hold it are there.
    pub(crate) async fn reserve(
        &self,
        who: Who<'_>,
        tokens: u64,
        cost: impl Fn(u64) -> u64,
    ) -> Result<Held<'_>, Spent> {
        loop {
            // Before the budgets are looked at, or a change in between would be missed.
            let changed = self.changed.notified();
            let room = self.budgets().reserve(who, tokens, &cost);
            match room {
                Room::Reserved(reserved) => {
                    return Ok(Held {
                        purse: self,
                        reserved: Some(reserved),
                    });
                }
                Room::Spent(spent) => return Err(spent),
                Room::Later => changed.await,
            }
        }
    }

    /// Notes that an agent runs, until the hold is dropped.
    pub(crate) fn running(&self, phase: &str) -> Running<'_> {
        self.budgets().began(phase, self.now_ms());
        self.changed.notify_waiters();
        Running {
            purse: self,
            phase: phase.to_owned(),
        }
    }

    /// Waits until a time of the run or of a phase has run out, and what was under way had a
    /// little more.
    pub(crate) async fn overdue(&self) {
        loop {
            let changed = self.changed.notified();
            let deadline = self.budgets().deadline();
            let Some((at_ms, spent)) = deadline else {
                changed.await;
                continue;
            };
            if at_ms <= self.now_ms() {
                self.exhaust(spent);
                sleep(GRACE).await;
                return;
            }
            tokio::select! {
                () = sleep_until(self.began + Duration::from_millis(at_ms)) => {}
                () = changed => {}
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn settle(&self, reserved: &Reserved, usage: Usage) {
        self.budgets().settle(reserved, usage);
        self.changed.notify_waiters();
    }
}

impl Held<'_> {
    /// Returns the most tokens that the answer may have.
    pub(crate) fn tokens(&self) -> Option<u64> {
        self.reserved.as_ref().map(|reserved| reserved.tokens)
    }

    /// Counts what the answer has really used up.
    pub(crate) fn settle(mut self, usage: Usage) {
        if let Some(reserved) = self.reserved.take() {
            self.purse.settle(&reserved, usage);
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(reserved) = self.reserved.take() {
            let usage = Usage {
                input_tokens: 0,
                output_tokens: reserved.tokens,
                cost_micros: reserved.micros,
            };
            self.purse.settle(&reserved, usage);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let now = self.purse.now_ms();
        self.purse.budgets().ended(&self.phase, now);
        self.purse.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lazaret_policy::compiled::Allowance;

    use super::*;

    fn purse(run: Allowance) -> Purse {
        let plan = Budget {
            agents: 10,
            ask_agents: None,
            ask_usd: None,
            agents_at_once: 4,
            run,
            agent: Allowance::default(),
            phases: BTreeMap::new(),
            answer_tokens: 100,
        };
        Purse::new(plan, &Past::default())
    }

    const WHO: Who<'static> = Who { step: 1, phase: "" };

    fn hundred() -> Purse {
        purse(Allowance {
            tokens: Some(100),
            ..Allowance::default()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_until_another_is_settled() {
        let purse = hundred();
        let held = purse.reserve(WHO, 80, |_| 0).await.unwrap();
        let settled = async {
            sleep(Duration::from_secs(7)).await;
            held.settle(Usage {
                output_tokens: 20,
                ..Usage::default()
            });
        };
        let (second, ()) = tokio::join!(purse.reserve(WHO, 80, |_| 0), settled);
        assert_eq!(second.unwrap().tokens(), Some(80));
        assert!(purse.began.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_given_up_counts_as_a_whole() {
        let purse = hundred();
        drop(purse.reserve(WHO, 80, |_| 0).await.unwrap());
        assert_eq!(purse.budgets().of_run().usage.output_tokens, 80);
        purse.reserve(WHO, 80, |_| 0).await.unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn the_run_s_time_runs_out_and_what_is_under_way_has_a_little_more() {
        let purse = purse(Allowance {
            wall_ms: Some(60_000),
            ..Allowance::default()
        });
        purse.overdue().await;
        let spent = purse.spent().unwrap();
        assert_eq!(spent.to_string(), "the run has used its 1 minutes");
        assert_eq!(purse.began.elapsed(), Duration::from_mins(1) + GRACE);
    }
}
