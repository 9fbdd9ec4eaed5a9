//! MCP servers as a policy declares them: how each is reached, what goes along, what was pinned.

use crate::secret::Template;

/// An MCP server behind a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// How it is reached.
    pub reached: Reached,
    /// The digest of the descriptions that a person has seen, in hexadecimal.
    pub pin: Option<String>,
    /// The longest that one call may take, in milliseconds.
    pub timeout_ms: u64,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It is a program, started for the run and ended with it.
    Process(Program),
    /// It answers at an address.
    Address {
        /// Where: `https`, or `http` on this machine.
        url: String,
        /// Headers that the host adds.
        headers: Vec<(String, Template)>,
    },
}

/// A program and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// Variables of the host's environment that it sees besides `PATH`.
    pub variables: Vec<String>,
    /// Variables that hold secrets: the variable's name and the secret's.
    pub secrets: Vec<(String, String)>,
}

impl Server {
    /// Returns the names of the secrets that go along.
    pub fn secrets(&self) -> Vec<&str> {
        match &self.reached {
            Reached::Process(program) => program
                .secrets
                .iter()
                .map(|(_, secret)| secret.as_str())
                .collect(),
            Reached::Address { headers, .. } => headers
                .iter()
                .flat_map(|(_, template)| template.secrets())
                .collect(),
        }
    }
}
