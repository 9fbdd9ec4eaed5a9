//! More agents and tools are there at the same time than the host's pool has slots: those that
//! find none run beside it, and nobody is stopped for it.

use lazaret_runtime::approval::{Answer, Word};
use lazaret_security::{Played, Stage};
use lazaret_workflow::status::Status;
use serde_json::json;

/// The stage's host has eight slots. Who waits for a person keeps its own.
const AGENTS: usize = 16;

/// Agents that all wait for a person's word before each calls a tool.
fn stage() -> Stage {
    Stage::of("calls_a_tool")
        .orchestrated_by("runs_each")
        .input("mails", json!(vec!["one"; AGENTS]))
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .rule("[tool.tracker.fn.pay]", "decide", r#""ask""#)
}

fn nobody_was_stopped(played: &Played) {
    let none: [&str; 0] = [];
    assert_eq!(played.causes(), none, "{:?}", played.report.failures);
}

#[test]
fn agents_without_a_slot_wait_for_a_person_like_the_others() {
    let played = stage().play();
    nobody_was_stopped(&played);
    assert_eq!(played.report.status, Status::Waiting);
    assert_eq!(played.report.approvals.len(), AGENTS);
}

#[test]
fn tools_without_a_slot_are_called_while_agents_hold_them_all() {
    let played = stage().play_on(|_| Some(Answer::Word(Word::Approved)));
    nobody_was_stopped(&played);
    assert_eq!(played.report.status, Status::Done);
    let mut made = played.effects();
    made.retain(|(function, _)| *function == "tracker.pay");
    assert_eq!(made, [("tracker.pay", true); AGENTS]);
}
