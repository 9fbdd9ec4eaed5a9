//! `secrets`: whether one is there is told to those alone whose grants use it.

use lazaret_security::Stage;
use serde_json::json;

const SECTIONS: &str = r#"
[secret.key]
from = "env:KEY"
hosts = ["a.org"]
[secret.unset]
from = "env:UNSET"
hosts = ["a.org"]
[secret.other]
from = "env:KEY"
[web.docs]
allow = ["https://a.org/**"]
headers = { X-One = "{secret.key}", X-Two = "{secret.unset}" }
tags = []
"#;

fn stage() -> Stage {
    Stage::of("asks_for_secrets")
        .sections(SECTIONS)
        .secret("KEY", "0123456789")
        .order("key unset other nothing")
}

#[test]
fn without_a_grant_no_secret_is_there() {
    assert_eq!(stage().play().answer(), &json!([]));
}

#[test]
fn with_a_grant_the_one_that_is_used_and_set_is() {
    let played = stage()
        .rule("[profile.subject]", "use", r#"["web.docs.get"]"#)
        .play();
    assert_eq!(played.answer(), &json!(["key"]));
}
