//! Follows a run that another process carries on: redraws on a terminal, writes lines elsewhere.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use lazaret_journal::{Journal, RunId, Sequence};
use lazaret_runtime::decide;
use lazaret_workflow::event::Event;
use lazaret_workflow::view::View;

use super::tree::{self, Depth};
use crate::commands::run::now_ms;
use crate::ui::{self, Screen};

/// How often the journal is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Follows a run to its end. The exit status is the run's, and 1 where its process is gone.
pub(super) fn follow(journal: &Journal, id: &RunId, depth: Depth) -> Result<ExitCode> {
    let mut followed = Followed {
        view: View::default(),
        next: Sequence::FIRST,
        screen: Screen::new(),
        depth,
    };
    loop {
        // Before the records are read, or what it wrote last would be missed.
        let goes_on = is_driven(journal, id);
        followed.read(journal, id)?;
        followed.draw(goes_on)?;
        if let Some(status) = followed.view.ended {
            for line in super::result(journal, &followed.view)? {
                ui::out(&line);
            }
            return Ok(ExitCode::from(status.exit_code()));
        }
        if !goes_on {
            ui::note(&format!(
                "no process carries the run on; `lazaret resume {id}` does"
            ));
            return Ok(ExitCode::FAILURE);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Returns whether a process carries the run on.
pub(super) fn is_driven(journal: &Journal, id: &RunId) -> bool {
    journal.driver(id).is_some_and(decide::is_alive)
}

/// A run as far as it was read.
struct Followed {
    view: View,
    next: Sequence,
    screen: Screen,
    depth: Depth,
}

impl Followed {
    /// Reads what is new, and says it where there is no terminal.
    fn read(&mut self, journal: &Journal, id: &RunId) -> Result<()> {
        for record in journal.records(id, self.next) {
            let record = record?;
            self.next = record.sequence().next();
            let event: Event = serde_json::from_slice(record.payload()).with_context(|| {
                format!("record {} is of no known kind", record.sequence().get())
            })?;
            self.view.take(event.clone());
            if !self.screen.is_there()
                && let Some(line) = tree::news(&event, &self.view)
            {
                ui::out(&line);
            }
        }
        Ok(())
    }

    /// Draws the run, on a terminal: as much of it as there is room for.
    fn draw(&mut self, goes_on: bool) -> Result<()> {
        if !self.screen.is_there() {
            return Ok(());
        }
        let now = (goes_on && self.view.ended.is_none()).then(now_ms);
        let depths = [Depth::Acts, Depth::Agents, Depth::Open, Depth::Phases];
        let mut lines = Vec::new();
        for depth in depths.into_iter().filter(|depth| *depth >= self.depth) {
            lines = tree::lines(&self.view, depth, now);
            if lines.len() <= self.screen.room() {
                break;
            }
        }
        self.screen.draw(&lines)?;
        Ok(())
    }
}
