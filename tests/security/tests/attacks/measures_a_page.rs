//! An agent wants to know how long a page is that it has not read: by counting what it is given
//! besides, and by composing it with a word of its own.

use lazaret_security::{Played, Stage};
use serde_json::json;

/// The most bytes of a file that can be read.
const LARGE: usize = 16 << 20;

/// A page of so many bytes, in a directory whose files strangers write.
fn stage(guest: &str, page: usize) -> Stage {
    Stage::of(guest)
        .rule(
            "[profile.subject]",
            "use",
            r#"["files.vault.read", "files.desk.read"]"#,
        )
        .rule("[files.desk]", "readers", "\"public\"")
        .rule("[limits]", "wall_ms", "60000")
        .rule("[limits]", "cpu_ms", "30000")
        .rule("[limits]", "memory_mib", "128")
        .file("desk/page.txt", &"p".repeat(page))
}

/// Thirty-three answers of 16 MiB are more than is held in memory for one instance.
fn counts(page: usize, reads: bool) -> Played {
    let played = stage("measures_a_page", page)
        .file("vault/large.txt", &"x".repeat(LARGE))
        .order(json!([33, reads]).to_string())
        .play();
    played.nothing_refused();
    played
}

#[test]
fn how_long_a_page_is_shows_in_nothing_else_that_an_agent_is_given() {
    for page in [1, LARGE] {
        let played = counts(page, false);
        assert_eq!(*played.answer(), json!({ "given": 33, "length": 0 }));
        assert_eq!(played.report.taint, [""; 0]);
    }
}

#[test]
fn who_reads_the_page_knows_and_is_labelled() {
    let twin = counts(LARGE, true);
    assert_eq!(*twin.answer(), json!({ "given": 33, "length": LARGE }));
    assert_eq!(twin.report.taint, ["mail"]);
}

#[test]
fn what_is_composed_with_a_page_does_not_tell_how_long_it_is() {
    // With the word it is more than one content may have.
    for page in [1, LARGE] {
        let played = stage("composes_beside_a_page", page).play();
        played.nothing_refused();
        let told = json!({ "own": "\"mine\"", "items": 2, "first": "\"mine\"" });
        assert_eq!(*played.answer(), told);
        assert_eq!(played.report.taint, [""; 0]);
        // How it ended, and no more: that may depend on the page that it asked for.
        assert_eq!(played.millibits(), 2_000);
    }
}
