//! Where may a secret be, which part of a text stands for one, and which go to a server?

use lazaret_policy::secret::{SecretSource, Template, TemplatePart};

use crate::policy::compiled;

#[test]
fn a_secret_is_in_a_variable_or_in_a_file() {
    let variable = |name: &str| Some(SecretSource::Variable(name.to_owned()));
    let file = |path: &str| Some(SecretSource::File(path.to_owned()));
    let longest = "a".repeat(1_024);
    for (text, expected) in [
        ("env:TOKEN_2".to_owned(), variable("TOKEN_2")),
        ("file:/run/my token".to_owned(), file("/run/my token")),
        (format!("file:{longest}"), file(&longest)),
        (format!("file:{longest}a"), None),
        ("env:".to_owned(), None),
        ("file:".to_owned(), None),
        ("file:a\nb".to_owned(), None),
        ("env:A B".to_owned(), None),
        ("vault:a".to_owned(), None),
        ("ghp_123".to_owned(), None),
    ] {
        assert_eq!(SecretSource::parse(&text), expected, "{text}");
    }
}

#[test]
fn a_secret_is_taken_out_of_the_text_around_it() {
    let text = |text: &str| TemplatePart::Literal(text.to_owned());
    let secret = |name: &str| TemplatePart::Secret(name.to_owned());
    for (written, expected) in [
        ("", vec![]),
        ("plain", vec![text("plain")]),
        ("{secret.a}", vec![secret("a")]),
        ("{secret.a}{secret.b}", vec![secret("a"), secret("b")]),
        ("a {secret.b}!", vec![text("a "), secret("b"), text("!")]),
        ("{secret.open", vec![text("{secret.open")]),
    ] {
        assert_eq!(Template::parse(written).parts(), expected, "{written}");
    }
}

#[test]
fn a_server_says_which_secrets_go_along() {
    let compiled = compiled(
        "[secret.one]\nfrom = \"env:ONE\"\nhosts = [\"a.org\"]\n\
        [secret.two]\nfrom = \"env:TWO\"\nhosts = [\"a.org\"]\n\
        [tool.far]\nmcp = \"https://a.org/mcp\"\n\
        headers = { Authorization = \"Bearer {secret.one}\", X-Two = \"{secret.two}\", X-Three = \"3\" }\n\
        [tool.near]\nmcp = [\"near\"]\nsecrets = { TOKEN = \"two\" }\n\
        [tool.open]\nmcp = [\"open\"]\n",
    );
    let secrets = |name: &str| compiled.servers[name].secrets();
    assert_eq!(secrets("far"), ["one", "two"]);
    assert_eq!(secrets("near"), ["two"]);
    assert!(secrets("open").is_empty());
}
