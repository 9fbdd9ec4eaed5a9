//! What was read is put into words of one's own, and these through the gate.

use lazaret_security::Stage;

fn stage() -> Stage {
    Stage::of("gates_own_words")
        .rule("[profile.subject]", "gates", r#"["verdict"]"#)
        .order("read first")
}

#[test]
fn who_has_read_a_mail_cannot_take_its_label_off_their_own_words() {
    let played = stage().play();
    played.refused_by("gate-caller:verdict");
}

#[test]
fn who_has_read_nothing_gates_its_own_words_for_nothing() {
    let played = stage().order("do not read").play();
    played.nothing_refused();
    assert_eq!(played.answer(), "done");
    assert_eq!(played.millibits(), 0);
}
