//! `cargo xtask guests`: builds plugins and test guests, and shows their sizes.

use std::process::ExitCode;

use anyhow::Result;

use crate::guests;
use crate::machine::Machine;
use crate::table::{self, Format, Row};

/// Builds the plugins and the test guests into the distribution directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    let built = guests::build(machine)?;
    let row = |guest: &guests::Guest| {
        let note = if guest.changed {
            "changed"
        } else {
            "as before"
        };
        let size = Row::number(
            "guests",
            &guest.path.display().to_string(),
            guest.bytes > 0,
            guests::kib(guest.bytes),
            "KiB",
        );
        Row {
            note: note.into(),
            ..size
        }
    };
    let mut rows: Vec<Row> = built.iter().map(row).collect();
    rows.push(Row::fact(
        "guests",
        "directory",
        machine.dist().is_dir(),
        machine.dist().display().to_string(),
    ));
    table::print(&rows, Format::from_flag(args.json))?;
    Ok(ExitCode::SUCCESS)
}
