//! Shows a run while it goes on: a bar on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lazaret_runtime::progress::{Observer, Progress};

use crate::ui::{self, Tone};

/// How many of the steps that run are named beside the bar.
const MAX_NAMED: usize = 3;

/// How often pieces of answers change the line: each one would be faster than anybody reads.
const REFRESH: Duration = Duration::from_millis(100);

/// Draws what an observer is told.
#[derive(Debug)]
pub(crate) struct Display {
    bar: ProgressBar,
    verbose: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    phase: String,
    running: BTreeMap<u32, Work>,
    failed: u64,
    /// Tokens of answers that are whole.
    tokens: u64,
    refreshed: Duration,
}

/// A step that runs.
#[derive(Debug, Default)]
struct Work {
    name: String,
    /// What it does now.
    doing: String,
    /// Tokens of the answer that a model is writing for it.
    tokens: u64,
}

impl Display {
    /// Returns a display; without a terminal the bar is hidden and lines are written.
    pub(crate) fn new(verbose: bool) -> Arc<Self> {
        let target = if ui::has_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style =
            "{spinner:.cyan} {prefix:<12} [{bar:28.cyan/dim}] {pos}/{len} {elapsed} {wide_msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Arc::new(Self {
            bar,
            verbose,
            state: Mutex::default(),
        })
    }

    /// Returns what the runtime calls.
    pub(crate) fn observer(self: &Arc<Self>) -> Observer {
        let display = Arc::clone(self);
        Arc::new(move |progress| display.show(progress))
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Phase(title) => {
                state.phase = ui::escape(title);
                self.bar.set_prefix(state.phase.clone());
                if !ui::has_terminal() {
                    self.line(&format!("phase: {}", state.phase));
                }
            }
            Progress::Planned(count) => self.bar.set_length(*count),
            Progress::Started { step, name } => {
                state.start(*step, name);
                self.message(&mut state);
            }
            Progress::Replayed { .. } => {
                self.bar.inc(1);
                self.message(&mut state);
            }
            Progress::Finished { step, ok } => {
                state.finish(*step, *ok);
                self.bar.inc(1);
                self.message(&mut state);
            }
            Progress::Doing { step, function } => {
                state.turn_to(*step, function);
                self.refresh(&mut state);
            }
            Progress::Wrote { step, tokens } => {
                if let Some(work) = state.running.get_mut(step) {
                    work.tokens = *tokens;
                }
                self.refresh(&mut state);
            }
            Progress::Log {
                step,
                level,
                message,
            } => {
                if self.verbose || matches!(*level, "error") {
                    let text = format!("  {level} step {step}: {}", ui::escape(message));
                    self.line(&ui::paint(Tone::Dim, &text));
                }
            }
            Progress::Refused { place, message } => {
                let text = format!("set aside {}: {}", ui::escape(place), ui::escape(message));
                self.line(&ui::paint(Tone::Warn, &text));
            }
        }
    }

    /// Changes the line, but not more often than it can be read.
    fn refresh(&self, state: &mut State) {
        if self.bar.elapsed() >= state.refreshed + REFRESH {
            self.message(state);
        }
    }

    fn message(&self, state: &mut State) {
        state.refreshed = self.bar.elapsed();
        self.bar.set_message(state.line());
    }

    /// Does something for which the terminal has to be free.
    pub(crate) fn suspended<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| ui::note(text));
    }
}

impl State {
    fn start(&mut self, step: u32, name: &str) {
        let work = Work {
            name: ui::escape(name),
            ..Work::default()
        };
        self.running.insert(step, work);
    }

    /// What a step turns to ends the answer that was written for it before.
    fn turn_to(&mut self, step: u32, function: &str) {
        if let Some(work) = self.running.get_mut(&step) {
            self.tokens += std::mem::take(&mut work.tokens);
            work.doing = ui::escape(function);
        }
    }

    fn finish(&mut self, step: u32, ok: bool) {
        if let Some(work) = self.running.remove(&step) {
            self.tokens += work.tokens;
        }
        self.failed += u64::from(!ok);
    }

    /// What failed, what models have written, and what the oldest steps do.
    fn line(&self) -> String {
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(ui::paint(Tone::Bad, &format!("{} failed", self.failed)));
        }
        let under_way: u64 = self.running.values().map(|work| work.tokens).sum();
        let tokens = self.tokens + under_way;
        if tokens > 0 {
            parts.push(format!("{tokens} tokens"));
        }
        parts.extend(self.running.values().take(MAX_NAMED).map(Work::to_string));
        let more = self.running.len().saturating_sub(MAX_NAMED);
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        parts.join("  ")
    }
}

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        match (self.doing.as_str(), self.tokens) {
            ("", _) => Ok(()),
            (doing, 0) => write!(f, " ({doing})"),
            (doing, tokens) => write!(f, " ({doing}, {tokens} tokens)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_the_oldest_steps_do_and_counts_the_rest() {
        let mut state = State {
            failed: 1,
            tokens: 40,
            ..State::default()
        };
        let work = |name: &str, doing: &str, tokens| Work {
            name: name.to_owned(),
            doing: doing.to_owned(),
            tokens,
        };
        state.running.insert(1, work("one", "model.default", 2));
        state.running.insert(2, work("two", "tracker.label", 0));
        state.running.insert(3, work("three", "", 0));
        state.running.insert(4, work("four", "", 0));
        assert_eq!(
            state.line(),
            "1 failed  42 tokens  one (model.default, 2 tokens)  two (tracker.label)  three  1 more"
        );
    }
}
