//! A model is asked that was not granted, or that may not read what it is asked.

use lazaret_security::Stage;

/// Nobody listens there: the model is asked and cannot be reached.
const MODEL: &str = r#"
[model.default]
provider = "openai-compatible"
model = "some-model"
base_url = "http://127.0.0.1:1"
"#;

fn stage() -> Stage {
    Stage::of("asks_a_model").sections(MODEL)
}

fn granted() -> Stage {
    stage().rule("[profile.subject]", "use", r#"["model.default"]"#)
}

#[test]
fn a_model_that_was_not_granted_is_not_asked() {
    let played = stage().play();
    played.refused_by("not-granted:model.default");
    assert_eq!(played.effects(), []);
}

#[test]
fn granted_the_same_model_is_asked() {
    let played = granted().play();
    played.nothing_refused();
    assert_eq!(played.effects(), [("model.default", false)]);
}

#[test]
fn a_model_that_the_secret_is_not_for_is_not_asked_about_it() {
    let secret = || {
        granted().input("mail", "the launch code".into()).rule(
            "[[source.args.field]] # mail",
            "readers",
            r#"["operator"]"#,
        )
    };
    let played = secret().play();
    played.refused_by("readers:model.default");
    assert_eq!(played.effects(), []);
    let twin = secret().rule("[model.default]", "recipients", r#"["operator"]"#);
    let twin = twin.play();
    twin.nothing_refused();
    assert_eq!(twin.effects(), [("model.default", false)]);
}
