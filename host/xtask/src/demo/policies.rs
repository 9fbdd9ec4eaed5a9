//! The demo's policies: the shipped one with another reader in it, and a relaxed copy.

use anyhow::{Result, ensure};

/// Puts the hostile reader in the honest one's place. Nothing else changes.
pub(super) fn with_hostile_reader(policy: &str) -> Result<String> {
    let swapped = policy.replace("triage-reader", "triage-hostile-reader");
    ensure!(swapped != policy, "the policy names no `triage-reader`");
    Ok(swapped)
}

/// What the relaxed policy says instead: the reader is granted the tracker, and the
/// tracker tolerates what the reader has read.
const RELAXED: [(&str, &str); 3] = [
    (
        "reads = [\"issue\"]\nuse = []",
        "reads = [\"issue\"]\nuse = [\"tracker.close\", \"tracker.escalate\", \"files.tracker.read\"]",
    ),
    (
        "[tool.tracker.fn.close]\nargs = { number = [] }",
        "[tool.tracker.fn.close]\nargs = { number = [\"issue\"] }",
    ),
    (
        "[tool.tracker.fn.escalate]\nargs = { number = [], severity = [] }",
        "[tool.tracker.fn.escalate]\nargs = { number = [\"issue\"], severity = [\"issue\"] }",
    ),
];

/// Grants the reader the tracker and tolerates the taint there.
pub(super) fn relaxed(policy: &str) -> Result<String> {
    let mut text = policy.to_owned();
    for (before, after) in RELAXED {
        ensure!(text.contains(before), "the policy has no `{before}`");
        text = text.replace(before, after);
    }
    Ok(text)
}

/// Lists the lines that differ, as a diff does.
pub(super) fn difference(before: &str, after: &str) -> Vec<String> {
    let pairs = before.lines().zip(after.lines());
    pairs
        .filter(|(old, new)| old != new)
        .flat_map(|(old, new)| [format!("- {old}"), format!("+ {new}")])
        .collect()
}
