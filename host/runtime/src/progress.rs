//! What an observer of a run is told while it goes on.

use std::sync::Arc;

/// Called from the run's own threads; it must not block.
pub type Observer = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A phase of the display began.
    Phase(String),
    /// So many steps were asked for in all, finished ones included.
    Planned(u64),
    /// A step began.
    Started {
        /// The step.
        step: u32,
        /// What the operator sees beside it.
        name: String,
    },
    /// A step's answer was taken from an earlier part of the run.
    Replayed {
        /// The step.
        step: u32,
        /// What the operator sees beside it.
        name: String,
    },
    /// A step ended.
    Finished {
        /// The step.
        step: u32,
        /// Whether it gave a value.
        ok: bool,
    },
    /// A step makes an effect: it asks a model, reads a file, calls a tool.
    Doing {
        /// The step.
        step: u32,
        /// The function, such as `model.default` or `tracker.label`.
        function: String,
    },
    /// A model that a step asks has written so many tokens of its answer.
    Wrote {
        /// The step.
        step: u32,
        /// How many, as counted or guessed.
        tokens: u64,
    },
    /// A guest wrote a line.
    Log {
        /// The step.
        step: u32,
        /// `debug`, `info`, `warn` or `error`.
        level: &'static str,
        /// The line. It may be hostile: escape it before showing it.
        message: String,
    },
    /// An item of the input was set aside.
    Refused {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        message: String,
    },
}
