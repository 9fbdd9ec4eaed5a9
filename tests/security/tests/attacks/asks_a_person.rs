//! A call that a person has to let pass: nothing happens without the word, and only what it says.

use std::sync::{Arc, Mutex};

use lazaret_runtime::approval::{Question, Word};
use lazaret_security::{Played, Stage};
use lazaret_workflow::event::Event;
use lazaret_workflow::status::Status;
use serde_json::json;

const PAY: &str = "[tool.tracker.fn.pay]";

/// A subject that may pay, if a person says so.
fn asked(subject: &str, decide: &str) -> Stage {
    Stage::of(subject)
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .rule(PAY, "decide", decide)
}

fn says(word: Word) -> impl Fn(&Question) -> Option<Word> + Send + Sync + 'static {
    move |_| Some(word)
}

fn uses(played: &Played) -> usize {
    let used = |event: &&Event| matches!(event, Event::ApprovalUsed { .. });
    played.events.iter().filter(used).count()
}

#[test]
fn where_nobody_is_there_the_run_waits_and_nothing_was_done() {
    let played = asked("calls_a_tool", r#""ask""#).play();
    assert_eq!(played.report.status, Status::Waiting);
    assert_eq!(played.effects(), []);
    assert_eq!(played.report.approvals.len(), 1);
    let waiting = played.report.waiting.as_deref().unwrap();
    assert!(
        waiting.contains("`lazaret approve attackattack`"),
        "{waiting}"
    );
}

#[test]
fn a_person_who_says_no_is_a_refusal_and_the_agent_goes_on() {
    let played = asked("calls_a_tool", r#""ask""#)
        .person(says(Word::Denied))
        .play();
    played.refused_by("not-approved:denied:tracker.pay");
    assert_eq!(played.answer(), "not-approved:denied:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn a_person_who_says_nothing_leaves_it_waiting() {
    let played = asked("calls_a_tool", r#""ask""#).person(|_| None).play();
    assert_eq!(played.report.status, Status::Waiting);
    assert_eq!(played.effects(), []);
}

#[test]
fn approved_the_same_call_pays_once_with_what_was_shown() {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&shown);
    let played = asked("calls_a_tool", r#""ask""#)
        .person(move |question| {
            seen.lock().unwrap().extend(question.arguments.clone());
            Some(Word::Approved)
        })
        .play();
    played.nothing_refused();
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":666}"#);
    assert_eq!(*shown.lock().unwrap(), [("amount".to_owned(), json!(666))]);
    assert_eq!(uses(&played), 1);
}

#[test]
fn each_call_is_a_question_of_its_own_though_the_bytes_are_the_same() {
    let played = asked("calls_many", r#""ask""#)
        .order("3")
        .person(says(Word::Approved))
        .play();
    played.nothing_refused();
    assert_eq!((played.report.approvals.len(), uses(&played)), (3, 3));
    let pays = |(function, _): &&(&str, bool)| *function == "tracker.pay";
    assert_eq!(played.effects().iter().filter(pays).count(), 3);
}

#[test]
fn one_answer_opens_nothing_for_the_others() {
    let played = asked("calls_many", r#""ask""#)
        .order("3")
        .person(|question| (question.item == 1).then_some(Word::Approved))
        .play();
    assert_eq!(played.report.status, Status::Waiting);
    assert_eq!(uses(&played), 1);
    let pays = |(function, _): &&(&str, bool)| *function == "tracker.pay";
    assert_eq!(played.effects().iter().filter(pays).count(), 1);
}

#[test]
fn who_read_a_strangers_mail_pays_only_if_a_person_lets_it() {
    let refused = asked("calls_after_reading", r#""allow""#).play();
    refused.refused_by("caller-taint:tracker.pay");

    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let passed = asked("calls_after_reading", r#""ask-otherwise""#)
        .person(move |question| {
            seen.lock().unwrap().clone_from(&question.call.untolerated);
            Some(Word::Approved)
        })
        .play();
    passed.nothing_refused();
    assert_eq!(*told.lock().unwrap(), ["mail"]);
    assert!(passed.file("desk/pay.json").is_some());
}

#[test]
fn nobody_is_asked_about_what_the_labels_allow() {
    let played = asked("calls_a_tool", r#""ask-otherwise""#)
        .person(|_| panic!("a needless question"))
        .play();
    played.nothing_refused();
    assert!(played.report.approvals.is_empty());
}

#[test]
fn what_a_person_vouches_for_is_counted() {
    let played = asked("calls_after_reading", r#""ask-otherwise""#)
        .person(says(Word::Endorsed))
        .play();
    let channels = &played.report.bits.by_channel;
    assert!(
        channels
            .iter()
            .any(|(name, bits)| name == "endorsement" && bits.thousandths() > 0),
        "{channels:?}"
    );
}
