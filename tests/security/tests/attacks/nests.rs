//! A script that another workflow starts is the attacker: it has no more than who started it.

use lazaret_security::Stage;

fn stage(script: &str) -> Stage {
    let text =
        format!("export const meta = {{ name: 'other', description: 'of a test' }}\n{script}");
    Stage::of("repeats_its_task")
        .orchestrated_by("nests_a_script")
        .script("other", &text)
}

#[test]
fn a_script_that_an_opaque_workflow_starts_looks_inside_nothing_and_the_run_ends_of_it() {
    let script = "try { return `${args}`.length + args.length } catch { return 'caught' }";
    let played = stage(script).play();
    assert_eq!(played.report.status.as_str(), "quarantine-violation");
    assert!(played.report.result.is_none());
    let twin = stage(script)
        .rule("[workflow]", "untrusted", r#""float""#)
        .play();
    twin.nothing_refused();
    assert_eq!(*twin.result(), 58);
    assert_eq!(twin.report.taint, ["mail"]);
}

#[test]
fn what_a_script_passes_on_unread_keeps_its_label() {
    let played = stage("return { kept: args }").play();
    played.nothing_refused();
    assert_eq!(played.report.taint, ["mail"]);
}

#[test]
fn a_script_starts_no_script_of_its_own() {
    let played = stage("return await workflow('other')").play();
    assert_eq!(played.report.status.as_str(), "failed");
    let message = &played.report.failures[0].message;
    assert!(message.contains("nest one level deep"), "{message}");
}
