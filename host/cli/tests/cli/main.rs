//! The command line as its users see it: the real binary, in directories of the tests' own.
//!
//! Needs the distribution that `cargo xtask test` builds and names in `LAZARET_DIST`.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "helpers of tests stop a test as tests do, and read the environment"
)]

#[path = "../support/binary.rs"]
mod binary;
#[path = "../support/calling.rs"]
mod calling;
#[path = "../support/model.rs"]
mod model;
#[path = "../support/place.rs"]
mod place;
#[path = "../../../models/examples/fake_provider/server.rs"]
mod server;

mod agent;
mod budget;
mod commands;
mod documents;
mod dry_run;
mod init;
mod languages;
mod live;
mod models;
mod nested;
mod policy;
mod projects;
mod providers;
mod real_model;
mod receipts;
mod refactor;
mod resume;
mod rounds;
mod scripts;
mod show;
mod tools;
