//! A word of one's own is written to a trusted store after a mail was read.

use lazaret_security::Stage;

fn stage() -> Stage {
    Stage::of("writes_after_reading")
        .rule("[profile.subject]", "use", r#"["files.ledger.write"]"#)
        .rule("[files.ledger]", "tags", r#"["mail"]"#)
        .order("ledger/entry.txt")
}

#[test]
fn who_has_read_a_mail_may_not_write_to_a_trusted_store() {
    let played = stage().play();
    played.refused_by("caller-taint:files.ledger.write");
    assert_eq!(played.file("ledger/entry.txt").unwrap(), "nothing paid yet");
}

#[test]
fn tolerated_the_same_word_is_written() {
    let played = stage()
        .rule("[files.ledger]", "tolerate", r#"["mail"]"#)
        .play();
    played.nothing_refused();
    assert_eq!(played.file("ledger/entry.txt").unwrap(), "yes");
}
