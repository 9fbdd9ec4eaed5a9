//! What a project and a user have: `init`, `doctor`, `trust`, `secret`, `completions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const INIT_EXAMPLES: &str = "Examples:
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

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The policy whose models are asked for their lists; `lazaret.toml` here unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const TRUST_EXAMPLES: &str = "Examples:
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

pub(super) const SECRET_EXAMPLES: &str = r#"Examples:
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
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
