//! Does each model become the service and the functions that it says, and what may its key be?

use lazaret_policy::compiled::{FunctionKind, KeySource, Service, SigningKeys};

use crate::policy::{compiled, parse, problems_of};

/// Returns what a provider became, and where it answers if not at the usual address.
fn service(section: &str) -> (Service, Option<String>) {
    let policy = parse(&format!("[models]\n{section}")).unwrap();
    let provider = policy.providers().values().next().unwrap();
    (provider.service.clone(), provider.base_url.clone())
}

fn variable(name: &str) -> KeySource {
    KeySource::Variable(name.to_owned())
}

#[test]
fn each_provider_is_the_service_that_it_says() {
    let bedrock = |signed| Service::Bedrock {
        region: "eu-1".to_owned(),
        signed,
    };
    let azure = |version: Option<&str>| Service::Azure {
        api_version: version.map(str::to_owned),
    };
    let vertex = Service::Vertex {
        project: "p".to_owned(),
        location: "global".to_owned(),
    };
    let keys = SigningKeys {
        access: variable("A"),
        secret: variable("B"),
        session: Some(variable("C")),
    };
    for (section, expected, address) in [
        ("anthropic = {}", Service::Anthropic, None),
        ("openai = {}", Service::OpenAi, None),
        ("gemini = {}", Service::Gemini, None),
        (
            "any = { provider = \"gemini\", base_url = \"https://a.org\" }",
            Service::Gemini,
            Some("https://a.org"),
        ),
        (
            "any = { base_url = \"https://a.org\" }",
            Service::OpenAi,
            Some("https://a.org"),
        ),
        (
            "any = { provider = \"vllm\" }",
            Service::OpenAi,
            Some("http://127.0.0.1:8000/v1"),
        ),
        (
            "vllm = { base_url = \"https://a.org\" }",
            Service::OpenAi,
            Some("https://a.org"),
        ),
        (
            "bedrock = { region = \"eu-1\", key = \"env:A\" }",
            bedrock(None),
            None,
        ),
        (
            "bedrock = { region = \"eu-1\", access_key = \"env:A\", secret_key = \"env:B\", session_token = \"env:C\" }",
            bedrock(Some(keys)),
            None,
        ),
        (
            "vertex = { key = \"env:A\", project = \"p\", location = \"global\" }",
            vertex,
            None,
        ),
        (
            "azure = { base_url = \"https://a.org\" }",
            azure(None),
            Some("https://a.org"),
        ),
        (
            "azure = { base_url = \"https://a.org\", api_version = \"v1\" }",
            azure(Some("v1")),
            Some("https://a.org"),
        ),
    ] {
        let expected = (expected, address.map(str::to_owned));
        assert_eq!(service(section), expected, "{section}");
    }
}

#[test]
fn what_a_service_cannot_do_without_is_missed() {
    for (section, expected) in [
        ("any = {}", &["3:1 missing-field"][..]),
        ("azure = {}", &["3:1 missing-field"]),
        (
            "vertex = { project = \"p\", location = \"l\" }",
            &["3:1 missing-field"],
        ),
        (
            "vertex = { key = \"env:A\", location = \"l\" }",
            &["3:1 missing-field"],
        ),
        (
            "vertex = { key = \"env:A\", project = \"p\" }",
            &["3:1 missing-field"],
        ),
        ("bedrock = { key = \"env:A\" }", &["3:1 missing-field"]),
        ("bedrock = { region = \"eu-1\" }", &["3:1 missing-field"]),
        (
            "bedrock = { region = \"eu-1\", access_key = \"env:A\" }",
            &["3:1 missing-field"],
        ),
        (
            "bedrock = { region = \"eu-1\", secret_key = \"env:B\" }",
            &["3:1 missing-field"],
        ),
    ] {
        assert_eq!(
            problems_of(&format!("[models]\n{section}")),
            expected,
            "{section}"
        );
    }
}

#[test]
fn a_provider_says_how_many_requests_it_takes_and_how_it_takes_a_schema() {
    let of = |section: &str| {
        let policy = parse(&format!("[models]\n{section}")).unwrap();
        let provider = policy.providers().values().next().unwrap();
        (provider.at_once, provider.json_objects)
    };
    assert_eq!(of("openai = {}"), (64, false));
    assert_eq!(of("llama-cpp = {}"), (1, false));
    assert_eq!(
        of("any = { provider = \"llama-cpp\", at_once = 4 }"),
        (4, false)
    );
    assert_eq!(of("openai = { schemas = \"json-schema\" }"), (64, false));
    assert_eq!(of("openai = { schemas = \"json-object\" }"), (64, true));
    let other = "[models]\nopenai = { schemas = \"json\" }";
    assert_eq!(problems_of(other), ["3:22 invalid-value"]);
}

#[test]
fn an_address_is_one_of_the_web_without_a_password() {
    let longest = format!("https://a.org/{}", "a".repeat(1_010));
    let problems = |address: &str| problems_of(&format!("[models.a]\nbase_url = \"{address}\""));
    for address in ["https://a.org", "http://127.0.0.1:80/v1", &longest] {
        assert!(problems(address).is_empty(), "{address}");
    }
    for address in [
        "",
        "https://",
        "ftp://a.org",
        "a.org",
        "https://name:word@a.org",
        "https://a.org/a b",
        &format!("{longest}a"),
    ] {
        assert_eq!(problems(address), ["3:12 invalid-value"], "{address}");
    }
}

#[test]
fn a_key_is_named_and_never_written() {
    let stored = |name: &str| Some(KeySource::Stored(name.to_owned()));
    let file = |path: &str| Some(KeySource::File(path.to_owned()));
    let command = ["pass", "show", "x"].map(str::to_owned).to_vec();
    let longest = "a".repeat(1_024);
    for (written, expected) in [
        ("env:KEY_1".to_owned(), Some(variable("KEY_1"))),
        ("secret:open-ai_2.b".to_owned(), stored("open-ai_2.b")),
        ("file:~/my key".to_owned(), file("~/my key")),
        (format!("file:{longest}"), file(&longest)),
        (
            "command: pass show  x".to_owned(),
            Some(KeySource::Command(command)),
        ),
        (format!("file:{longest}a"), None),
        ("sk-secret".to_owned(), None),
        ("env:".to_owned(), None),
        ("env:A B".to_owned(), None),
        ("env:A-B".to_owned(), None),
        ("secret:../x".to_owned(), None),
        ("file:a\tb".to_owned(), None),
        ("command: ".to_owned(), None),
        ("other:x".to_owned(), None),
    ] {
        let text = format!("[models.openai]\nkey = \"{written}\"");
        match expected {
            Some(_) => {
                let policy = parse(&text).unwrap();
                assert_eq!(policy.providers()["openai"].key, expected, "{written}");
            }
            None => assert_eq!(problems_of(&text), ["3:7 invalid-value"], "{written}"),
        }
    }
}

#[test]
fn an_alias_that_names_no_model_of_a_provider_is_refused() {
    for target in ["openai", "openai/", "/gpt", "/"] {
        let text = format!("[models]\nopenai = {{}}\nalias = {{ a = \"{target}\" }}");
        let problems = parse(&text).unwrap_err();
        assert_eq!(
            problems[0].message,
            format!("`{target}` is neither an alias nor `provider/model`")
        );
    }
    let text = "[models]\nopenrouter = {}\nalias = { a = \"openrouter/meta/llama\" }";
    let policy = parse(text).unwrap();
    let models = policy.models();
    let (name, targets) = models.iter().find(|(name, _)| *name == "a").unwrap();
    assert_eq!(
        (*name, targets[0].model.as_deref()),
        ("a", Some("meta/llama"))
    );
}

#[test]
fn what_is_asked_instead_is_a_function_of_its_own_that_the_one_before_leads_to() {
    let compiled = compiled(
        "[models]\nnear = { provider = \"ollama\" }\nopenai = {}\n[models.alias]\n\
        one = \"openai/big\"\nthree = [\"near/a\", \"one\", \"near/b\"]\nlast = \"three\"",
    );
    let models = compiled.functions.iter().filter_map(|function| {
        let FunctionKind::Model {
            target,
            next,
            instead,
        } = &function.kind
        else {
            return None;
        };
        let model = target.model.as_deref().unwrap_or("*");
        let next = next.and_then(|id| compiled.function(id));
        let next = next.map_or("nothing", |next| next.name.as_str());
        let instead = if *instead { "instead " } else { "" };
        let (name, provider) = (&function.name, &target.provider);
        Some(format!("{name}: {instead}{provider}/{model} then {next}"))
    });
    let models: Vec<String> = models.collect();
    assert_eq!(
        models,
        [
            "model.near: near/* then nothing",
            "model.openai: openai/* then nothing",
            "model.one: openai/big then nothing",
            "model.three: near/a then model.three.or-2",
            "model.three.or-2: instead openai/big then model.three.or-3",
            "model.three.or-3: instead near/b then nothing",
            "model.last: near/a then model.last.or-2",
            "model.last.or-2: instead openai/big then model.last.or-3",
            "model.last.or-3: instead near/b then nothing",
        ]
    );
}
