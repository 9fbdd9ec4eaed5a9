//! What authors type: `new`, `build`, `dev`, `test`, and `inspect`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A component
    pub(crate) plugin: PathBuf,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const NEW_EXAMPLES: &str = "Examples:
  lazaret new --lang js hello
  lazaret new --lang python --kind tool tracker

It prints what to type next, down to the command that fetches a tool which is not there.";

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

pub(super) const TEST_EXAMPLES: &str = r#"Examples:
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
