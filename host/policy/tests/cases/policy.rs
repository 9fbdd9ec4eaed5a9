//! Is every mistake in a policy shown with its place, and all of them at once?

use std::collections::BTreeMap;

use lazaret_policy::Diagnostic;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::diagnostic::MAX_DIAGNOSTICS;
use lazaret_policy::policy::{MAX_POLICY_BYTES, Policy};
use proptest::prelude::*;

use crate::triage::POLICY;

/// Wrong policies: the text after `version = 1`, then place and code of each problem.
pub(crate) const CASES: &[(&str, &[&str])] = &[
    // The form.
    ("[gate.verdict", &["2:14 toml-syntax"]),
    ("wrkflow = 1", &["2:1 unknown-field"]),
    ("[[workflow]]\nname = \"a\"", &["2:1 wrong-type"]),
    ("[plugin]\nreader = \"reader.wasm\"", &["3:10 wrong-type"]),
    ("[plugin.Reader]\nfile = \"a\"", &["2:9 invalid-name"]),
    (
        "[plugin.reader]\npath = \"a\"",
        &["2:9 missing-field", "3:1 unknown-field"],
    ),
    ("[plugin.reader]\nfile = \"\"", &["3:8 invalid-value"]),
    // Readers.
    (
        "[readers]\npublic = []\noperator = []\nmodels = []",
        &[
            "3:1 reserved-name",
            "4:1 reserved-name",
            "5:1 reserved-name",
        ],
    ),
    (
        "[readers]\nprivate = \"operator\"\nteam = [\"private\", \"a b\"]",
        &["3:11 wrong-type", "4:20 invalid-name"],
    ),
    (
        "[readers]\nteam = [\"alice\"]\nall = [\"team\", \"public\"]",
        &["4:8 unknown-readers", "4:16 unknown-readers"],
    ),
    (
        "[source.args]\ntags = []\nreaders = \"privat\"",
        &["4:11 unknown-readers"],
    ),
    (
        "[source.args]\ntags = []\nreaders = 3",
        &["4:11 wrong-type"],
    ),
    // Principals.
    (
        "[principals]\nteam = [\"ann\"]\n[source.args]\ntags = [\"mail\"]\nitems = \"\"\ntrusted_if = { field = \"/from\", member_of = \"team\" }",
        &["7:24 untrusted-principal"],
    ),
    (
        "[principals]\nteam = [\"ann\"]\n[source.args]\ntags = []\nitems = \"\"\ntrusted_if = { field = \"/from\", member_of = \"tem\" }",
        &["7:45 unknown-principals"],
    ),
    // The source.
    ("[source.args]", &["2:9 missing-field"]),
    ("[source.mail]\ntags = [\"mail\"]", &["2:9 unknown-field"]),
    (
        "[source.args]\ntags = [\"Issue\", \"a b\"]",
        &["3:9 invalid-name", "3:18 invalid-name"],
    ),
    (
        "[source.args]\ntags = []\nitems = \"list\"\nmax_items = 0\nmax_item_bytes = 67_108_865",
        &[
            "4:9 invalid-pointer",
            "5:13 out-of-range",
            "6:18 out-of-range",
        ],
    ),
    (
        "[source.args]\ntags = []\nitem_schema = '{}'",
        &["4:15 missing-field"],
    ),
    (
        "[source.args]\ntags = []\nitems = \"\"\nitem_schema = '''\n{\n  \"type\": object\n}'''",
        &["7:11 invalid-schema"],
    ),
    (
        "[source.args]\ntags = []\nitems = \"\"\nitem_schema = \"{\"",
        &["5:15 invalid-schema"],
    ),
    (
        "[source.args]\ntags = []\nitems = \"\"\nitem_schema = '[]'",
        &["5:15 invalid-schema"],
    ),
    (
        "[source.args]\ntags = []\n[[source.args.field]]\npointer = \"/~2\"\ntags = []\n[[source.args.field]]\ntags = []",
        &["5:11 invalid-pointer", "7:1 missing-field"],
    ),
    (
        "[source.args]\ntags = []\nfield = [{ pointer = \"/a\", tags = [] }, { pointer = \"/a\", tags = [] }]",
        &["4:53 duplicate"],
    ),
    // Files.
    (
        "[files.notes]\npath = \"/etc\"\ntags = []",
        &["3:8 unsafe-path"],
    ),
    (
        "[files.notes]\npath = \"a/../..\"\ntags = []",
        &["3:8 unsafe-path"],
    ),
    (
        "[files.notes]\npath = \"C:\\\\notes\"\ntags = []",
        &["3:8 unsafe-path"],
    ),
    (
        "[files.notes]\npath = \"\"\ntags = []\nwrite = \"yes\"",
        &["3:8 unsafe-path", "5:9 wrong-type"],
    ),
    (
        "[source.args]\ntags = [\"issue\"]\n[files.notes]\npath = \"notes\"\ntags = []\nwrite = true\ntolerate = [\"issue\"]",
        &["8:12 store-tolerance"],
    ),
    (
        "[files.notes]\npath = \"notes\"\ntags = []\nwrite = true\ntolerate = \"*\"",
        &["6:12 store-tolerance"],
    ),
    (
        "[files.a]\npath = \"notes\"\ntags = [\"issue\"]\nwrite = true\n[files.b]\npath = \"Notes/old\"\ntags = []",
        &["6:8 mount-overlap"],
    ),
    (
        "[files.a]\npath = \".\"\ntags = []\n[files.b]\npath = \"b\"\ntags = []\nreaders = \"public\"\nwrite = true",
        &["5:8 mount-overlap"],
    ),
    // Tools.
    (
        "[tool.files]\nplugin = \"a\"\n[plugin.a]\nfile = \"a\"\n[tool.files.fn.read]",
        &["2:7 reserved-name"],
    ),
    (
        "[tool.tracker]\nplugin = \"trackr\"\n[plugin.tracker]\nfile = \"a\"",
        &["3:10 unknown-plugin"],
    ),
    (
        "[tool.a]\nplugin = \"a\"\nuse = [\"a.f\", \"files.x.read\"]\n[tool.a.fn.f]\n[plugin.a]\nfile = \"a\"",
        &["4:8 tool-use", "4:15 unknown-function"],
    ),
    (
        "[tool.a]\nplugin = \"a\"\n[tool.a.fn.f]\nargs = { x = [\"isue\"], y = \"all\", \"z z\" = [] }\ndecide = \"maybe\"\nanswer = {}\n[plugin.a]\nfile = \"a\"\n[source.args]\ntags = [\"issue\"]",
        &[
            "5:15 unknown-label",
            "5:28 invalid-value",
            "5:35 invalid-name",
            "6:10 invalid-value",
            "7:1 unknown-field",
        ],
    ),
    (
        "[tool.a]\nplugin = \"a\"\n[tool.a.fn.f]\nlabel = { readers = \"public\" }\ncaller = [\"x\"]\nrecipients = \"team\"\n[plugin.a]\nfile = \"a\"",
        &[
            "5:1 missing-field",
            "6:11 unknown-label",
            "7:14 unknown-readers",
        ],
    ),
    // Gates and profiles.
    (
        "[gate.verdict]\nremoves = \"*\"\nbits_per_item = \"16\"",
        &["3:11 wrong-type", "4:17 wrong-type"],
    ),
    (
        "[gate.verdict]\nremoves = [\"issue\"]\nbits_per_item = -1.5",
        &["3:12 unknown-label", "4:17 out-of-range"],
    ),
    (
        "[gate.verdict]\nremoves = [\"unknown\"]\nbits_per_item = 1.2345",
        &["4:17 out-of-range"],
    ),
    (
        "[gate.verdict]\nremoves = []\nreleases = \"public\"\nbits_per_item = 1",
        &["2:7 invalid-value"],
    ),
    (
        "[gate.verdict]\nreleases = \"team\"\nbits_per_item = 1",
        &["3:12 unknown-readers"],
    ),
    (
        "[profile.reader]\nreads = [\"web\"]\nuse = [\"files.notes.write\", \"run.print\"]\ngates = [\"verdikt\"]\n[gate.verdict]\nremoves = []\nbits_per_item = 1\n[files.notes]\npath = \"notes\"\ntags = []",
        &[
            "2:10 missing-field",
            "3:10 unknown-label",
            "4:8 unknown-function",
            "4:29 unknown-function",
            "5:10 unknown-gate",
        ],
    ),
    // Workflow, models, budget, limits.
    (
        "[plugin.a]\nfile = \"a\"\n[workflow]\nname = \"a\"\norchestrator = \"a\"\ndescription = \"a\\u0007\"",
        &["7:15 invalid-value"],
    ),
    (
        "[workflow]\nname = \"Triage\"\norchestrator = \"a\"\nuntrusted = \"maybe\"\ngates = [\"verdict\"]",
        &[
            "3:8 invalid-name",
            "4:16 unknown-plugin",
            "5:13 invalid-value",
            "6:10 unknown-gate",
        ],
    ),
    ("[workflow]", &["2:2 missing-field", "2:2 missing-field"]),
    (
        "[model.fast]\nprovider = \"anthropic\"\nmodel = \"\"\nkey = \"sk-secret\"\nbase_url = \"ftp://x\"\ntolerate = [\"web\"]",
        &[
            "4:9 invalid-value",
            "5:7 invalid-value",
            "6:12 invalid-value",
            "7:13 unknown-label",
        ],
    ),
    (
        "[models]\na = {}\nb = { provider = \"bedrock\" }\nalias = { default = \"c/m\", x = \"x\", b = \"b/m\" }\n[[models.route]]\nphase = \"Find\"\nmodel = \"fats\"",
        &[
            "3:1 missing-field",
            "4:1 missing-field",
            "5:21 unknown-model",
            "5:32 unknown-model",
            "5:37 duplicate",
            "8:9 unknown-model",
        ],
    ),
    (
        "[models.prices]\n\"gpt 5\" = { input = 1, output = 2 }\n\"a/*\" = { input = -1, output = 1.1234567 }\nb = { input = 1 }\nc = { input = 1, output = 1000001, cached = 1 }",
        &[
            "3:1 invalid-name",
            "4:19 out-of-range",
            "4:32 out-of-range",
            "5:1 missing-field",
            "6:27 out-of-range",
            "6:36 unknown-field",
        ],
    ),
    (
        "constraints = [\"Be brief.\", \"a\\u0007\"]",
        &["2:29 invalid-value"],
    ),
    (
        "constraints = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\", \"i\", \"j\", \"k\", \"l\"]",
        &["2:116 too-many"],
    ),
    (
        "[budget]\nagents = 0\ngate_bits = true\nusd = 0.0000001\nwall_minutes = 100000.001\ntoken = 1",
        &[
            "3:10 out-of-range",
            "4:13 wrong-type",
            "5:7 out-of-range",
            "6:16 out-of-range",
            "7:1 unknown-field",
        ],
    ),
    (
        "[budget.agent]\nusd = \"20\"\nagents = 1\n[budget.phase.\"a\\nb\"]\n[budget.phase.Find]\nusd = 1000001",
        &[
            "3:7 wrong-type",
            "4:1 unknown-field",
            "5:15 invalid-name",
            "7:7 out-of-range",
        ],
    ),
    (
        "[limits]\nagents_at_once = 5000\ncpu_ms = 1.5",
        &["3:18 out-of-range", "4:10 wrong-type"],
    ),
    // Servers.
    ("[tool.desk]", &["2:7 missing-field"]),
    (
        "[plugin.p]\nfile = \"p\"\n[tool.desk]\nplugin = \"p\"\nmcp = []\npin = \"abc\"",
        &["5:10 tool-use", "6:7 invalid-value", "7:7 invalid-value"],
    ),
    (
        "[tool.desk]\nmcp = \"http://a.org/mcp\"\nenv = [\"A B\"]",
        &["3:7 invalid-value", "4:8 invalid-name"],
    ),
    (
        "[tool.desk]\nmcp = [\"desk\"]\nsecrets = { TOKEN = \"desk\" }",
        &["4:21 unknown-secret"],
    ),
    (
        "[plugin.p]\nfile = \"p\"\n[tool.desk]\nplugin = \"p\"\nenv = [\"HOME\"]",
        &["6:8 tool-use"],
    ),
    (
        "[tool.desk]\nmcp = [\"desk\"]\n[tool.desk.fn.mails]\nparse = \"xml\"\nitems = \"mails\"",
        &["5:9 invalid-value", "6:9 invalid-pointer"],
    ),
    // The web and its secrets.
    (
        "[web.docs]\nallow = []\ntags = []\nmethods = [\"get\", \"GET\", \"steal\"]",
        &["2:6 missing-field", "5:19 duplicate", "5:26 invalid-value"],
    ),
    (
        "[web.docs]\nallow = [\"a.org\", \"ftp://a.org/\", \"https://A.org/\"]\nprivate = [\"127.0.0.1\"]",
        &[
            "2:6 missing-field",
            "3:10 invalid-value",
            "3:19 invalid-value",
            "3:35 invalid-value",
            "4:12 invalid-value",
        ],
    ),
    (
        "[web.docs]\nallow = [\"https://a.org/**\"]\ntags = []\nheaders = { Authorization = \"Bearer ghp_123\", Host = \"b.org\" }",
        &["5:29 invalid-value", "5:47 invalid-value"],
    ),
    ("[secret.key]\nfrom = \"ghp_123\"", &["3:8 invalid-value"]),
    (
        "[secret.key]\nfrom = \"env:KEY\"\nhosts = [\"a.org\"]\n[web.docs]\nallow = [\"https://*.a.org/**\"]\ntags = []\nheaders = { X-Key = \"{secret.key}\", X-Other = \"{secret.kee}\" }",
        &["8:21 secret-host", "8:47 unknown-secret"],
    ),
    (
        "[secret.key]\nfrom = \"env:KEY\"\nhosts = [\"a.org\"]\n[web.docs]\nallow = [\"http://a.org/**\"]\ntags = []\nheaders = { X-Key = \"{secret.key}\" }",
        &["8:21 secret-host"],
    ),
    (
        "[web.search]\nurl = \"https://a.org/{query}\"\ntags = []",
        &["3:7 invalid-value"],
    ),
    (
        "[web.search]\nurl = \"https://a.org/s\"\nbody = \"no\"\nresults = \"x\"\ntags = []",
        &[
            "3:7 invalid-value",
            "4:8 invalid-value",
            "5:11 invalid-pointer",
        ],
    ),
    (
        "[tool.web]\nplugin = \"p\"\n[plugin.p]\nfile = \"p\"",
        &["2:7 reserved-name"],
    ),
];

pub(crate) fn parse(text: &str) -> Result<Policy, Vec<Diagnostic>> {
    Policy::parse("lazaret.toml", &format!("version = 1\n{text}"))
}

/// Compiles a policy that needs no plugin.
pub(crate) fn compiled(text: &str) -> Compiled {
    compile(&parse(text).unwrap(), &BTreeMap::new()).unwrap()
}

/// Place and code of each problem.
pub(crate) fn problems_of(text: &str) -> Vec<String> {
    let problems = parse(text).err().unwrap_or_default();
    let shown = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.code);
    problems.iter().map(shown).collect()
}

pub(crate) fn hint_of(text: &str) -> String {
    let problems = parse(text).unwrap_err();
    let first = problems.into_iter().next();
    first.and_then(|one| one.hint).unwrap_or_default()
}

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut wrong = Vec::new();
    for (text, expected) in CASES {
        let found = problems_of(text);
        if found != *expected {
            let problems = parse(text).err();
            wrong.push(format!("{text}\n  {expected:?}\n  {found:?} {problems:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_policy_of_another_version_is_refused() {
    let code = |text| Policy::parse("lazaret.toml", text).unwrap_err()[0].code;
    assert_eq!(code("version = 2"), "policy-version");
    assert_eq!(code("version = \"1\""), "wrong-type");
    assert_eq!(code(""), "missing-field");
    assert!(parse("").is_ok());
}

#[test]
fn a_hint_names_the_nearest_word() {
    let unknown_tag =
        "[source.args]\ntags = [\"issue\"]\n[gate.a]\nremoves = [\"isue\"]\nbits_per_item = 1";
    assert_eq!(hint_of(unknown_tag), "did you mean `issue`?");
    assert_eq!(
        hint_of(
            "[files.a]\npath = \"a\"\ntags = []\n[profile.b]\nplugin = \"b\"\nuse = [\"files.a.raed\"]\n[plugin.b]\nfile = \"b\""
        ),
        "did you mean `files.a.read`?"
    );
    assert_eq!(
        hint_of(
            "[files.a]\npath = \"a\"\ntags = []\n[profile.b]\nplugin = \"b\"\nuse = [\"files.a.write\"]\n[plugin.b]\nfile = \"b\""
        ),
        "the directory is read only; set `write = true` to write to it"
    );
    assert_eq!(
        hint_of("[profile.b]\nplugin = \"b\"\nuse = [\"files.a.write\"]\n[plugin.b]\nfile = \"b\""),
        "known here: `person.ask`"
    );
    assert_eq!(
        hint_of("[source.args]\ntags = []\nreaders = \"models\""),
        "for one principal write a list: `[\"models\"]`"
    );
}

#[test]
fn a_key_in_the_policy_is_not_repeated_in_the_message() {
    let problems =
        parse("[model.a]\nprovider = \"b\"\nmodel = \"c\"\nkey = \"sk-secret\"").unwrap_err();
    assert!(!format!("{problems:?}").contains("sk-secret"));
}

#[test]
fn one_past_each_maximum_is_refused_and_the_maximum_is_not() {
    let code = |text: String| parse(&text).err().map(|problems| problems[0].code);
    let list = |count: usize, item: &dyn Fn(usize) -> String| -> String {
        (0..count).map(item).collect::<Vec<_>>().concat()
    };
    let tags = |count| {
        format!(
            "[source.args]\ntags = [{}]",
            list(count, &|n| format!("\"t{n}\","))
        )
    };
    assert_eq!((code(tags(127)), code(tags(128))), (None, Some("too-many")));
    let people = |count| {
        format!(
            "[readers]\nall = [{}]",
            list(count, &|n| format!("\"p{n}\","))
        )
    };
    assert_eq!(
        (code(people(125)), code(people(126))),
        (None, Some("too-many"))
    );
    let gates = |count| {
        list(count, &|n| {
            format!("[gate.g{n}]\nremoves = []\nbits_per_item = 1\n")
        })
    };
    assert_eq!((code(gates(64)), code(gates(65))), (None, Some("too-many")));
    let mounts = |count| {
        list(count, &|n| {
            format!("[files.m{n}]\npath = \"m{n}\"\ntags = []\n")
        })
    };
    assert_eq!(
        (code(mounts(64)), code(mounts(65))),
        (None, Some("too-many"))
    );
    let tool = "[plugin.a]\nfile = \"a\"\n[tool.a]\nplugin = \"a\"\n";
    let args = |count| {
        format!(
            "{tool}[tool.a.fn.f.args]\n{}",
            list(count, &|n| format!("a{n} = []\n"))
        )
    };
    assert_eq!((code(args(32)), code(args(33))), (None, Some("too-many")));
    let functions = |count| format!("{tool}{}", list(count, &|n| format!("[tool.a.fn.f{n}]\n")));
    assert_eq!(
        (code(functions(510)), code(functions(511))),
        (None, Some("too-many"))
    );
    let fields = |count| {
        format!(
            "[source.args]\ntags = []\n{}",
            list(count, &|n| format!(
                "[[source.args.field]]\npointer = \"/f{n}\"\ntags = []\n"
            ))
        )
    };
    assert_eq!(
        (code(fields(256)), code(fields(257))),
        (None, Some("too-many"))
    );
    let uses = |count| {
        format!(
            "[plugin.a]\nfile = \"a\"\n[files.m]\npath = \"m\"\ntags = []\n[profile.p]\nplugin = \"a\"\nuse = [{}]",
            list(count, &|_| "\"files.m.read\",".to_owned())
        )
    };
    assert_eq!((code(uses(512)), code(uses(513))), (None, Some("too-many")));
    assert_eq!(code("#".repeat(MAX_POLICY_BYTES)), Some("too-large"));
}

#[test]
fn deep_nesting_is_refused_without_overflowing_the_stack() {
    for (before, inside, after) in [
        ("a = ", "[", ""),
        ("a = ", "[", "]"),
        ("a = ", "{a=", ""),
        ("a = ", "{a=", "}"),
        ("a", ".a", ""),
        ("[a", ".a", ""),
        ("[[a", ".a", ""),
    ] {
        let deep = (MAX_POLICY_BYTES - 40) / (inside.len() + after.len());
        let (opening, closing) = (inside.repeat(deep), after.repeat(deep));
        let end = match (before, after) {
            ("[a", _) => "]",
            ("[[a", _) => "]]",
            ("a", _) => " = 1",
            _ => "",
        };
        let text = format!("{before}{opening}{closing}{end}");
        assert!(parse(&text).is_err(), "{before}{inside}");
    }
}

#[test]
fn wrong_json_is_shown_at_its_own_byte_and_in_the_readers_words() {
    let text = concat!(
        "[source.args]\ntags = []\nitems = \"\"\n",
        "item_schema = '''\n{\n  \"type\": object\n}'''"
    );
    let problems = parse(text).unwrap_err();
    let wrong = problems
        .iter()
        .find(|one| one.code == "invalid-schema")
        .unwrap();
    assert_eq!(wrong.message, "`item_schema` is no JSON: expected value");
    assert_eq!(wrong.span.len(), 1);
}

#[test]
fn diagnostics_end_at_their_own_maximum() {
    let lines: Vec<String> = (0..500).map(|n| format!("x{n} = 1\n")).collect();
    let text = lines.concat();
    assert_eq!(parse(&text).unwrap_err().len(), MAX_DIAGNOSTICS);
}

#[test]
fn a_policy_tells_which_plugins_it_needs() {
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    let files: Vec<&str> = policy
        .plugins()
        .iter()
        .map(|plugin| plugin.file.as_str())
        .collect();
    assert_eq!(
        files,
        [
            "triage-orchestrator.wasm",
            "triage-reader.wasm",
            "triage-actor.wasm",
            "triage-tracker.wasm"
        ]
    );
    assert_eq!(policy.workflow_name(), Some("triage"));
    assert_eq!(policy.text(), POLICY);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        let _parsed = parse(&text);
    }

    #[test]
    fn no_damage_makes_the_parser_panic(
        cut in 0..POLICY.len(),
        length in 0..40usize,
        other in "[\\[\\]{}=\",.'*0-9a-z\\n\\PC]{0,8}",
    ) {
        let end = (cut + length).min(POLICY.len());
        let damaged = format!("{}{other}{}", &POLICY[..cut], &POLICY[end..]);
        if let Err(problems) = Policy::parse("lazaret.toml", &damaged) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|one| one.line >= 1 && one.column >= 1));
        }
    }
}
