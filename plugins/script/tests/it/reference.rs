//! Runs the corpus on Node, under the naive prelude of `tests/scripts/reference.mjs`, and
//! compares with what the engine asked.

use std::process::Command;

use crate::corpus;

#[test]
fn node_asks_for_the_same_in_the_same_order() {
    let runner = corpus::folder().join("../run.mjs");
    let output = Command::new("node")
        .arg(&runner)
        .output()
        .expect("node is not on the search path: `cargo xtask test` needs it");
    let told = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
