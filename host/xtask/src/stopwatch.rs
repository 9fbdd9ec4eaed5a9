//! How long did it take?

use std::time::{Duration, Instant};

/// A started clock.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts the clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "times of steps are shown to people, nothing depends on them"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Returns the time since the start, as `12.3 s`.
    pub(crate) fn shown(&self) -> String {
        format!("{:.1} s", self.elapsed().as_secs_f64())
    }
}
