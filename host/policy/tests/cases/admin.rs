//! Is what the administrator forbids refused in every policy, with the places in both files?

use std::collections::BTreeMap;

use lazaret_policy::admin::{Admin, MAX_ADMIN_BYTES};
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::policy::Policy;

#[path = "admin/ways_past.rs"]
mod ways_past;

const POLICY: &str = r#"version = 1
[plugin.agent]
file = "agent.wasm"
[plugin.bank]
file = "bank.wasm"
[tool.bank]
plugin = "bank"
[tool.bank.fn.pay]
[tool.bank.fn.list]
[tool.desk]
mcp = "https://desk.corp.org/mcp"
[web.docs]
allow = ["https://docs.org/**", "https://*.corp.org/**"]
tags = ["web"]
[web.any]
allow = ["https://*/**"]
tags = ["web"]
[models]
lab = { base_url = "http://10.0.0.7:8000/v1" }
ollama = {}
[models.alias]
default = "ollama/qwen3"
[profile.agent]
plugin = "agent"
use = ["bank.*", "model.ollama", "web.any.get"]
[source.project]
path = "."
tags = ["repo"]
readers = "public"
[tree]
[command]
read = ["git log *", "git diff *"]
build = ["cargo *", "npm run build"]
exits = { run = ["gh pr *"], net = ["api.github.com", "*.corp.org"] }
"#;

fn judged(forbid: &str) -> Vec<String> {
    let admin = Admin::parse("admin.toml", &format!("version = 1\n[forbid]\n{forbid}\n")).unwrap();
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    let problems = admin.judge(&policy);
    assert!(problems.iter().all(|one| one.code == "forbidden"));
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_forbidden_function_is_refused_where_it_is_granted() {
    assert_eq!(
        judged("functions = [\"bank.pay\"]"),
        ["lazaret.toml:25:8: the administrator forbids `bank.pay` (admin.toml:3)"]
    );
    assert_eq!(judged("functions = [\"bank.steal\", \"files.*\"]"), [""; 0]);
}

#[test]
fn a_forbidden_host_is_refused_in_sites_servers_and_providers() {
    assert_eq!(
        judged("hosts = [\"*.corp.org\"]"),
        [
            "lazaret.toml:10:7: the administrator forbids `desk.corp.org` (admin.toml:3)",
            "lazaret.toml:12:6: the administrator forbids `*.corp.org` (admin.toml:3)",
            "lazaret.toml:34:1: the administrator forbids `*.corp.org` (admin.toml:3)",
        ]
    );
    assert_eq!(
        judged("hosts = [\"evil.org\",\n \"10.0.0.7\"]"),
        ["lazaret.toml:19:1: the administrator forbids `10.0.0.7` (admin.toml:4)"]
    );
}

#[test]
fn a_site_that_covers_more_loses_the_forbidden_host() {
    let admin = Admin::parse(
        "admin.toml",
        "version = 1\n[forbid]\nhosts = [\"evil.org\"]\n",
    )
    .unwrap();
    let text = "version = 1\n[web.any]\nallow = [\"https://*/**\"]\ntags = [\"web\"]\n";
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    assert!(admin.judge(&policy).is_empty());
    let mut compiled = compile(&policy, &BTreeMap::new()).unwrap();
    let evil = ["evil.org", "evil.org.", "EVIL.org"];
    for host in evil {
        assert!(
            compiled.sites["any"].holds("https", host, 443, "/"),
            "{host}"
        );
    }
    admin.restrict(&mut compiled);
    for host in evil {
        assert!(
            !compiled.sites["any"].holds("https", host, 443, "/"),
            "{host}"
        );
    }
    assert!(compiled.sites["any"].holds("https", "good.org", 443, "/"));
}

#[test]
fn forbidden_models_and_providers_are_refused() {
    assert_eq!(
        judged("providers = [\"lab\"]"),
        ["lazaret.toml:19:1: the administrator forbids `lab` (admin.toml:3)"]
    );
    assert_eq!(
        judged("models = [\"ollama/qwen*\"]"),
        [
            "lazaret.toml:20:1: the administrator forbids `every model of ollama` (admin.toml:3)",
            "lazaret.toml:22:1: the administrator forbids `ollama/qwen3` (admin.toml:3)",
        ]
    );
    assert_eq!(judged("models = [\"lab/*\"]"), [""; 0]);
}

#[test]
fn a_forbidden_command_is_refused_in_the_group_that_allows_it() {
    assert_eq!(
        judged("commands = [\"gh *\",\n \"git diff *\", \"npm run *\"]"),
        [
            "lazaret.toml:32:1: the administrator forbids `git diff *` (admin.toml:4)",
            "lazaret.toml:33:1: the administrator forbids `npm run build` (admin.toml:4)",
            "lazaret.toml:34:1: the administrator forbids `gh pr *` (admin.toml:3)",
        ]
    );
    assert_eq!(
        judged("commands = [\"curl *\", \"gh pr create\", \"cargo publish *\"]"),
        [""; 0]
    );
}

#[test]
fn a_group_that_allows_more_loses_the_forbidden_command_and_the_forbidden_host() {
    let forbid = "commands = [\"cargo publish *\"]\nhosts = [\"evil.corp.org\"]";
    let admin = Admin::parse("admin.toml", &format!("version = 1\n[forbid]\n{forbid}\n")).unwrap();
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    assert!(admin.judge(&policy).is_empty());
    let mut compiled = compile_commands();
    let refusal = |compiled: &Compiled, words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let group = compiled.commands.as_ref().unwrap().group("build").unwrap();
        group.refusal(&words)
    };
    let reaches = |compiled: &Compiled, host: &str| {
        let group = compiled.commands.as_ref().unwrap().group("exits").unwrap();
        group.may_reach(host)
    };
    let publish = ["cargo", "publish", "--dry-run"];
    assert_eq!(refusal(&compiled, &publish), None);
    assert!(reaches(&compiled, "evil.corp.org"));
    assert!(reaches(&compiled, "evil.corp.org."));
    admin.restrict(&mut compiled);
    assert_eq!(
        refusal(&compiled, &publish).as_deref(),
        Some("the administrator forbids `cargo publish *`")
    );
    assert_eq!(refusal(&compiled, &["cargo", "test"]), None);
    assert!(!reaches(&compiled, "evil.corp.org"));
    assert!(!reaches(&compiled, "evil.corp.org."));
    assert!(reaches(&compiled, "good.corp.org"));
}

/// The commands of the policy, compiled without its plugins.
fn compile_commands() -> Compiled {
    let from = POLICY.find("[source.project]").unwrap();
    let text = format!("version = 1\n{}", &POLICY[from..]);
    let policy = Policy::parse("lazaret.toml", &text).unwrap();
    compile(&policy, &BTreeMap::new()).unwrap()
}

#[test]
fn a_wrong_file_is_refused_with_its_places() {
    let said = |text: &str| -> Vec<String> {
        let problems = Admin::parse("admin.toml", text).unwrap_err();
        let places = problems.iter();
        places
            .map(|one| format!("{}:{} {}", one.line, one.column, one.code))
            .collect()
    };
    assert_eq!(
        said("[forbid]\nhost = []\n"),
        ["1:1 missing-field", "2:1 unknown-field"]
    );
    assert_eq!(
        said("version = 2\n[forbid]\nhosts = [\"A b\"]\nmodels = [\"x\"]\n"),
        [
            "1:11 policy-version",
            "3:10 invalid-value",
            "4:11 invalid-value"
        ]
    );
    assert_eq!(
        said("version = 1\n[forbid]\ncommands = [\"git *\", \"/bin/ls\", \"bash -c *\"]\n"),
        ["3:22 invalid-value", "3:33 invalid-value"]
    );
}

#[test]
fn what_could_never_match_is_an_error_of_the_file() {
    let parsed = |line: &str| {
        let text = format!("version = 1\n[forbid]\n{line}\n");
        Admin::parse("admin.toml", &text)
    };
    for (wrong, right) in [
        ("hosts = [\"[2001:DB8::1]\"]", "hosts = [\"[2001:db8::1]\"]"),
        ("hosts = [\"[::ffff:a00:7]\"]", "hosts = [\"10.0.0.7\"]"),
        ("hosts = [\"0xa.7\"]", "hosts = [\"10.0.0.7\"]"),
        ("hosts = [\"evil.org.\"]", "hosts = [\"evil.org\"]"),
        ("hosts = [\"*.EVIL.org\"]", "hosts = [\"*.evil.org\"]"),
        ("hosts = [\"bücher.de\"]", "hosts = [\"xn--bcher-kva.de\"]"),
        ("hosts = [\".evil.org\"]", "hosts = [\"*.evil.org\"]"),
        ("hosts = [\"evil.org:80\"]", "hosts = [\"evil.org\"]"),
        ("hosts = [\"*.10.0.0.7\"]", "hosts = [\"10.0.0.7\"]"),
        ("hosts = [\"[evil]\"]", "hosts = [\"evil\"]"),
        ("functions = [\"run.pint\"]", "functions = [\"run.print\"]"),
        (
            "functions = [\"person.aks\"]",
            "functions = [\"person.ask\"]",
        ),
        ("functions = [\"code.rum\"]", "functions = [\"code.run\"]"),
        (
            "functions = [\"tree.path\"]",
            "functions = [\"tree.patch\"]",
        ),
        (
            "functions = [\"files.raed\"]",
            "functions = [\"files.read\"]",
        ),
        (
            "functions = [\"files.notes.raed\"]",
            "functions = [\"files.notes.read\"]",
        ),
        ("functions = [\"web.docs\"]", "functions = [\"web.docs.*\"]"),
        (
            "functions = [\"web.docs.GET\"]",
            "functions = [\"web.docs.get\"]",
        ),
        ("functions = [\"Bank.pay\"]", "functions = [\"bank.Pay\"]"),
        ("functions = [\"bank.pay.now\"]", "functions = [\"bank.*\"]"),
        ("models = [\"OpenAI/*\"]", "models = [\"openai/*\"]"),
        ("models = [\"{a/b,c/d}\"]", "models = [\"a/{b,d}\"]"),
    ] {
        let problems = parsed(wrong).unwrap_err();
        let codes: Vec<_> = problems.iter().map(|one| (one.line, one.code)).collect();
        assert_eq!(codes, [(3, "invalid-value")], "{wrong}");
        assert!(parsed(right).is_ok(), "{right}");
    }
    let hint = parsed("hosts = [\"[2001:DB8::1]\"]")
        .unwrap_err()
        .remove(0)
        .hint;
    assert_eq!(hint.as_deref(), Some("write `[2001:db8::1]`"));
}

#[test]
fn a_search_at_a_forbidden_host_is_refused() {
    let admin = |host: &str| {
        let text = format!("version = 1\n[forbid]\nhosts = [\"{host}\"]\n");
        Admin::parse("admin.toml", &text).unwrap()
    };
    let text = "version = 1\n[web.search]\nurl = \"https://find.org/?q={query}\"\nresults = \"/results\"\ntags = []\n";
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    let problems = admin("find.org").judge(&policy);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].to_string().contains("forbids `find.org`"));
    assert!(admin("other.org").judge(&policy).is_empty());
    assert!(admin("*.org").judge(&policy).len() == 1);
}

#[test]
fn one_byte_past_the_files_limit_it_is_refused() {
    assert_eq!(MAX_ADMIN_BYTES, 262_144);
    let of = |bytes: usize| format!("version = 1\n#{}", "x".repeat(bytes - 13));
    assert!(Admin::parse("admin.toml", &of(MAX_ADMIN_BYTES)).is_ok());
    assert!(Admin::parse("admin.toml", &of(MAX_ADMIN_BYTES + 1)).is_err());
}
