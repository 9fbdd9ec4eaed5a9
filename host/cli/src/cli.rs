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
    /// Looks at this project and writes a policy for it
    #[command(after_help = INIT_EXAMPLES)]
    Init(Init),
    /// Runs a workflow
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Says what is wrong with a script, or probably not meant, before it runs
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Has a model write a workflow for a request in plain words, and runs it after consent
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(Plan),
    /// Keeps the script of a run under a name, or as a skill
    #[command(after_help = SAVE_EXAMPLES)]
    Save(Save),
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
    /// Has one agent give no value: at once, or when an interrupted or ended run goes on
    #[command(after_help = "Example:\n  lazaret skip k3v9x2 'read 7' && lazaret resume k3v9x2")]
    Skip(OneAgent),
    /// Stops one agent of a run that goes on; it gives no value
    #[command(after_help = "Example:\n  lazaret stop k3v9x2 'read 7'")]
    Stop(OneAgent),
    /// Decides a run again, under another policy, and says what would differ; makes nothing
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Says what a plugin is, asks for and imports, without running it
    #[command(after_help = "Example:\n  lazaret inspect plugins/triage-reader.wasm")]
    Inspect(Inspect),
    /// Lists the runs, newest first
    #[command(after_help = "Example:\n  lazaret runs --limit 5")]
    Runs(Runs),
    /// Shows one run: its phases and agents with times, tokens, cost and labels, and what each did
    #[command(after_help = SHOW_EXAMPLES)]
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
    /// Says which scripts, agents and policies of this project are your own word
    #[command(after_help = TRUST_EXAMPLES)]
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
    /// Makes a directory with an agent that builds and runs as it is
    #[command(after_help = NEW_EXAMPLES)]
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
    #[command(after_help = TEST_EXAMPLES)]
    Test(Test),
    /// Prints a completion script for a shell
    #[command(
        after_help = "Example:\n  lazaret completions bash > ~/.local/share/bash-completion/completions/lazaret"
    )]
    Completions(Completions),
}

const NEW_EXAMPLES: &str = "Examples:
  lazaret new --lang js hello
  lazaret new --lang python --kind tool tracker

It prints what to type next, down to the command that fetches a tool which is not there.";

const TEST_EXAMPLES: &str = r#"Examples:
  lazaret test
  lazaret test agents/hello --json

A case of `test.toml`:
  [[case]]
  name = "greets"
  input = { name = "world" }                  # the run's argument
  model = ["hello"]                           # what models answer, in order
  tools."tracker.label" = [{ done = true }]   # what functions answer; { error = "…" } fails
  answer = { greeting = "hello world" }       # or: fails = "a part of the failure's text"
  refused = []                                # the rules that refuse, in order"#;

const INIT_EXAMPLES: &str = "Examples:
  lazaret init             asks one question: may this project's text reach web sites?
  lazaret init --yes       asks nothing: it may not
  lazaret init --web       asks nothing: it may

A `lazaret.toml` that is here already is not overwritten.";

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Asks nothing; this project's text may not reach web sites
    #[arg(long, short, conflicts_with = "web")]
    pub(crate) yes: bool,
    /// Asks nothing; this project's text may reach web sites
    #[arg(long)]
    pub(crate) web: bool,
    /// Prints one JSON object that says what was found
    #[arg(long)]
    pub(crate) json: bool,
}

const RUN_EXAMPLES: &str = r#"Examples:
  gh issue list --json number,title,body,author,labels,comments,createdAt,url > issues.json
  lazaret run triage --args @issues.json
  gh issue list --json … | lazaret run triage --args @-
  lazaret run triage --args @issues.json --policy my-policy.toml --json
  lazaret run triage --args @issues.json --model ollama/qwen3
  lazaret run review.js --args '{"path": "src"}'
  lazaret run review.js --dry-run
  lazaret run fix.js --until 'result.open === 0' --rounds 5
  lazaret run watch.js --every 15m
  lazaret run triage --args @issues.json --detach    then: lazaret show RUN --watch
  lazaret run --step k3v9x2 'read 7' --plugin reader=new.wasm

Exit status:
  0 done   1 the workflow failed   2 usage, configuration or policy   3 waits for a person
  4 budget exhausted   5 done, but something failed   6 quarantine violation   130 cancelled"#;

const VERIFY_EXAMPLES: &str = "Examples:
  lazaret verify receipt.json                                   (against this machine's journal)
  lazaret verify receipt.json --records run.jsonl --key ed25519:…

Trusted are your own key, those in `trusted-keys` beside the journal, and those of `--key`.
Exit status: 0 if all holds, 2 if not.";

#[expect(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "each is a flag of its own that somebody types"
)]
#[derive(Debug, Default, Args)]
pub(crate) struct Run {
    /// A script (`FILE.js` or a saved name), an installed workflow's name, or a directory
    /// with a `lazaret.toml`
    #[arg(default_value = "", hide_default_value = true)]
    pub(crate) workflow: String,
    /// Runs one agent of a recorded run again, by the number of its step or its name: with the
    /// recorded answers of its effects, and without writing anything into the run
    #[arg(
        long,
        num_args = 2,
        value_names = ["RUN", "AGENT"],
        conflicts_with_all = ["workflow", "args", "policy", "model", "detach"]
    )]
    pub(crate) step: Vec<String>,
    /// With --step: a component to run instead of the run's own of that name; may be repeated
    #[arg(long, value_name = "NAME=FILE", requires = "step")]
    pub(crate) plugin: Vec<String>,
    /// With --step: makes the effects that the journal does not have, instead of failing them
    #[arg(long, requires = "step")]
    pub(crate) live: bool,
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
    /// Shows what the workflow would ask for, with made-up answers, and what it may cost
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Agrees to the cost of a large run; approves nothing
    #[arg(long)]
    pub(crate) yes: bool,
    /// Runs it again until this JavaScript expression over `result` and `round` is true
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) until: Option<String>,
    /// Runs it again and again, with this pause: `30s`, `15m`, `2h`, `1d`
    #[arg(long, value_name = "DURATION")]
    pub(crate) every: Option<String>,
    /// The most rounds of `--until` and `--every`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,
    /// Output tokens that models may write in this run; fewer where the policy says so
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens: Option<u64>,
    /// Goes on in the background, in a session of its own, and prints the run's id
    #[arg(long)]
    pub(crate) detach: bool,
    /// The run that this process carries on in the background
    #[arg(long, hide = true, value_name = "ID")]
    pub(crate) detached_as: Option<String>,
    /// Prints one JSON object on standard output and plain lines on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

const CHECK_EXAMPLES: &str = "Examples:
  lazaret check review.js
  lazaret check review --json        (a saved name)
  lazaret check review.js --opaque   (also what an opaque script may not look at)

Exit status: 0 it can run   1 it has errors   2 usage";

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A script: `FILE.js` or a saved name
    pub(crate) script: String,
    /// Checks as for `untrusted = \"opaque\"`
    #[arg(long)]
    pub(crate) opaque: bool,
    /// The policy whose profiles the script's agents name; `lazaret.toml` here unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const PLAN_EXAMPLES: &str = r#"Examples:
  lazaret plan "find every place that swallows an error, and check each finding twice"
  lazaret plan "translate the manual" --save translate-manual
  lazaret plan "summarise these" --args '{"files": ["a.md", "b.md"]}' --yes

The planner gets the request, the language and no tools. What it wrote is checked, shown with an
estimate, and run only after you agree.

Exit status: that of the run; 0 where it was not run   2 usage, or no plan"#;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own that somebody types"
)]
#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// What to do, in plain words
    pub(crate) request: String,
    /// The workflow's argument: JSON, `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "JSON|@FILE")]
    pub(crate) args: Option<String>,
    /// The policy; `lazaret.toml` here unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Keeps the workflow under this name
    #[arg(long, value_name = "NAME")]
    pub(crate) save: Option<String>,
    /// Replaces what is saved under the name
    #[arg(long, requires = "save")]
    pub(crate) force: bool,
    /// Output tokens that models may write in the run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens: Option<u64>,
    /// Runs it without a question; approves nothing
    #[arg(long)]
    pub(crate) yes: bool,
    /// Prints the plan as JSON, and does not run it
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

const SAVE_EXAMPLES: &str = "Examples:
  lazaret save k3v9x2 review                          (`lazaret run review` runs it, everywhere)
  lazaret save k3v9x2 review --project                (in this project, trusted)
  lazaret save k3v9x2 review --skill .claude/skills   (with a SKILL.md that says how to run it)";

#[derive(Debug, Args)]
pub(crate) struct Save {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// The name
    pub(crate) name: String,
    /// Saves it below this project's `.lazaret/workflows`
    #[arg(long)]
    pub(crate) project: bool,
    /// Saves it as a skill in this directory
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "project")]
    pub(crate) skill: Option<PathBuf>,
    /// Replaces what is there
    #[arg(long)]
    pub(crate) force: bool,
}

const TRUST_EXAMPLES: &str = "Examples:
  lazaret trust                                  (shows each file that is new or has changed, and asks)
  lazaret trust .claude/workflows/review.js      (this one)
  lazaret trust --list

Until a project's file is trusted it only narrows: a saved script does not shadow one of yours
and runs as untrusted content would, an agent definition is not used, a policy does not say
where a key is sent. What you name by its path on the command line is trusted for that run.

Exit status: 0 all of it is trusted   1 something stays untrusted   2 usage";

#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// The files; all of this project without any
    pub(crate) files: Vec<PathBuf>,
    /// Trusts all that this project has, without asking
    #[arg(long, conflicts_with_all = ["list", "forget"])]
    pub(crate) all: bool,
    /// Lists what is trusted
    #[arg(long, conflicts_with = "forget")]
    pub(crate) list: bool,
    /// Forgets the files
    #[arg(long)]
    pub(crate) forget: bool,
}

const RESUME_EXAMPLES: &str = "Examples:
  lazaret resume k3v9x2                         (the first letters of the id are enough)
  lazaret resume k3v9x2 --script review.js      an edited script: only what changed runs
  lazaret resume k3v9x2 --policy strict.toml --json

The exit status is that of `lazaret run`.";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
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
    /// Output tokens that models may write in this run, all its parts together, instead of those
    /// that it was started with; fewer where the policy says so
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens: Option<u64>,
    /// Uses only the longest unchanged beginning, in the order in which agents started
    #[arg(long)]
    pub(crate) strict_prefix: bool,
    /// Goes on in the background, in a session of its own, and prints the run's id
    #[arg(long)]
    pub(crate) detach: bool,
    /// The run that this process carries on in the background
    #[arg(long, hide = true, value_name = "ID")]
    pub(crate) detached_as: Option<String>,
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

const SHOW_EXAMPLES: &str = "Examples:
  lazaret show k3v9x2             (the first letters of the id are enough)
  lazaret show k3v9x2 7           what the agent of step 7 was told, asked and answered
  lazaret show k3v9x2 'read 7'    the same by its name
  lazaret show k3v9x2 --watch     follows a run that another process carries on

With --watch the exit status is that of the run, and 1 where its process is gone.";

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// One agent: the number of its step, or its name where only one has it
    pub(crate) agent: Option<String>,
    /// Follows the run until it ends: redraws on a terminal, writes lines elsewhere
    #[arg(long, short, conflicts_with_all = ["agent", "json"])]
    pub(crate) watch: bool,
    /// Leaves out what each agent did
    #[arg(long, conflicts_with_all = ["agent", "json"])]
    pub(crate) brief: bool,
    /// Prints the run's events as JSON, one a line; of one agent its conversation, as one object
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
    #[arg(long, value_name = "FILE", required_unless_present = "untrusted")]
    pub(crate) receipt: Option<PathBuf>,
    /// A public key to trust as well
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
    /// Takes it in without a receipt: all that it holds counts as unknown, and it goes on only
    /// under a policy of your own
    #[arg(long, conflicts_with_all = ["receipt", "key"])]
    pub(crate) untrusted: bool,
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

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Looks for mistakes, for what nobody can use, and for what no gate and no person guards
    #[command(after_help = POLICY_CHECK_EXAMPLES)]
    Check(PolicyCheck),
    /// Says why a call of a run was decided as it was: rule, labels, and the policy's line
    #[command(after_help = POLICY_EXPLAIN_EXAMPLES)]
    Explain(PolicyExplain),
    /// Prints the narrowest change that would permit what a run was refused; changes nothing
    #[command(after_help = POLICY_SUGGEST_EXAMPLES)]
    Suggest(PolicySuggest),
}

const POLICY_EXPLAIN_EXAMPLES: &str = "Examples:
  lazaret policy explain k3v9x2        lists the decisions, each with its number
  lazaret policy explain k3v9x2 41     why that one";

#[derive(Debug, Args)]
pub(crate) struct PolicyExplain {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// The event's number, from 1, as the list has it and `lazaret show --json` counts
    pub(crate) event: Option<usize>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const POLICY_SUGGEST_EXAMPLES: &str = "Examples:
  lazaret policy suggest k3v9x2
  lazaret policy suggest k3v9x2 > change.diff && patch lazaret.toml change.diff

The change widens what agents may do. It is printed for you to read, and never applied.";

#[derive(Debug, Args)]
pub(crate) struct PolicySuggest {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const POLICY_CHECK_EXAMPLES: &str = "Examples:
  lazaret policy check                           (`lazaret.toml` here)
  lazaret policy check my-policy.toml --json
  lazaret policy check --strict                  what nobody can use is an error as well

An open path is a way from a tainted source to an effect on which neither a gate nor a person
stands. It is no mistake: the policy tolerates it. It is printed to be seen.

Exit status: 0 no mistake, 2 a mistake.";

#[derive(Debug, Args)]
pub(crate) struct PolicyCheck {
    /// The policy
    #[arg(default_value = "lazaret.toml")]
    pub(crate) file: PathBuf,
    /// Takes warnings for mistakes
    #[arg(long)]
    pub(crate) strict: bool,
    /// Prints one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const APPROVE_EXAMPLES: &str = "Examples:
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
pub(crate) struct New {
    /// The language
    #[arg(long, value_name = "LANGUAGE", value_parser = LANGUAGES)]
    pub(crate) lang: String,
    /// What it is
    #[arg(long, value_name = "KIND", default_value = "agent", value_parser = KINDS)]
    pub(crate) kind: String,
    /// Its name, and that of the directory
    pub(crate) name: String,
}

const LANGUAGES: [&str; 6] = ["rust", "js", "ts", "python", "go", "c"];
const KINDS: [&str; 3] = ["agent", "orchestrator", "tool"];

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The directory with `plugin.toml`
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The directory with `plugin.toml`
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
    /// The run's argument, as `lazaret run` takes it
    #[arg(long, value_name = "JSON|@FILE", conflicts_with = "test")]
    pub(crate) args: Option<String>,
    /// Runs the tests instead
    #[arg(long)]
    pub(crate) test: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The directory with `plugin.toml`
    #[arg(default_value = ".")]
    pub(crate) directory: PathBuf,
    /// The file of cases, from the directory
    #[arg(long, value_name = "FILE", default_value = "test.toml")]
    pub(crate) file: PathBuf,
    /// Takes the component as it was built last
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
