//! Handles are guessed: numbers near one's own, small ones, large ones, another's.

use lazaret_security::Stage;

#[test]
fn of_ten_thousand_invented_handles_none_opens() {
    let played = Stage::of("invents_handles").play();
    played.refused_by("unknown-handle");
    assert_eq!(played.answer(), "0");
}

#[test]
fn the_number_after_the_only_handle_is_nobodys() {
    let played = Stage::of("guesses_the_next_handle").play();
    played.refused_by("unknown-handle");
}

#[test]
fn the_same_number_opens_for_who_was_given_two() {
    let played = Stage::of("guesses_the_next_handle")
        .parts(&["/mail", "/order"])
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), r#""""#);
}

#[test]
fn an_answer_by_an_invented_handle_is_a_failure() {
    let played = Stage::of("answers_a_strange_handle").play();
    assert_eq!(played.ended(), "failed");
}

#[test]
fn an_orchestrator_cannot_give_what_it_does_not_hold() {
    let played = Stage::of("repeats_its_task")
        .orchestrated_by("gives_strange_parts")
        .play();
    played.refused_by("unknown-handle");
    assert_eq!(played.report.started, 0);
}
