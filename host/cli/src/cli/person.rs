//! What only a person decides: `approve`, `deny`, `endorse`, `apply`.

use std::path::PathBuf;

use clap::Args;

pub(super) const APPROVE_EXAMPLES: &str = "Examples:
  lazaret approve k3v9x2           shows each call that waits, asks, and goes on with the run
  lazaret approve k3v9x2 3         only item 3
  lazaret approve k3v9x2 3 --edit body.json    shows item 3 with other arguments, and asks
  lazaret approve k3v9x2 --json    prints what waits, and asks nothing

A call is approved by somebody who has seen all of it, so that approving needs a terminal.
An approval is good for this one call with exactly these bytes, once, for a day.

Exit status:
  that of the run that goes on; 0 nothing waits any more   2 usage   3 something still waits";

#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// Prints what would change as JSON, and applies nothing
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// One item; all that wait without it
    pub(crate) item: Option<u32>,
    /// Prints what waits as JSON, and asks nothing
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the item with these values in the place of its arguments, and asks: a JSON object
    /// of arguments or, for a question, the text that answers it
    #[arg(long, value_name = "FILE", requires = "item", conflicts_with = "json")]
    pub(crate) edit: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Deny {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// One item; all that wait without it
    pub(crate) item: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Endorse {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// The item
    pub(crate) item: u32,
}
