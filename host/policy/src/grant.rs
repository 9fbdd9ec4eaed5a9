//! What a name in a `use` list covers.

/// What a plugin writes that takes whatever the policy gives, such as a general agent.
pub(crate) const ANYTHING: &str = "*";

/// Returns whether a request or grant covers the function of that full name: exactly, or
/// by a last segment `*`.
pub(crate) fn covers(pattern: &str, function: &str) -> bool {
    if pattern == ANYTHING {
        return true;
    }
    match pattern.strip_suffix(".*") {
        Some(prefix) => function
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('.')),
        None => pattern == function,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_star_covers_whole_segments_only() {
        assert!(covers("tracker.label", "tracker.label"));
        assert!(covers("tracker.*", "tracker.label"));
        assert!(covers("files.*", "files.notes.read"));
        assert!(covers("*", "files.notes.read"));
        assert!(covers("files.notes.*", "files.notes.read"));
        assert!(!covers("tracker.*", "trackers.label"));
        assert!(!covers("tracker.*", "tracker"));
        assert!(!covers("tracker.label", "tracker.labels"));
        assert!(!covers("tracker.lab", "tracker.label"));
    }
}
