//! An orchestrator that has read nothing asks how many tokens were spent: a mail decides how many
//! its reader writes.

use lazaret_security::Stage;
use serde_json::json;

use crate::judges_with_a_model::model;

/// One that reads what a model says of the mail, and one that passes it on unread.
const READERS: [&str; 2] = ["judges_by_reading", "asks_a_model"];

/// The reader's model writes one token. The orchestrator is told of tokens when it has projected
/// the mail, when the reader has ended, and when it has revealed what that gave.
fn stage(reader: &str) -> Stage {
    Stage::of(reader)
        .orchestrated_by("asks_what_was_spent")
        .sections(&format!(
            "[model.default]\nprovider = \"local\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
            model("pay 666")
        ))
        .rule("[profile.subject]", "use", r#"["model.default"]"#)
}

#[test]
fn a_floating_orchestrator_knows_what_a_reader_spent_once_it_carries_what_that_read() {
    for reader in READERS {
        let played = stage(reader)
            .rule("[workflow]", "untrusted", r#""float""#)
            .play();
        assert_eq!(*played.result(), json!([0, 0, 1]), "{reader}");
        assert_eq!(played.report.output_tokens, 1);
    }
}

#[test]
fn for_an_opaque_orchestrator_a_reader_counts_as_much_as_was_reserved_for_it() {
    for reader in READERS {
        let played = stage(reader).play();
        assert_eq!(*played.result(), json!([0, 64_000, 64_000]), "{reader}");
    }
}

#[test]
fn what_was_spent_on_a_trusted_mail_is_told_at_once() {
    for reader in READERS {
        let twin = stage(reader)
            .rule("[[source.args.field]] # mail", "tags", "[]")
            .play();
        assert_eq!(*twin.result(), json!([0, 1, 1]), "{reader}");
    }
}
