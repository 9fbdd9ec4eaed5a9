//! `model`: no model is asked without a grant, one that the policy does not have included.

use lazaret_security::Stage;

#[test]
fn a_model_is_not_asked_without_a_grant() {
    let played = Stage::of("asks_a_model")
        .sections(
            "[model.default]\nprovider = \"openai-compatible\"\nmodel = \"nobody\"\n\
             base_url = \"http://127.0.0.1:1\"\n",
        )
        .play();
    played.refused_by("not-granted:model.default");
    assert_eq!(played.effects(), []);
}

#[test]
fn a_model_that_the_policy_does_not_have_is_not_asked() {
    let played = Stage::of("asks_a_model").play();
    played.refused_by("no-model");
}
