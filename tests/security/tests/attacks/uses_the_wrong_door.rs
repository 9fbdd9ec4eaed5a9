//! Files, models and the printed result are asked for as if they were tools.

use lazaret_security::Stage;

#[test]
fn an_effect_with_a_door_of_its_own_is_no_tool_even_where_it_is_granted() {
    let played = Stage::of("uses_the_wrong_door")
        .rule("[profile.subject]", "use", r#"["files.vault.read"]"#)
        .play();
    let rules: Vec<&str> = played.rules().into_iter().collect();
    let expected = [
        "no-model",
        "not-granted:files.vault.read",
        "not-granted:run.print",
    ];
    assert_eq!(rules, expected);
    assert_eq!(played.effects(), []);
}

#[test]
fn by_its_own_door_the_same_file_is_read() {
    let played = Stage::of("reads_a_file")
        .rule("[profile.subject]", "use", r#"["files.vault.read"]"#)
        .order("vault/key.txt")
        .play();
    played.nothing_refused();
}
