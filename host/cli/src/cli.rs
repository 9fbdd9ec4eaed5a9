//! What can be typed: the commands, their options and their examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs agents that read what strangers wrote, and proves what they could decide.
#[derive(Debug, Parser)]
#[command(name = "lazaret", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a workflow
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Says what a plugin is, asks for and imports, without running it
    #[command(after_help = "Example:\n  lazaret inspect plugins/triage-reader.wasm")]
    Inspect(Inspect),
    /// Lists the runs, newest first
    #[command(after_help = "Example:\n  lazaret runs --limit 5")]
    Runs(Runs),
    /// Shows one run: its steps, labels, refusals and gates
    #[command(
        after_help = "Example:\n  lazaret show k3v9x2   (the first letters of the id are enough)"
    )]
    Show(Show),
    /// Says whether this machine and this installation can run workflows
    Doctor(Doctor),
    /// Prints a completion script for a shell
    #[command(
        after_help = "Example:\n  lazaret completions bash > ~/.local/share/bash-completion/completions/lazaret"
    )]
    Completions(Completions),
}

const RUN_EXAMPLES: &str = r#"Examples:
  gh issue list --json number,title,body,author,labels,comments,createdAt,url > issues.json
  lazaret run triage --args @issues.json
  gh issue list --json … | lazaret run triage --args @-
  lazaret run triage --args @issues.json --policy my-policy.toml --json
  lazaret run review.js --args '{"path": "src"}'

Exit status:
  0 done   1 the workflow failed   2 usage, configuration or policy   3 waits for a person
  4 budget exhausted   5 done, but something failed   6 quarantine violation   130 cancelled"#;

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A script (`FILE.js` or a saved name), an installed workflow's name, or a directory
    /// with a `lazaret.toml`
    pub(crate) workflow: String,
    /// The argument: JSON, `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) args: Option<String>,
    /// A policy to use instead of the workflow's own
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints one JSON object on standard output and plain lines on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A component
    pub(crate) plugin: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The most runs to list
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// Prints the run's events as JSON, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
