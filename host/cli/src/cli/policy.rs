//! `lazaret policy`: judging a policy.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
