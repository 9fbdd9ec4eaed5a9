//! `cargo xtask setup`: makes available what builds need, and shows what is there.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::machine::{GUEST_TARGET, Machine};
use crate::table::{self, Format, Row};
use crate::tools::{self, State, Tool, wasm_c, wasm_std};
use crate::ui;

/// Makes available what builds need, and shows what is there.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct Args {
    /// Only these tools; all of them otherwise.
    tools: Vec<String>,
    /// Change nothing, only show what is there.
    #[arg(long)]
    check: bool,
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
    /// Print shell lines that let a plain `cargo build` in a guests' workspace find the tools.
    #[arg(long, conflicts_with = "json")]
    env: bool,
    /// Build the standard library for guests from Debian's source even where rustup has it.
    #[arg(long)]
    private_std: bool,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    let chosen = choose(&args.tools)?;
    if args.private_std {
        wasm_std::build_private(machine)?;
    }
    let mut rows = Vec::new();
    for tool in chosen {
        let failure = if args.check {
            None
        } else {
            tools::ensure(tool, machine).err()
        };
        if let Some(error) = failure {
            ui::note(&format!("{error:#}"));
        }
        rows.push(row(tool, machine)?);
    }
    if args.env {
        print_env(machine);
    } else {
        table::print(&rows, Format::from_flag(args.json))?;
    }
    Ok(if rows.iter().all(|row| row.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn choose(names: &[String]) -> Result<Vec<&'static dyn Tool>> {
    let all = tools::all();
    if let Some(name) = names
        .iter()
        .find(|name| !all.iter().any(|tool| tool.name() == *name))
    {
        let known: Vec<&str> = all.iter().map(|tool| tool.name()).collect();
        bail!("there is no tool `{name}`; there are {}", known.join(", "));
    }
    Ok(all
        .into_iter()
        .filter(|tool| names.is_empty() || names.iter().any(|name| name == tool.name()))
        .collect())
}

fn row(tool: &dyn Tool, machine: &Machine) -> Result<Row> {
    let (ok, place) = match tool.check(machine)? {
        State::Ready(place) => (true, place),
        State::Missing(what) => (false, what),
    };
    Ok(Row::fact(
        "tools",
        tool.name(),
        ok,
        format!("{}: {place}", tool.why()),
    ))
}

fn print_env(machine: &Machine) {
    for (name, path) in wasm_c::guest_env(machine) {
        ui::result(&format!("export {name}='{}'", path.display()));
    }
    let flags = wasm_std::guest_rustflags(machine);
    if !flags.is_empty() {
        let name = GUEST_TARGET.to_uppercase().replace('-', "_");
        ui::result(&format!(
            "export CARGO_TARGET_{name}_RUSTFLAGS='{}'",
            flags.join(" ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_tool_is_refused_with_those_that_exist() {
        let error = choose(&["wasm-std".into(), "java".into()]).err().unwrap();
        assert_eq!(
            error.to_string(),
            "there is no tool `java`; there are wasm-std, wasm-c, npm-packages, wizer, official-sdks, javascript, python, go, zig"
        );
    }

    #[test]
    fn no_name_means_every_tool() {
        assert_eq!(choose(&[]).unwrap().len(), tools::all().len());
        assert_eq!(choose(&["wasm-c".into()]).unwrap().len(), 1);
    }
}
