//! `clock`: an orchestrator has none, so that its turns depend on nothing but the replies.

use lazaret_security::Stage;

#[test]
fn an_orchestrator_that_imports_the_clock_is_not_linked() {
    let error = Stage::of("repeats_its_task")
        .orchestrated_by("directs_with_a_clock")
        .try_play()
        .expect_err("the component was taken");
    let text = error.to_string();
    assert!(text.starts_with("plugin `orchestrator`: "), "{text}");
    assert!(text.contains("lazaret:agent/clock@0.1.0"), "{text}");
}

#[test]
fn an_agent_that_imports_it_is() {
    let played = Stage::of("tells_time_and_dice").play();
    assert_eq!(played.ended(), "value");
}
