//! A subject signals by the way in which it ends: failing, trapping, time, memory.

use lazaret_security::{Played, Reply, Site, Stage};

/// Each way, with the cause that the operator is told.
const WAYS: [(&str, &str); 4] = [
    ("fails", "failure"),
    ("traps", "trap"),
    ("loops_forever", "cpu"),
    ("allocates_without_end", "memory"),
];

fn stage(guest: &str) -> Stage {
    Stage::of(guest).rule("[limits]", "cpu_ms", "300")
}

/// One that reads what a dead model said of its mail.
fn asks_a_dead_model() -> Played {
    let dead = Site::serve(|_| Reply::of("application/json", "{}").status(401));
    let model = format!(
        "[model.default]\nprovider = \"local\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
        dead.url("")
    );
    let stage = Stage::of("judges_by_reading").sections(&model);
    let played = stage
        .rule("[profile.subject]", "use", r#"["model.default"]"#)
        .play();
    assert!(!dead.asked().is_empty(), "the model was asked");
    played
}

fn result(played: &Played) -> String {
    played.result().to_string()
}

#[test]
fn whoever_started_it_is_told_the_same_of_every_way_to_end() {
    let mut told: Vec<String> = Vec::new();
    for (guest, cause) in WAYS {
        let played = stage(guest).play();
        assert_eq!(played.causes(), [cause], "{guest}");
        assert_eq!(played.ended(), "failed", "{guest}");
        assert_eq!(played.millibits(), 2_000, "{guest}");
        told.push(result(&played));
    }
    let slow = stage("loops_forever")
        .rule("[limits]", "wall_ms", "100")
        .play();
    assert_eq!(slow.causes(), ["wall"]);
    assert_eq!(slow.millibits(), 2_000);
    told.push(result(&slow));
    let dead = asks_a_dead_model();
    assert_eq!(dead.causes(), ["failure"]);
    assert_eq!(dead.millibits(), 2_000);
    told.push(result(&dead));
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_failure_tells_nothing_of_the_mail() {
    let played = stage("fails").play();
    assert!(!result(&played).contains("666"), "{}", result(&played));
    assert!(
        played
            .report
            .failures
            .iter()
            .any(|one| one.message.contains("666"))
    );
}

#[test]
fn an_agent_that_says_its_answers_miss_a_schema_is_told_apart_for_the_bits_of_four_ends() {
    let played = stage("fails")
        .input("mail", "schema: so many words".into())
        .play();
    assert_eq!(played.causes(), ["schema"]);
    assert_eq!(played.ended(), "unfit");
    assert_eq!(played.millibits(), 2_000);
    assert!(
        !result(&played).contains("so many words"),
        "{}",
        result(&played)
    );
}

#[test]
fn the_failure_of_one_that_read_a_trusted_mail_costs_nothing() {
    let played = stage("fails")
        .rule("[[source.args.field]] # mail", "tags", "[]")
        .play();
    assert_eq!(played.ended(), "failed");
    assert_eq!(played.millibits(), 0);
}

#[test]
fn when_the_bits_for_endings_are_spent_they_stay_inside_the_answers() {
    let stage = || Stage::of("fails").orchestrated_by("runs_each");
    let played = stage().play();
    // Twice 2 of 4 bits; a third does not fit.
    let expected = serde_json::json!(["failed", "failed", "sealed", "sealed"]);
    assert_eq!(played.result(), &expected);
    assert_eq!(played.millibits(), 2 * 2_000);
    let twin = stage().rule("[budget]", "gate_bits_per_item", "16").play();
    assert_eq!(twin.result(), &serde_json::json!(vec!["failed"; 4]));
    assert_eq!(twin.millibits(), 4 * 2_000);
}
