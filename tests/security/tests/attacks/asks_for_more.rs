//! An agent goes on asking a model, whatever its profile lets it spend.

use lazaret_security::Stage;

use crate::judges_with_a_model::model;

/// It asks ten times; each answer has one token.
fn stage() -> Stage {
    Stage::of("asks_for_more")
        .sections(&format!(
            "[model.default]\nprovider = \"local\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
            model("more")
        ))
        .rule("[profile.subject]", "use", r#"["model.default"]"#)
        .order("10")
}

#[test]
fn an_agent_that_has_spent_its_tokens_is_stopped_and_with_more_it_ends() {
    let played = stage()
        .rule("[profile.subject]", "token_budget", "3")
        .play();
    assert_eq!(played.causes(), ["tokens"]);
    assert_eq!(played.effects().len(), 3);
    assert_eq!(played.report.output_tokens, 3);
    let twin = stage()
        .rule("[profile.subject]", "token_budget", "11")
        .play();
    assert_eq!(twin.causes(), [""; 0]);
    assert_eq!(twin.answer(), "10 of 11");
}
