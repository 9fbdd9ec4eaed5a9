//! Shows a run while it goes on: a bar on a terminal, plain lines elsewhere.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lazaret_runtime::progress::{Observer, Progress};

use crate::ui::{self, Tone};

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
    running: BTreeSet<String>,
    names: std::collections::BTreeMap<u32, String>,
    failed: u64,
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
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
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
                let name = ui::escape(name);
                state.running.insert(name.clone());
                state.names.insert(*step, name);
                self.message(&state);
            }
            Progress::Replayed { .. } => {
                self.bar.inc(1);
                self.message(&state);
            }
            Progress::Finished { step, ok } => {
                if let Some(name) = state.names.remove(step) {
                    state.running.remove(&name);
                }
                state.failed += u64::from(!ok);
                self.bar.inc(1);
                self.message(&state);
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

    fn message(&self, state: &State) {
        let failed = match state.failed {
            0 => String::new(),
            failed => ui::paint(Tone::Bad, &format!("{failed} failed  ")),
        };
        let names: Vec<&str> = state.running.iter().take(3).map(String::as_str).collect();
        self.bar
            .set_message(format!("{failed}{}", names.join(", ")));
    }

    /// Does something for which the terminal has to be free.
    pub(crate) fn suspended<T>(&self, act: impl FnOnce() -> T) -> T {
        self.bar.suspend(act)
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| ui::note(text));
    }
}
