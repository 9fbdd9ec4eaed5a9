//! What can be typed: the commands; their options and examples are in the files below `cli/`.

use clap::{Parser, Subcommand};

mod person;
mod plugin;
mod policy;
mod project;
mod record;
mod run;
mod script;
mod tools;

pub(crate) use person::{Apply, Approve, Deny, Endorse};
pub(crate) use plugin::{Build, Dev, Inspect, New, Test};
pub(crate) use policy::{Policy, PolicyCheck, PolicyExplain, PolicySuggest};
pub(crate) use project::{Completions, Doctor, Init, Secret, SecretAct, Trust};
pub(crate) use record::{Export, Gc, Import, Receipt, Runs, Show, Verify};
pub(crate) use run::{OneAgent, OneRun, Replay, Resume, Run};
pub(crate) use script::{Check, Plan, Save};
pub(crate) use tools::{Tools, ToolsAdd, ToolsList, ToolsPin};

/// Runs agents that read what strangers wrote, and proves what they could decide.
#[derive(Debug, Parser)]
#[command(name = "lazaret", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Looks at this project and writes a policy for it
    #[command(after_help = project::INIT_EXAMPLES)]
    Init(Init),
    /// Runs a workflow
    #[command(after_help = run::RUN_EXAMPLES)]
    Run(Run),
    /// Says what is wrong with a script, or probably not meant, before it runs
    #[command(after_help = script::CHECK_EXAMPLES)]
    Check(Check),
    /// Has a model write a workflow for a request in plain words, and runs it after consent
    #[command(after_help = script::PLAN_EXAMPLES)]
    Plan(Plan),
    /// Keeps the script of a run under a name, or as a skill
    #[command(after_help = script::SAVE_EXAMPLES)]
    Save(Save),
    /// Carries an interrupted or ended run on; what has finished is not done again
    #[command(after_help = run::RESUME_EXAMPLES)]
    Resume(Resume),
    /// Ends a run as cancelled, whoever carries it on; it can be resumed
    #[command(after_help = "Example:\n  lazaret cancel k3v9x2")]
    Cancel(OneRun),
    /// Has one agent of an interrupted or ended run run again when the run goes on
    #[command(
        after_help = "Examples:\n  lazaret retry k3v9x2 7          (the number of its step)\n  lazaret retry k3v9x2 'read 7' && lazaret resume k3v9x2"
    )]
    Retry(OneAgent),
    /// Has one agent give no value: at once, or when an interrupted or ended run goes on
    #[command(after_help = "Example:\n  lazaret skip k3v9x2 'read 7' && lazaret resume k3v9x2")]
    Skip(OneAgent),
    /// Stops one agent of a run that goes on; it gives no value
    #[command(after_help = "Example:\n  lazaret stop k3v9x2 'read 7'")]
    Stop(OneAgent),
    /// Decides a run again, under another policy, and says what would differ; makes nothing
    #[command(after_help = run::REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Says what a plugin is, asks for and imports, without running it
    #[command(after_help = "Example:\n  lazaret inspect plugins/triage-reader.wasm")]
    Inspect(Inspect),
    /// Lists the runs, newest first
    #[command(after_help = "Example:\n  lazaret runs --limit 5")]
    Runs(Runs),
    /// Shows one run: its phases and agents with times, tokens, cost and labels, and what each did
    #[command(after_help = record::SHOW_EXAMPLES)]
    Show(Show),
    /// Makes a key to sign receipts with, and prints its public half
    #[command(
        after_help = "Example:\n  lazaret keygen >> trusted-keys   (on the machine that checks)"
    )]
    Keygen,
    /// Signs a summary of a run that has ended
    #[command(after_help = "Example:\n  lazaret receipt k3v9x2 --output receipt.json")]
    Receipt(Receipt),
    /// Checks a receipt, and the run's records against it
    #[command(after_help = record::VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Writes a run's records to a file
    #[command(after_help = "Example:\n  lazaret export k3v9x2 run.jsonl")]
    Export(Export),
    /// Takes in another machine's run with its receipt
    #[command(
        after_help = "Example:\n  lazaret import run.jsonl --receipt receipt.json --key ed25519:…"
    )]
    Import(Import),
    /// Removes old runs, and contents that no run uses any more
    #[command(after_help = "Example:\n  lazaret gc --older-than-days 30 --keep 100")]
    Gc(Gc),
    /// Stores keys, so that a policy can name them as `secret:NAME`
    #[command(after_help = project::SECRET_EXAMPLES)]
    Secret(Secret),
    /// Says which scripts, agents and policies of this project are your own word
    #[command(after_help = project::TRUST_EXAMPLES)]
    Trust(Trust),
    /// Judges a policy, and says why a run's calls were decided as they were
    #[command(subcommand)]
    Policy(Policy),
    /// Adds, lists and pins MCP servers of a policy
    #[command(subcommand)]
    Tools(Tools),
    /// Shows what a run has changed in its copy of your files, and makes your files so
    #[command(
        after_help = "Examples:\n  lazaret apply k3v9x2\n  lazaret apply k3v9x2 --json    (prints the changes, and applies nothing)"
    )]
    Apply(Apply),
    /// Shows the calls of a run that wait for a person, and records what you say of each
    #[command(after_help = person::APPROVE_EXAMPLES)]
    Approve(Approve),
    /// Refuses the calls of a run that wait for a person
    #[command(
        after_help = "Examples:\n  lazaret deny k3v9x2      (all that wait)\n  lazaret deny k3v9x2 3    (one)"
    )]
    Deny(Deny),
    /// Lets one waiting call pass and vouches for its bytes: they carry no taint afterwards
    #[command(after_help = "Example:\n  lazaret endorse k3v9x2 3")]
    Endorse(Endorse),
    /// Says whether this machine and this installation can run workflows, and which models answer
    #[command(
        after_help = "Examples:\n  lazaret doctor\n  lazaret doctor --policy lazaret.toml --json"
    )]
    Doctor(Doctor),
    /// Makes a directory with an agent that builds and runs as it is
    #[command(after_help = plugin::NEW_EXAMPLES)]
    New(New),
    /// Makes a component of a directory, in any of the languages
    #[command(after_help = "Examples:\n  lazaret build\n  lazaret build agents/hello")]
    Build(Build),
    /// Builds and runs a directory again whenever something in it changes
    #[command(
        after_help = "Examples:\n  lazaret dev --args '{\"name\": \"world\"}'\n  lazaret dev hello --test"
    )]
    Dev(Dev),
    /// Runs a component on the cases of its `test.toml`, with scripted models and tools
    #[command(after_help = plugin::TEST_EXAMPLES)]
    Test(Test),
    /// Prints a completion script for a shell
    #[command(
        after_help = "Example:\n  lazaret completions bash > ~/.local/share/bash-completion/completions/lazaret"
    )]
    Completions(Completions),
}
