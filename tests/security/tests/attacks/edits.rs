//! A call that a person lets pass with other arguments: what is sent is what the person wrote.

use lazaret_runtime::approval::{Answer, Question, Word};
use lazaret_security::{Played, Stage};
use lazaret_workflow::event::Event;
use serde_json::{Value, json};

const PAY: &str = "[tool.tracker.fn.pay]";

fn asked(subject: &str, decide: &str) -> Stage {
    Stage::of(subject)
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .rule(PAY, "decide", decide)
}

fn writes(
    name: &str,
    value: &Value,
) -> impl Fn(&Question) -> Option<Answer> + Send + Sync + 'static {
    let edits = vec![(name.to_owned(), value.clone())];
    move |_| Some(Answer::Edited(edits.clone()))
}

fn intended(played: &Played) -> Vec<&str> {
    let mut digests = Vec::new();
    for event in &played.events {
        if let Event::EffectIntended {
            function,
            arguments,
            ..
        } = event
            && function == "tracker.pay"
        {
            digests.extend(arguments.iter().map(|one| one.content.digest.as_str()));
        }
    }
    digests
}

#[test]
fn what_a_person_wrote_is_what_is_sent_and_the_journal_has_both() {
    let played = asked("calls_a_tool", r#""ask""#)
        .editor(writes("amount", &json!(5)))
        .play();
    played.nothing_refused();
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":5}"#);
    let item = &played.report.approvals[0];
    let said = item.said.as_ref().unwrap();
    assert_eq!(said.word, Word::Edited);
    assert_eq!(intended(&played), [said.edits[0].content.digest.as_str()]);
    assert_ne!(
        item.call.arguments[0].content.digest,
        said.edits[0].content.digest
    );
    let editor = &said.edits[0].content.label;
    assert!(editor.taint.is_empty());
    assert_eq!(
        editor.readers.as_deref(),
        Some(&["operator".to_owned(), "models".to_owned()][..])
    );
}

#[test]
fn an_edit_of_an_argument_that_is_not_there_lets_nothing_pass() {
    let played = asked("calls_a_tool", r#""ask""#)
        .editor(writes("note", &json!("hello")))
        .play();
    played.refused_by("not-approved:edited:tracker.pay");
    assert!(played.file("desk/pay.json").is_none());
}

#[test]
fn what_a_person_wrote_after_a_strangers_text_is_counted() {
    let played = asked("calls_after_reading", r#""ask-otherwise""#)
        .editor(writes("amount", &json!(12345)))
        .play();
    played.nothing_refused();
    let mut channels = played.report.bits.by_channel.iter();
    assert!(channels.any(|(name, bits)| name == "endorsement" && bits.thousandths() == 40_000));
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":12345}"#);
}

/// Calls `publish`, which names in its arguments whom it reaches; alice and bob may both read.
fn publishing() -> Stage {
    Stage::of("calls_by_name")
        .rule("[profile.subject]", "use", r#"["tracker.publish"]"#)
        .rule(
            "[tool.tracker.fn.publish]",
            "args",
            "{ text = [], to = [] }",
        )
        .rule("[tool.tracker.fn.publish]", "recipients", r#""/to""#)
        .rule("[tool.tracker.fn.publish]", "decide", r#""ask""#)
        .rule("[readers]", "team", r#"["alice", "bob"]"#)
        // What a person writes at the prompt is private: the team is of that circle here.
        .rule(
            "[readers]",
            "private",
            r#"["operator", "models", "alice", "bob"]"#,
        )
        .rule("[profile.subject]", "readers", r#""private""#)
        .rule("[files.desk]", "readers", r#""team""#)
        .order(r#"tracker.publish {"text": "the plan", "to": "alice"}"#)
}

#[test]
fn an_edit_reaches_no_others_than_were_shown() {
    let played = publishing().editor(writes("to", &json!("bob"))).play();
    played.refused_by("not-approved:edited:tracker.publish");
    assert!(played.file("desk/publish.json").is_none());
    let twin = publishing()
        .editor(writes("text", &json!("no plan")))
        .play();
    twin.nothing_refused();
    assert!(twin.file("desk/publish.json").unwrap().contains("no plan"));
}

#[test]
fn a_call_that_waited_is_edited_later_and_made_once() {
    let played =
        asked("calls_after_reading", r#""ask-otherwise""#).play_on(writes("amount", &json!(7)));
    played.nothing_refused();
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":7}"#);
    assert_eq!(intended(&played).len(), 1);
    let channels = &played.report.bits.by_channel;
    let endorsed = channels.iter().find(|(name, _)| name == "endorsement");
    assert_eq!(endorsed.unwrap().1.thousandths(), 8_000);
}
