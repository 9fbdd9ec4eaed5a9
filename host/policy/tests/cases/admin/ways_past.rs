//! Is there another word, spelling or door by which a policy has what is forbidden?

use lazaret_policy::admin::Admin;
use lazaret_policy::compiled::Service;
use lazaret_policy::policy::Policy;

/// A line of `[forbid]`, a policy behind its version, and what is said of it: `LINE WHAT`.
const CASES: &[(&str, &str, &str)] = &[
    // Where a provider answers of itself.
    (
        r#"hosts = ["api.anthropic.com"]"#,
        "[models]\nanthropic = { key = \"env:K\" }",
        "3 api.anthropic.com",
    ),
    (
        r#"hosts = ["api.openai.com"]"#,
        "[models]\nopenai = { key = \"env:K\" }",
        "3 api.openai.com",
    ),
    (
        r#"hosts = ["*.googleapis.com"]"#,
        "[models]\ngemini = { key = \"env:K\" }",
        "3 generativelanguage.googleapis.com",
    ),
    (
        r#"hosts = ["bedrock-runtime.eu-west-1.amazonaws.com"]"#,
        "[models]\nbedrock = { region = \"eu-west-1\", key = \"env:K\" }",
        "3 bedrock-runtime.eu-west-1.amazonaws.com",
    ),
    (
        r#"hosts = ["aiplatform.googleapis.com"]"#,
        "[models]\nvertex = { project = \"p\", location = \"global\", key = \"env:K\" }",
        "3 aiplatform.googleapis.com",
    ),
    (
        r#"hosts = ["europe-west1-aiplatform.googleapis.com"]"#,
        "[models]\nvertex = { project = \"p\", location = \"europe-west1\", key = \"env:K\" }",
        "3 europe-west1-aiplatform.googleapis.com",
    ),
    (
        r#"hosts = ["openrouter.ai"]"#,
        "[models]\nopenrouter = { key = \"env:K\" }",
        "3 openrouter.ai",
    ),
    (
        r#"hosts = ["127.0.0.1"]"#,
        "[models]\nollama = {}",
        "3 127.0.0.1",
    ),
    // A provider under another name.
    (
        r#"providers = ["openai"]"#,
        "[models]\nmine = { provider = \"openai\", key = \"env:K\" }",
        "3 openai",
    ),
    (
        r#"providers = ["openai"]"#,
        "[models]\nmine = { provider = \"openai\", base_url = \"https://gate.org/v1\" }",
        "3 openai",
    ),
    (
        r#"providers = ["openai"]"#,
        "[models]\nmine = { base_url = \"https://us.api.openai.com/v1\" }",
        "3 openai",
    ),
    (
        r#"providers = ["gemini"]"#,
        "[models]\nmine = { base_url = \"https://generativelanguage.googleapis.com/v1beta/openai\" }",
        "3 gemini",
    ),
    (
        r#"providers = ["ollama"]"#,
        "[models]\nmine = { provider = \"ollama\" }",
        "3 ollama",
    ),
    (
        r#"providers = ["anthropic"]"#,
        "[model.mine]\nprovider = \"anthropic\"\nmodel = \"m\"\nkey = \"env:K\"",
        "2 anthropic",
    ),
    // A model under its provider's other name, or another of its own.
    (
        r#"models = ["openai/*"]"#,
        "[models]\nmine = { provider = \"openai\", key = \"env:K\" }\nalias = { a = \"mine/gpt-5\" }",
        "4 mine/gpt-5",
    ),
    (
        r#"models = ["openai/gpt-5"]"#,
        "[models]\nmine = { provider = \"openai\", key = \"env:K\" }\n[plugin.a]\nfile = \"a\"\n[profile.a]\nplugin = \"a\"\nuse = [\"model.mine\"]",
        "3 every model of mine",
    ),
    (
        r#"models = ["open*/gpt-5"]"#,
        "[models]\nopenai = { key = \"env:K\" }\nalias = { a = \"openai/GPT-5\" }",
        "4 openai/GPT-5",
    ),
    (
        r#"models = ["gemini/pro"]"#,
        "[models]\ngemini = { key = \"env:K\" }\nalias = { a = \"gemini/models/pro\" }",
        "4 gemini/models/pro",
    ),
    (
        r#"models = ["*/secret"]"#,
        "[models]\nollama = {}\nalias = { a = [\"ollama/open\", \"ollama/secret\"] }",
        "4 ollama/secret",
    ),
    // An address that the client reads otherwise than it looks.
    (
        r#"hosts = ["evil.org"]"#,
        "[models]\nlab = { base_url = \"https://evil%2Eorg/v1\" }",
        "3 evil.org",
    ),
    (
        r#"hosts = ["evil.org"]"#,
        "[models]\nlab = { base_url = 'https://evil.org\\.good.org/v1' }",
        "3 evil.org",
    ),
    (
        r#"hosts = ["evil.org"]"#,
        "[models]\nlab = { base_url = \"https:///evil.org/v1\" }",
        "3 evil.org",
    ),
    (
        r#"hosts = ["evil.org"]"#,
        "[models]\nlab = { base_url = \"https://Evil.Org.:8443/v1\" }",
        "3 evil.org",
    ),
    (
        r#"hosts = ["xn--bcher-kva.de"]"#,
        "[models]\nlab = { base_url = \"https://b%C3%BCcher.de/v1\" }",
        "3 xn--bcher-kva.de",
    ),
    (
        r#"hosts = ["10.0.0.7"]"#,
        "[models]\nlab = { base_url = \"http://0xa.7/v1\" }",
        "3 10.0.0.7",
    ),
    (
        r#"hosts = ["10.0.0.7"]"#,
        "[models]\nlab = { base_url = \"http://167772167/v1\" }",
        "3 10.0.0.7",
    ),
    (
        r#"hosts = ["10.0.0.7"]"#,
        "[models]\nlab = { base_url = \"http://[::ffff:10.0.0.7]:8000/v1\" }",
        "3 10.0.0.7",
    ),
    (
        r#"hosts = ["127.0.0.1"]"#,
        "[models]\nlab = { base_url = \"http://localhost:8000/v1\" }",
        "3 localhost",
    ),
    (
        r#"hosts = ["localhost"]"#,
        "[models]\nlab = { base_url = \"http://0.0.0.0:8000/v1\" }",
        "3 0.0.0.0",
    ),
    (
        r#"hosts = ["evil.org"]"#,
        "[models]\nbedrock = { region = \" \", key = \"env:K\" }",
        "3 an address without a host",
    ),
    // A number that is named as an exception.
    (
        r#"hosts = ["10.0.0.7"]"#,
        "[web.any]\nallow = [\"https://*/**\"]\nprivate = [\"10.0.0.7:443\"]\ntags = [\"web\"]",
        "2 10.0.0.7",
    ),
    (
        r#"hosts = ["10.0.0.7"]"#,
        "[web.any]\nallow = [\"https://*/**\"]\nprivate = [\"[::ffff:10.0.0.7]:443\"]\ntags = [\"web\"]",
        "2 10.0.0.7",
    ),
    // What a run has though no `use` names it.
    (
        r#"functions = ["run.apply"]"#,
        "[source.project]\npath = \".\"\ntags = [\"repo\"]\nreaders = \"public\"\n[tree]",
        "2 run.apply",
    ),
    (
        r#"functions = ["person.ask"]"#,
        "[plugin.w]\nfile = \"w\"\n[workflow]\nname = \"w\"\norchestrator = \"w\"\nasks = true",
        "6 person.ask",
    ),
    (
        r#"functions = ["run.print"]"#,
        "[plugin.w]\nfile = \"w\"\n[workflow]\nname = \"w\"\norchestrator = \"w\"\nprint = true",
        "6 run.print",
    ),
    (
        r#"functions = ["model.a.or-2"]"#,
        "[models]\nollama = {}\nvllm = {}\nalias = { a = [\"ollama/m\", \"vllm/m\"] }\n[plugin.a]\nfile = \"a\"\n[profile.a]\nplugin = \"a\"\nuse = [\"model.a\"]",
        "10 model.a.or-2",
    ),
    // A program that is started for a server or a key.
    (
        r#"commands = ["npx *"]"#,
        "[tool.desk]\nmcp = [\"/usr/bin/npx\", \"-y\", \"desk\"]",
        "2 npx",
    ),
    (
        r#"commands = ["gh auth *"]"#,
        "[models]\nopenai = { key = \"command:gh auth token\" }",
        "3 gh",
    ),
    (
        r#"commands = ["pass *"]"#,
        "[models]\nbedrock = { region = \"r\", access_key = \"env:K\", secret_key = \"command:pass k\" }",
        "3 pass",
    ),
];

fn judged(forbid: &str, policy: &str) -> Vec<String> {
    let admin = format!("version = 1\n[forbid]\n{forbid}\n");
    let admin = Admin::parse("admin.toml", &admin).unwrap();
    let policy = Policy::parse("lazaret.toml", &format!("version = 1\n{policy}\n")).unwrap();
    let problems = admin.judge(&policy).into_iter();
    let said = problems.map(|one| {
        let what = one.message.strip_prefix("the administrator forbids `");
        let what = what.and_then(|rest| rest.strip_suffix("` (admin.toml:3)"));
        format!("{} {}", one.line, what.unwrap_or(&one.message))
    });
    said.collect()
}

#[test]
fn no_other_word_and_no_spelling_leads_past_what_is_forbidden() {
    for (forbid, policy, expected) in CASES {
        assert_eq!(judged(forbid, policy), [*expected], "{forbid}\n{policy}");
        // The twin: nothing is forbidden.
        assert_eq!(judged("", policy), [""; 0], "{policy}");
    }
}

#[test]
fn what_only_looks_like_what_is_forbidden_is_let_through() {
    for (forbid, policy) in [
        (
            r#"providers = ["openai"]"#,
            "[models]\nlab = { base_url = \"http://10.0.0.7:8000/v1\" }\nollama = {}",
        ),
        (
            r#"models = ["openai/*"]"#,
            "[models]\nlab = { base_url = \"https://gate.org/v1\" }\nalias = { a = \"lab/openai/m\" }",
        ),
        (
            r#"hosts = ["evil.org", "127.0.0.1"]"#,
            "[models]\nlab = { base_url = \"https://evil.org.good.org/v1\" }",
        ),
        (
            r#"functions = ["person.ask", "run.print", "run.apply"]"#,
            "[plugin.w]\nfile = \"w\"\n[workflow]\nname = \"w\"\norchestrator = \"w\"",
        ),
        (
            r#"commands = ["gh auth *", "npx -g *"]"#,
            "[tool.desk]\nmcp = [\"npx\", \"-y\", \"desk\"]\n[models]\nopenai = { key = \"command:gh token\" }",
        ),
    ] {
        assert_eq!(judged(forbid, policy), [""; 0], "{forbid}\n{policy}");
    }
}

#[test]
fn an_address_that_no_client_can_read_is_an_error_of_the_policy() {
    for address in [
        "https://evil..org/v1",
        "https://evil.org:99999/v1",
        "https://[::1]evil.org/v1",
        "https://evil^org/v1",
        "https://good.org@evil.org/v1",
        "https://",
    ] {
        let text = format!("version = 1\n[models]\nlab = {{ base_url = '{address}' }}\n");
        let problems = Policy::parse("lazaret.toml", &text).unwrap_err();
        let said = problems.iter().map(|one| (one.line, one.column, one.code));
        let said: Vec<_> = said.collect();
        assert_eq!(said, [(3, 20, "invalid-value")], "{address}");
    }
}

/// The clients use no other crate of ours, so that their sources are looked at.
#[test]
fn a_service_answers_where_its_client_asks() {
    const BEDROCK: &str = include_str!("../../../../models/src/provider/bedrock.rs");
    const VERTEX: &str = include_str!("../../../../models/src/provider/vertex.rs");
    for (service, client) in [
        (
            Service::Anthropic,
            include_str!("../../../../models/src/provider/anthropic.rs"),
        ),
        (
            Service::OpenAi,
            include_str!("../../../../models/src/provider/openai.rs"),
        ),
        (
            Service::Gemini,
            include_str!("../../../../models/src/provider/gemini.rs"),
        ),
        (vertex("global"), VERTEX),
        (vertex("{location}"), VERTEX),
    ] {
        let address = service.usual_address().unwrap();
        assert!(client.contains(&format!("\"{address}\"")), "{address}");
    }
    // This client has the name of the host apart from the rest.
    let bedrock = Service::Bedrock {
        region: "{region}".to_owned(),
        signed: None,
    };
    let address = bedrock.usual_address().unwrap();
    assert!(BEDROCK.contains("address(\"bedrock-runtime\")"));
    let address = address.replace("bedrock-runtime", "{host}");
    assert!(BEDROCK.contains(&format!("\"{address}\"")), "{address}");
}

fn vertex(location: &str) -> Service {
    Service::Vertex {
        project: String::new(),
        location: location.to_owned(),
    }
}
