//! Against what others made: the reference MCP servers, and GitHub's own client.

mod github;
mod reference_servers;
