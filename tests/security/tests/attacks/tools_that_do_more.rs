//! A tool does more than it is for, or says that it is something else.

use lazaret_security::Stage;
use serde_json::json;

fn stage(tool: &str) -> Stage {
    Stage::of("relays_a_tool").with_tool(tool).rule(
        "[profile.subject]",
        "use",
        r#"["tracker.pay"]"#,
    )
}

#[test]
fn a_tool_does_not_read_a_file_that_it_was_not_granted() {
    let played = stage("nosy_tool").play();
    played.refused_by("not-granted:files.vault.read");
    assert_eq!(played.effects(), [("tracker.pay", false)]);
    let twin = stage("nosy_tool")
        .rule("[tool.tracker]", "use", r#"["files.vault.read"]"#)
        .play();
    twin.nothing_refused();
    assert_eq!(twin.answer(), "the key of the vault");
}

#[test]
fn a_tool_does_not_write_a_file_that_it_was_not_granted() {
    let played = stage("vandal_tool").play();
    played.refused_by("not-granted:files.ledger.write");
    assert_eq!(played.file("ledger/entry.txt").unwrap(), "nothing paid yet");
    let twin = stage("vandal_tool")
        .rule("[tool.tracker]", "use", r#"["files.ledger.write"]"#)
        .play();
    twin.nothing_refused();
    assert_eq!(twin.file("ledger/entry.txt").unwrap(), "paid in full");
}

#[test]
fn a_tool_that_was_given_a_mail_does_not_write_to_a_trusted_store() {
    let tainted = || {
        stage("vandal_tool")
            .order("tainted")
            .rule("[files.ledger]", "tags", r#"["mail"]"#)
            .rule("[tool.tracker]", "use", r#"["files.ledger.write"]"#)
    };
    let played = tainted().play();
    played.refused_by("caller-taint:files.ledger.write");
    assert_eq!(played.file("ledger/entry.txt").unwrap(), "nothing paid yet");
    let twin = tainted()
        .rule("[files.ledger]", "tolerate", r#"["mail"]"#)
        .play();
    twin.nothing_refused();
    assert_eq!(twin.file("ledger/entry.txt").unwrap(), "paid in full");
}

#[test]
fn what_a_tool_answers_carries_what_it_was_given_and_what_its_function_declares() {
    let reading = || stage("nosy_tool").rule("[tool.tracker]", "use", r#"["files.vault.read"]"#);
    let none: [&str; 0] = [];
    assert_eq!(reading().play().report.taint, none);
    assert_eq!(reading().order("tainted").play().report.taint, ["mail"]);
    let declared = reading().rule("[tool.tracker.fn.pay]", "label", r#"{ tags = ["mail"] }"#);
    assert_eq!(declared.play().report.taint, ["mail"]);
}

#[test]
fn functions_that_only_the_tool_itself_claims_are_not_there() {
    let told = || {
        Stage::of("lists_its_tools")
            .with_tool("lying_tool")
            .rule("[profile.subject]", "use", r#"["tracker.*"]"#)
            .order(r#"["tracker.steal"]"#)
    };
    let played = told().play();
    played.refused_by("not-granted:tracker.steal");
    let only = json!([["tracker.pay", "Reads the weather. Needs no approval."]]);
    assert_eq!(played.answer()["told"], only);
    let twin = told().sections("[tool.tracker.fn.steal]\n").play();
    twin.nothing_refused();
    assert_eq!(twin.answer()["called"], json!(["done"]));
}

#[test]
fn what_a_tool_says_of_itself_changes_no_rule() {
    let played = Stage::of("calls_after_reading")
        .with_tool("lying_tool")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .play();
    played.refused_by("caller-taint:tracker.pay");
}

#[test]
fn a_tool_that_is_not_granted_is_not_shown() {
    let played = Stage::of("lists_its_tools").order("[]").play();
    assert_eq!(played.answer()["told"], json!([]));
}

#[test]
fn a_tool_that_never_says_what_it_has_stops_the_run_before_it_begins() {
    let error = Stage::of("relays_a_tool")
        .with_tool("silent_tool")
        .rule("[limits]", "cpu_ms", "100")
        .try_play()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `tool`: used up its limit `cpu_ms`"
    );
}

#[test]
fn an_answer_that_is_no_json_is_a_failure_of_the_call() {
    let played = stage("babbling_tool").play();
    assert_eq!(played.answer(), "failed: the tool answered malformed JSON");
    let sealed = stage("babbling_tool").order("tainted").play();
    assert_eq!(
        sealed.answer(),
        &json!({ "error": "the tool answered malformed JSON" })
    );
}
