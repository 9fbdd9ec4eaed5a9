//! What a name in a `use` list covers.

/// What a plugin writes that takes whatever the policy gives, such as a general agent.
pub const ANYTHING: &str = "*";

/// Returns whether a request or grant covers the function of that full name: exactly, by a
/// last segment `*`, or by what it does with files in every directory.
pub fn covers(pattern: &str, function: &str) -> bool {
    if pattern == ANYTHING {
        return true;
    }
    if let Some(acts) = files_everywhere(pattern) {
        let act = function
            .strip_prefix("files.")
            .and_then(|rest| rest.split_once('.'));
        return act.is_some_and(|(_, act)| acts.contains(&act));
    }
    match pattern.strip_suffix(".*") {
        Some(prefix) => function
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with('.')),
        None => pattern == function,
    }
}

/// What `files.read` and `files.write` stand for in every directory of the policy.
fn files_everywhere(pattern: &str) -> Option<[&'static str; 2]> {
    match pattern {
        "files.read" => Some(["read", "find"]),
        "files.write" => Some(["write", "edit"]),
        _ => None,
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
        assert!(covers("files.read", "files.notes.find"));
        assert!(covers("files.write", "files.notes.edit"));
        assert!(!covers("files.read", "files.notes.write"));
        assert!(!covers("files.write", "files.write"));
        assert!(!covers("tracker.*", "trackers.label"));
        assert!(!covers("tracker.*", "tracker"));
        assert!(!covers("tracker.label", "tracker.labels"));
        assert!(!covers("tracker.lab", "tracker.label"));
    }
}
