//! Budgets before an effect: a model's answer is made room for, and without room nothing is made.

use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::budget::{Scope, Who};
use lazaret_workflow::event::Usage;

use super::Caller;
use crate::budget::{Held, Purse};
use crate::payload::Payload;
use crate::perform::{self, Failure};

/// What an effect may use up.
#[derive(Debug)]
pub(super) enum Afforded<'a> {
    /// As much as it likes.
    Free(&'a Purse, Who<'a>),
    /// No more than was set aside.
    Held(Held<'a>),
    /// It is not made.
    Refused(Failure),
}

impl Caller {
    /// Returns whose budget it is.
    pub(crate) fn who(&self) -> Who<'_> {
        Who {
            step: self.step,
            phase: &self.about.phase,
        }
    }

    /// Makes room for an effect, or stands still for ever where a budget is spent.
    pub(super) async fn afford(
        &self,
        permit: &EffectPermit,
        inputs: &[(String, Payload)],
    ) -> Afforded<'_> {
        let purse = self.run.purse();
        let function = self.run.compiled.function(permit.function());
        let kind = function.map(|function| &function.kind);
        if matches!(kind, Some(FunctionKind::Print)) {
            return Afforded::Free(purse, self.who());
        }
        if purse.spent().is_some() {
            self.stand_still().await;
        }
        let Some(FunctionKind::Model { target, .. }) = kind else {
            return Afforded::Free(purse, self.who());
        };
        if !purse.budgets().limits_models(self.who()) {
            return Afforded::Free(purse, self.who());
        }
        let price = match perform::price(&self.run, target, inputs) {
            Ok(price) => price,
            Err(_unpriced) if !purse.budgets().limits_money(self.who()) => {
                perform::Price::free(inputs)
            }
            Err(unpriced) => return Afforded::Refused(unpriced),
        };
        let most = self.run.compiled.budget.answer_tokens;
        let tokens = price.asked_tokens().unwrap_or(most);
        let _pause = self.watch.pause();
        match purse
            .reserve(self.who(), tokens, |tokens| price.of(tokens))
            .await
        {
            Ok(held) => Afforded::Held(held),
            Err(spent) => {
                if matches!(spent.scope, Scope::Agent(_)) {
                    // The agent is about to end, and the run goes on.
                    self.agent_watch().spend(spent.to_string());
                    return std::future::pending().await;
                }
                purse.exhaust(spent);
                self.stand_still().await
            }
        }
    }

    /// Goes on no more: the run is about to end.
    pub(crate) async fn stand_still(&self) -> ! {
        let _paused = self.watch.pause();
        let _parked = self.run.waiting().park();
        std::future::pending().await
    }
}

impl Afforded<'_> {
    /// Returns the most tokens that an answer may have, where that is limited.
    pub(super) fn tokens(&self) -> Option<u64> {
        match self {
            Self::Held(held) => held.tokens(),
            Self::Free(..) | Self::Refused(_) => None,
        }
    }

    /// Counts what was really used up.
    pub(super) fn settle(self, usage: Option<Usage>) {
        match (self, usage) {
            (Self::Held(held), usage) => held.settle(usage.unwrap_or_default()),
            // Nothing limits it, but the run says who used up what.
            (Self::Free(purse, who), Some(usage)) => purse.budgets().use_up(who, usage),
            (Self::Free(..), None) | (Self::Refused(_), _) => {}
        }
    }
}
