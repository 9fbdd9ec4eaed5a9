//! What is left of runs: `runs`, `show`, `receipt`, `verify`, `export`, `import`, `gc`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The most runs to list
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const SHOW_EXAMPLES: &str = "Examples:
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

#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// A run's id, or its first letters
    pub(crate) run: String,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

pub(super) const VERIFY_EXAMPLES: &str = "Examples:
  lazaret verify receipt.json                                   (against this machine's journal)
  lazaret verify receipt.json --records run.jsonl --key ed25519:…

Trusted are your own key, those in `trusted-keys` beside the journal, and those of `--key`.
Exit status: 0 if all holds, 2 if not.";

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
