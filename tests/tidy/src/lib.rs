//! Tests on the tree itself: what no compiler checks and no reader should have to.
//!
//! A check is one file under `checks/`: a pure function from the [`Tree`](tree::Tree) to its
//! violations, a test that the real tree has none, and a test that a planted
//! violation is found. A check whose subject is missing says so as a violation; it
//! never passes because it looked at nothing.
//!
//! Conventions that the checks hold the tree to, beside those of the style page:
//!
//! - The refusal test of the interface `wit/NAME.wit` is
//!   `tests/security/tests/NAME_refused.rs`, with `_` for `-`.
//! - A guest is `tests/guests/examples/NAME.rs`, has its stanza in
//!   `tests/guests/Cargo.toml`, and some test's source says `"NAME"`.
//! - An error code's page is `docs/errors/CODE.md`.

#![cfg_attr(
    not(test),
    expect(dead_code, reason = "the tests are what this crate is for")
)]

mod checks;
mod source;
mod tree;

/// Fails with every violation, one a line.
#[cfg(test)]
fn assert_none(violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
}
