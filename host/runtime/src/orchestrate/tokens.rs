//! What an orchestrator may know of the tokens that its run has used.

use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::Ended;

use super::Drive;
use crate::payload::Payload;

impl Drive {
    /// Counts what an agent used, of whose end this orchestrator is about to be told.
    pub(super) fn count_tokens(&self, step: u32, ended: &Ended<Payload>) {
        let current = self.current();
        let label = if ended.tells_more() {
            let read = ended.content().facts().labels.joined();
            read.join(ended.set_going())
        } else {
            current
        };
        self.run.count_tokens(step, label, current);
    }

    /// Takes over the number that it was told in an earlier part of the run.
    pub(super) fn recall_tokens(&self, tokens: u64) {
        self.run.recall_told(self.current(), tokens);
    }

    /// Returns the tokens of which it may know now.
    pub(super) fn known_tokens(&self) -> u64 {
        self.run.told_tokens(self.current())
    }

    /// Says that the run's token budget is spent, as far as it may know.
    pub(super) fn known_over_budget(&self) -> Option<String> {
        self.run.told_over_budget(self.current())
    }

    fn current(&self) -> Label {
        let current = self.run.monitor().current(self.caller.instance());
        current.unwrap_or(Label::BOTTOM)
    }
}
