//! A subject asks a model about a mail that it does not read, and ignores the answer: the mail
//! decides how much the model writes, and whether the subject lives to say anything.

use std::thread;
use std::time::Duration;

use lazaret_security::{Asked, Played, Reply, Site, Stage};
use lazaret_workflow::event::Event;
use serde_json::json;

/// The mails, which a model obeys.
const SHORT: &str = "say it in a word";
const LONG: &str = "say it at length";

/// The subject's wall time, and how long a model takes to say something at length.
const WALL_MS: &str = "1500";
const AT_LENGTH: Duration = Duration::from_secs(3);

/// Answers in a word or in nine hundred.
fn obeys(asked: &Asked) -> Reply {
    let words = if asked.body.contains(LONG) { 900 } else { 1 };
    let answer = json!({
        "id": "a", "object": "chat.completion", "created": 0, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "so"}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": words, "total_tokens": words + 1},
    });
    Reply::of("application/json", answer.to_string())
}

/// The same, which takes its time.
fn obeys_slowly(asked: &Asked) -> Reply {
    if asked.body.contains(LONG) {
        thread::sleep(AT_LENGTH);
    }
    obeys(asked)
}

fn stage(model: fn(&Asked) -> Reply, mail: &str) -> Stage {
    let site = Site::serve(model);
    Stage::of("asks_a_model")
        .sections(&format!(
            "[model.default]\nprovider = \"local\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
            site.url("")
        ))
        .rule("[profile.subject]", "use", r#"["model.default"]"#)
        .input("mail", json!(mail))
}

/// The twin: the operator's own mail, which may decide anything.
fn trusted(stage: Stage) -> Stage {
    stage.rule("[[source.args.field]] # mail", "tags", "[]")
}

/// The output tokens that the orchestrator was told of, batch by batch.
fn told(played: &Played) -> Vec<u64> {
    let events = played.events.iter();
    let told = events.filter_map(|event| match event {
        Event::Batch { output_tokens, .. } => Some(*output_tokens),
        _ => None,
    });
    told.collect()
}

#[test]
fn how_much_a_model_wrote_for_an_unread_mail_shows_in_nothing_that_is_told() {
    let [short, long] = [SHORT, LONG].map(|mail| stage(obeys, mail).play());
    assert_eq!((short.ended(), long.ended()), ("value", "value"));
    assert!(short.report.output_tokens < long.report.output_tokens);
    assert_eq!(told(&short), told(&long));
    let [short, long] = [SHORT, LONG].map(|mail| trusted(stage(obeys, mail)).play());
    assert_eq!(told(&short).last(), Some(&1));
    assert_eq!(told(&long).last(), Some(&900));
}

/// Plays both mails and gives how each subject ended, and for how many thousandths of a bit.
fn ends(stage: impl Fn(&str) -> Stage) -> [(String, u64); 2] {
    let causes: [&[&str]; 2] = [&[], &["wall"]];
    let mails = [SHORT, LONG].into_iter().zip(causes);
    let mut ends = mails.map(|(mail, causes)| {
        let played = stage(mail).play();
        assert_eq!(played.causes(), causes);
        (played.ended().to_owned(), played.millibits())
    });
    [ends.next(), ends.next()].map(Option::unwrap_or_default)
}

fn hasty(mail: &str) -> Stage {
    stage(obeys_slowly, mail).rule("[limits]", "wall_ms", WALL_MS)
}

#[test]
fn whether_it_lived_is_told_for_the_bits_of_four_ends_and_never_for_none() {
    let paid = [("value".to_owned(), 2_000), ("failed".to_owned(), 2_000)];
    assert_eq!(ends(hasty), paid);
    let free = [("value".to_owned(), 0), ("failed".to_owned(), 0)];
    assert_eq!(ends(|mail| trusted(hasty(mail))), free);
}

#[test]
fn without_bits_whether_it_lived_stays_inside_what_it_gave() {
    let sealed = ends(|mail| hasty(mail).rule("[budget]", "gate_bits", "1"));
    assert_eq!(sealed, [("sealed".to_owned(), 0), ("sealed".to_owned(), 0)]);
}
