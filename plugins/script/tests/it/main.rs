//! The engine from outside: scripts against a host that is made up, one turn after the other.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking"
)]

mod check;
mod corpus;
mod float;
mod host;
mod limits;
mod opaque;
mod reference;
mod replay;
mod scenario;
