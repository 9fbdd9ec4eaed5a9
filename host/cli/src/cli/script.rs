//! What is done with scripts: `check`, `plan`, `save`.

use std::path::PathBuf;

use clap::Args;

pub(super) const CHECK_EXAMPLES: &str = "Examples:
  lazaret check review.js
  lazaret check review --json        (a saved name)
  lazaret check review.js --opaque   (also what an opaque script may not look at)

Exit status: 0 it can run   1 it has errors   2 usage";

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A script: `FILE.js` or a saved name
    pub(crate) script: String,
    /// Checks as for `untrusted = "opaque"`
    #[arg(long)]
    pub(crate) opaque: bool,
    /// The policy whose profiles the script's agents name; `lazaret.toml` here unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const PLAN_EXAMPLES: &str = r#"Examples:
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

pub(super) const SAVE_EXAMPLES: &str = "Examples:
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
