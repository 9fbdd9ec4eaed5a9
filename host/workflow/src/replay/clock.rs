//! How long the earlier parts of a run took, as far as their events say when they happened.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::Event;

/// Time that earlier parts have used up, without the time between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds of the run.
    pub run_ms: u64,
    /// Milliseconds in which a phase had agents running, by its title.
    pub phase_ms: BTreeMap<String, u64>,
    last_ms: u64,
    running: BTreeMap<String, BTreeSet<u32>>,
}

impl Clock {
    pub(super) fn take(&mut self, event: &Event) {
        let Some(now) = event.at_ms() else {
            return;
        };
        if matches!(event, Event::Resumed { .. }) {
            self.running.clear();
            self.last_ms = now;
        }
        self.advance(now);
        match event {
            Event::StepStarted { step, phase, .. } => {
                let running = self.running.entry(phase.clone()).or_default();
                running.insert(*step);
            }
            Event::StepFinished { step, .. } => {
                for running in self.running.values_mut() {
                    running.remove(step);
                }
            }
            _ => {}
        }
    }

    fn advance(&mut self, now: u64) {
        let passed = if self.last_ms == 0 {
            0
        } else {
            now.saturating_sub(self.last_ms)
        };
        self.run_ms += passed;
        let running = self.running.iter().filter(|(_, steps)| !steps.is_empty());
        for (phase, _) in running {
            *self.phase_ms.entry(phase.clone()).or_default() += passed;
        }
        self.last_ms = self.last_ms.max(now);
    }
}
