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
    /// Carries an interrupted or ended run on; what has finished is not done again
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(Resume),
    /// Ends a run as cancelled, whoever carries it on; it can be resumed
    #[command(after_help = "Example:\n  lazaret cancel k3v9x2")]
    Cancel(OneRun),
    /// Has one agent of an interrupted or ended run run again when the run goes on
    #[command(
        after_help = "Examples:\n  lazaret retry k3v9x2 7          (the number of its step)\n  lazaret retry k3v9x2 'read 7' && lazaret resume k3v9x2"
    )]
    Retry(OneAgent),
    /// Has one agent of an interrupted or ended run give no value when the run goes on
    #[command(after_help = "Example:\n  lazaret skip k3v9x2 'read 7' && lazaret resume k3v9x2")]
    Skip(OneAgent),
    /// Decides a run again, under another policy, and says what would differ; makes nothing
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(Replay),
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
    /// Makes a key to sign receipts with, and prints its public half
    #[command(
        after_help = "Example:\n  lazaret keygen >> trusted-keys   (on the machine that checks)"
    )]
    Keygen,
    /// Signs a summary of a run that has ended
    #[command(after_help = "Example:\n  lazaret receipt k3v9x2 --output receipt.json")]
    Receipt(Receipt),
    /// Checks a receipt, and the run's records against it
    #[command(after_help = VERIFY_EXAMPLES)]
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
    #[command(after_help = SECRET_EXAMPLES)]
    Secret(Secret),
    /// Adds, lists and pins MCP servers of a policy
    #[command(subcommand)]
    Tools(Tools),
    /// Shows the calls of a run that wait for a person, and records what you say of each
    #[command(after_help = APPROVE_EXAMPLES)]
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
  lazaret run triage --args @issues.json --model ollama/qwen3
  lazaret run review.js --args '{"path": "src"}'

Exit status:
  0 done   1 the workflow failed   2 usage, configuration or policy   3 waits for a person
  4 budget exhausted   5 done, but something failed   6 quarantine violation   130 cancelled"#;

const VERIFY_EXAMPLES: &str = "Examples:
  lazaret verify receipt.json                                   (against this machine's journal)
  lazaret verify receipt.json --records run.jsonl --key ed25519:…

Trusted are your own key, those in `trusted-keys` beside the journal, and those of `--key`.
Exit status: 0 if all holds, 2 if not.";

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
    /// The model that the workflow's agents ask, where it can do with and without one: an alias
    /// of `lazaret.toml`, or `PROVIDER/MODEL` such as `ollama/qwen3`
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Prints one JSON object on standard output and plain lines on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

const RESUME_EXAMPLES: &str = "Examples:
  lazaret resume k3v9x2                         (the first letters of the id are enough)
  lazaret resume k3v9x2 --script review.js      an edited script: only what changed runs
  lazaret resume k3v9x2 --policy strict.toml --json

The exit status is that of `lazaret run`.";

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// A policy to go on under instead of the run's own
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A script to go on with instead of the run's own
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// A component to go on with instead of the run's own of that name; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) plugin: Vec<String>,
    /// Uses only the longest unchanged beginning, in the order in which agents started
    #[arg(long)]
    pub(crate) strict_prefix: bool,
    /// Prints one JSON object on standard output and plain lines on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneRun {
    /// A run's id, or its first letters
    pub(crate) run: String,
}

#[derive(Debug, Args)]
pub(crate) struct OneAgent {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// The number of the agent's step, or its name where only one has it
    pub(crate) agent: String,
}

const REPLAY_EXAMPLES: &str = "Examples:
  lazaret replay k3v9x2                        is every decision still what it was?
  lazaret replay k3v9x2 --policy strict.toml   what would this policy have refused?

Exit status:
  0 nothing differs   1 something does   2 usage, configuration or policy";

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// A policy to decide by instead of the run's own
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints one JSON object
    #[arg(long)]
    pub(crate) json: bool,
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

const SECRET_EXAMPLES: &str = r#"Examples:
  lazaret secret set anthropic          (asks for the value and does not show it)
  pass show openai | lazaret secret set openai
  lazaret secret list

In a policy: [models] anthropic = { key = "secret:anthropic" }"#;

#[derive(Debug, Args)]
pub(crate) struct Secret {
    #[command(subcommand)]
    pub(crate) act: SecretAct,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretAct {
    /// Stores a value that is typed or piped in, never given as an argument
    Set {
        /// Its name: letters, digits, `_`, `-` and `.`
        name: String,
    },
    /// Lists the names; values are never shown
    List {
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Removes one
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The receipt
    pub(crate) receipt: PathBuf,
    /// The run's records, as `lazaret export` wrote them
    #[arg(long, value_name = "FILE")]
    pub(crate) records: Option<PathBuf>,
    /// A public key to trust as well
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// The file to make
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The run's records, as `lazaret export` wrote them
    pub(crate) file: PathBuf,
    /// The receipt that signs them
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: PathBuf,
    /// A public key to trust as well
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// Removes runs that ended longer ago
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) older_than_days: u64,
    /// How many of the newest runs stay in any case
    #[arg(long, value_name = "RUNS", default_value_t = 100)]
    pub(crate) keep: usize,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tools {
    /// Asks a server what it offers, shows it, and adds it to the policy, pinned
    #[command(after_help = TOOLS_ADD_EXAMPLES)]
    Add(ToolsAdd),
    /// Lists the servers of a policy
    #[command(after_help = "Example:\n  lazaret tools list --policy my-policy.toml")]
    List(ToolsList),
    /// Shows what a server says otherwise than when it was pinned, and pins it anew
    #[command(
        after_help = "Examples:\n  lazaret tools pin memory\n  lazaret tools pin memory --digest sha256:…   (as the first one printed)"
    )]
    Pin(ToolsPin),
}

const TOOLS_ADD_EXAMPLES: &str = r"Examples:
  lazaret tools add memory -- npx -y @modelcontextprotocol/server-memory
  lazaret tools add files -- npx -y @modelcontextprotocol/server-filesystem docs
  lazaret tools add mail --env HOME --secret MAIL_TOKEN=mail -- mail-mcp
  lazaret tools add tickets https://tickets.example.com/mcp

The server's process sees PATH, the variables named by --env and the secrets named by --secret.
Nothing that it says is shown to an agent before it is pinned here.";

#[derive(Debug, Args)]
pub(crate) struct ToolsAdd {
    /// The tool's name in the policy
    pub(crate) name: String,
    /// The program with its arguments after `--`, or one address
    #[arg(required = true, value_name = "PROGRAM|URL")]
    pub(crate) command: Vec<String>,
    /// A variable of the environment that the server may see; may be repeated
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) env: Vec<String>,
    /// A variable of the server's that holds a secret of the policy's; may be repeated
    #[arg(long, value_name = "VARIABLE=SECRET")]
    pub(crate) secret: Vec<String>,
    /// The policy
    #[arg(long, value_name = "FILE", default_value = "lazaret.toml")]
    pub(crate) policy: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ToolsList {
    /// The policy
    #[arg(long, value_name = "FILE", default_value = "lazaret.toml")]
    pub(crate) policy: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ToolsPin {
    /// The tool's name in the policy
    pub(crate) name: String,
    /// The digest that was seen and is right
    #[arg(long, value_name = "sha256:…")]
    pub(crate) digest: Option<String>,
    /// The policy
    #[arg(long, value_name = "FILE", default_value = "lazaret.toml")]
    pub(crate) policy: PathBuf,
}

const APPROVE_EXAMPLES: &str = "Examples:
  lazaret approve k3v9x2           shows each call that waits, asks, and goes on with the run
  lazaret approve k3v9x2 3         only item 3
  lazaret approve k3v9x2 --json    prints what waits, and asks nothing

A call is approved by somebody who has seen all of it, so that approving needs a terminal.
An approval is good for this one call with exactly these bytes, once, for a day.

Exit status:
  that of the run that goes on; 0 nothing waits any more   2 usage   3 something still waits";

#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// One item; all that wait without it
    pub(crate) item: Option<u32>,
    /// Prints what waits as JSON, and asks nothing
    #[arg(long)]
    pub(crate) json: bool,
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

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The policy whose models are asked for their lists; `lazaret.toml` here unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
