//! Against what others made: the reference MCP servers, and GitHub's own client.
#![expect(clippy::panic, reason = "helpers of tests stop a test as tests do")]

mod github;
mod reference_servers;

use std::path::PathBuf;

/// Returns where the packages of npm are.
fn npm() -> PathBuf {
    let Some(place) = std::env::var_os("LAZARET_NPM").filter(|place| !place.is_empty()) else {
        panic!("LAZARET_NPM is not set: run these tests with `cargo xtask test`");
    };
    place.into()
}
