//! `lazaret tools`: the MCP servers of a policy.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
