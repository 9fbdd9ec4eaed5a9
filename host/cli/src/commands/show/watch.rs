//! Follows a run that another process carries on: redraws on a terminal, writes lines elsewhere.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use lazaret_journal::{Journal, RunId};
use lazaret_runtime::decide;

use super::tree::{self, Depth};
use crate::commands::run::now_ms;
use crate::stored::Followed;
use crate::ui::{self, Screen};

/// How often the journal is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Follows a run to its end. The exit status is the run's, and 1 where its process is gone.
pub(super) fn follow(journal: &Journal, id: &RunId, depth: Depth) -> Result<ExitCode> {
    let mut followed = Watched {
        run: Followed::new(),
        screen: Screen::new(),
        depth,
    };
    loop {
        // Before the records are read, or what it wrote last would be missed.
        let goes_on = is_driven(journal, id);
        followed.read(journal, id)?;
        followed.draw(goes_on)?;
        if let Some(status) = followed.run.view.ended {
            for line in super::given(journal, &followed.run.view)? {
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

/// A run as it is shown.
struct Watched {
    run: Followed,
    screen: Screen,
    depth: Depth,
}

impl Watched {
    /// Reads what is new, and says it where there is no terminal.
    fn read(&mut self, journal: &Journal, id: &RunId) -> Result<()> {
        let is_drawn = self.screen.is_there();
        self.run.read(journal, id, |event, view| {
            if !is_drawn && let Some(line) = tree::news(event, view) {
                ui::out(&line);
            }
        })
    }

    /// Draws the run, on a terminal: as much of it as there is room for.
    fn draw(&mut self, goes_on: bool) -> Result<()> {
        if !self.screen.is_there() {
            return Ok(());
        }
        let now = (goes_on && self.run.view.ended.is_none()).then(now_ms);
        let depths = [Depth::Acts, Depth::Agents, Depth::Open, Depth::Phases];
        let mut lines = Vec::new();
        for depth in depths.into_iter().filter(|depth| *depth >= self.depth) {
            lines = tree::lines(&self.run.view, depth, now);
            if lines.len() <= self.screen.room() {
                break;
            }
        }
        self.screen.draw(&lines)?;
        Ok(())
    }
}
