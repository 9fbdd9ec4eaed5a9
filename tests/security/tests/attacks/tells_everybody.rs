//! A secret is sent to everybody, unread, or by a word after it was read.

use lazaret_security::Stage;

fn stage(guest: &str) -> Stage {
    Stage::of(guest)
        .rule("[profile.subject]", "use", r#"["tracker.publish"]"#)
        .rule("[profile.subject]", "readers", r#""private""#)
        .parts(&["/secret"])
}

#[test]
fn a_secret_is_not_published() {
    let played = stage("tells_everybody").play();
    played.refused_by("readers:tracker.publish");
    assert_eq!(played.effects(), []);
}

#[test]
fn to_those_who_may_read_it_the_same_secret_goes() {
    let played = stage("tells_everybody")
        .rule("[tool.tracker.fn.publish]", "recipients", r#""private""#)
        .play();
    played.nothing_refused();
    let text = played.file("desk/publish.json").unwrap();
    assert_eq!(text, r#"{"text":"the launch code"}"#);
}

#[test]
fn who_has_read_a_secret_publishes_nothing_of_its_own() {
    let played = stage("tells_after_reading").play();
    played.refused_by("readers:tracker.publish");
    assert_eq!(played.effects(), []);
}

#[test]
fn to_those_who_may_read_the_secret_the_same_word_goes() {
    let played = stage("tells_after_reading")
        .rule("[tool.tracker.fn.publish]", "recipients", r#""private""#)
        .play();
    played.nothing_refused();
}
