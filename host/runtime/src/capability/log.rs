//! `log`: lines for the operator, within a volume.

use lazaret_workflow::event::Event;

use crate::bindings::log::{Host, Level};
use crate::progress::Progress;
use crate::state::GuestState;

/// The most characters of one line.
const MAX_LINE_CHARS: usize = 4_000;

impl Host for GuestState {
    async fn write(&mut self, level: Level, message: String) {
        let line: String = message.chars().take(MAX_LINE_CHARS).collect();
        if !self.meter.take_log(line.len()) {
            return;
        }
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let step = self.caller.step();
        // A line that cannot be kept is still shown; the next effect finds the journal broken.
        drop(self.caller.run().note(&Event::Logged {
            step,
            level: level.to_owned(),
            message: line.clone(),
        }));
        let message = line;
        self.caller.run().tell(&Progress::Log {
            step,
            level,
            message,
        });
    }
}
