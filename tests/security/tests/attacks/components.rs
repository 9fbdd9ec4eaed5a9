//! A component is not what it says, or wants what no guest gets.

use lazaret_policy::manifest;
use lazaret_runtime::HostError as Error;
use lazaret_security::{Stage, guest, without_manifest};

const MANIFEST: &str = "name = \"subject\"\nversion = \"0.1.0\"\nworld = \"agent\"\n\
                        [requests]\nuse = [\"tracker.pay\"]\n";

/// The guest `calls_a_tool` with another manifest, where the policy grants it the tool.
fn claiming(manifest: &str) -> Stage {
    let bytes = manifest::embed(&guest("calls_a_tool"), manifest).unwrap();
    Stage::of("calls_a_tool").component("subject", bytes).rule(
        "[profile.subject]",
        "use",
        r#"["tracker.pay"]"#,
    )
}

fn refused(stage: Stage) -> Error {
    stage.try_play().expect_err("the component was taken")
}

#[test]
fn a_component_with_a_fitting_manifest_runs() {
    let played = claiming(MANIFEST).play();
    played.nothing_refused();
    assert_eq!(played.effects()[0], ("tracker.pay", true));
}

#[test]
fn a_component_without_a_manifest_is_not_loaded() {
    let bare = without_manifest(&guest("calls_a_tool"));
    let error = refused(Stage::of("calls_a_tool").component("subject", bare));
    assert_eq!(
        error.to_string(),
        "plugin `subject`: the component carries no manifest; \
         build it with its `plugin.toml` embedded"
    );
}

#[test]
fn a_component_with_a_malformed_manifest_is_not_loaded() {
    let error = refused(claiming("name = \"subject\nworld = "));
    assert_eq!(error.code(), "toml-syntax");
    let Error::Policy(problems) = error else {
        panic!("{error}");
    };
    let place = problems[0].to_string();
    assert!(
        place.contains("subject (embedded plugin.toml):1:"),
        "{place}"
    );
}

#[test]
fn a_component_that_claims_another_world_is_not_used_as_an_agent() {
    let error = refused(claiming(&MANIFEST.replace("agent", "tool")));
    assert_eq!(error.code(), "plugin-world");
}

#[test]
fn a_component_that_is_not_of_the_world_it_claims_is_not_linked() {
    let tool = guest("writes_calls_down");
    let bytes = manifest::embed(&tool, MANIFEST).unwrap();
    let error = refused(Stage::of("calls_a_tool").component("subject", bytes));
    let text = error.to_string();
    assert!(
        text.starts_with("plugin `subject`: ") && text.contains("run"),
        "{text}"
    );
}

#[test]
fn a_name_in_a_manifest_brings_no_rights() {
    // The policy's own word for a plugin counts; `tool` is that of another.
    let played = claiming(&MANIFEST.replace("\"subject\"", "\"tool\""))
        .rule("[profile.subject]", "use", "[ ]")
        .play();
    played.refused_by("not-granted:tracker.pay");
}

#[test]
fn what_a_manifest_does_not_request_is_not_granted() {
    let played = claiming(&MANIFEST.replace("\"tracker.pay\"", "")).play();
    played.refused_by("not-granted:tracker.pay");
}

#[test]
fn two_manifests_are_none() {
    let once = manifest::embed(&guest("calls_a_tool"), MANIFEST).unwrap();
    let section = once.len() - without_manifest(&once).len();
    let mut twice = once.clone();
    twice.extend_from_slice(&once[once.len() - section..]);
    let error = refused(Stage::of("calls_a_tool").component("subject", twice));
    let text = error.to_string();
    assert!(text.contains("more than one manifest"), "{text}");
}

#[test]
fn a_component_that_imports_wasi_is_not_linked_and_the_error_names_the_import() {
    // The second host has the same compile cache, and no agent's code waits in it unlinked.
    for _ in 0..2 {
        let error = refused(Stage::of("wants_wasi"));
        let text = error.to_string();
        assert!(text.starts_with("plugin `subject`: "), "{text}");
        assert!(text.contains("wasi:random/random@0.2"), "{text}");
    }
}

#[test]
fn what_is_no_component_is_not_loaded() {
    for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"MZ", &guest("traps")[..100]] {
        let error = refused(Stage::of("traps").component("subject", bytes.to_vec()));
        let text = error.to_string();
        assert!(text.starts_with("plugin `subject`: "), "{text}");
    }
}

#[test]
fn a_plugin_that_the_policy_uses_and_nobody_has_stops_the_run() {
    let stage = Stage::of("traps").rule("[profile.subject]", "plugin", r#""other""#);
    let error = refused(stage.sections("[plugin.other]\nfile = \"other.wasm\"\n"));
    assert_eq!(error.code(), "plugin-missing");
}
