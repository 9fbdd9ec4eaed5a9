//! What carries a run on: `run`, `resume`, `replay`, and what is said of one run or one of its agents.

use std::path::PathBuf;

use clap::Args;

/// How a run goes on without its terminal.
#[derive(Debug, Default, Args)]
pub(crate) struct Background {
    /// Goes on in the background, in a session of its own, and prints the run's id
    #[arg(long)]
    pub(crate) detach: bool,
    /// The run that this process carries on in the background
    #[arg(long, hide = true, value_name = "ID")]
    pub(crate) detached_as: Option<String>,
}

/// What a run says while it goes on and at its end.
#[derive(Debug, Default, Args)]
pub(crate) struct Output {
    /// Prints one JSON object on standard output and plain lines on standard error
    #[arg(long)]
    pub(crate) json: bool,
    /// Shows the guests' log lines
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

pub(super) const RUN_EXAMPLES: &str = r#"Examples:
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

#[expect(
    clippy::struct_field_names,
    reason = "`--plugin` is what somebody types"
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
    /// Runs it again until this JavaScript expression over `result` and `round` is true, and ends
    /// after 20 rounds at the latest where `--rounds` does not say otherwise
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
    #[command(flatten)]
    pub(crate) background: Background,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) const RESUME_EXAMPLES: &str = "Examples:
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
    /// Output tokens that models may write in this run, all its parts together, instead of those
    /// that it was started with; fewer where the policy says so
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens: Option<u64>,
    /// Uses only the longest unchanged beginning, in the order in which agents started
    #[arg(long)]
    pub(crate) strict_prefix: bool,
    #[command(flatten)]
    pub(crate) background: Background,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) const REPLAY_EXAMPLES: &str = "Examples:
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
