//! What only the operator may read is told to others through a gate of its own, by the bit.

use lazaret_security::Stage;

/// A subject that may release a verdict about the operator's secret to everybody.
fn stage() -> Stage {
    Stage::of("releases_a_secret")
        .sections("[gate.release]\nreleases = \"public\"\nbits_per_item = 4\n")
        .rule("[profile.subject]", "gates", r#"["release"]"#)
        .rule("[profile.subject]", "readers", r#""private""#)
        .rule("[profile.subject]", "use", r#"["tracker.publish"]"#)
        .rule(
            "[tool.tracker.fn.publish]",
            "args",
            r#"{ text = ["mail"] }"#,
        )
        .rule("[files.desk]", "readers", r#""public""#)
        .parts(&["/secret", "/mail"])
}

#[test]
fn a_verdict_about_a_secret_is_released_and_counted_and_may_be_published() {
    let played = stage().order("gate").play();
    played.nothing_refused();
    assert!(played.file("desk/publish.json").unwrap().contains("true"));
    let mut channels = played.report.bits.by_channel.iter();
    assert!(channels.any(|(name, bits)| name == "release" && bits.thousandths() == 1_585));
}

#[test]
fn without_the_gate_the_secret_reaches_nobody() {
    let played = stage().order("read").play();
    played.refused_by("readers:tracker.publish");
    assert!(played.file("desk/publish.json").is_none());
}

/// Who read a stranger's mail could be told by it what to release.
#[test]
fn who_read_a_mail_releases_nothing() {
    let played = stage().order("mail, gate").play();
    played.refused_by("gate-caller:release");
    let twin = stage()
        .rule("[[source.args.field]] # mail", "tags", "[]")
        .order("mail, gate")
        .play();
    twin.nothing_refused();
}

/// Who knows the secret itself could say more of it by what it gates, and when.
#[test]
fn who_read_the_secret_releases_nothing() {
    let played = stage().order("read, gate").play();
    assert!(played.rules().contains("gate-readers:release"));
    assert!(played.file("desk/publish.json").is_none());
    let twin = stage()
        .rule("[[source.args.field]] # secret", "readers", r#""public""#)
        .order("read, gate")
        .play();
    twin.nothing_refused();
}
