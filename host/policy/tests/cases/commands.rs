//! Do `[command]` and `[tree]` become the functions that they say, and is what is wrong with
//! them shown with its place?

use std::collections::BTreeMap;

use lazaret_kernel::tables::Verdict;
use lazaret_policy::command::{MAX_WORD_BYTES, MAX_WORDS, hardened};
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Compiled, FunctionKind};
use lazaret_policy::policy::Policy;

use crate::triage::manifest;

/// The part of the usual policy that is about commands and the tree.
const USUAL: &str = r#"version = 1
[readers]
private = ["operator", "models"]
[source]
project = { path = ".", tags = ["repo"], readers = "private", hide = [".env*", "*.pem"] }
github = { tags = ["pr"], readers = "private" }
[secret.github]
from = "env:GITHUB_TOKEN"
hosts = ["github.com", "api.github.com"]
[tree]
from = "working-copy"
share = ["node_modules", ".venv"]
apply = { tolerate = ["repo"], otherwise = "ask" }
[command]
sandbox = "required"
caches = ["~/.cargo/registry", "~/.rustup"]
read = ["git diff *", "ls *"]
build = { run = ["cargo *", "npm test"], write = true }
remote = { run = ["git fetch *", "gh pr view *"], net = ["github.com", "api.github.com"], secrets = ["github"], label = "github" }
exits = { run = ["git push *"], net = ["github.com"], secrets = { GH_TOKEN = "github" }, decide = "ask" }
"#;

/// Wrong policies: what stands in the place of a line of the usual one, then place and code.
const WRONG: &[(&str, &str, &str)] = &[
    ("[tree]", "[trea]", "10:2 unknown-field"),
    (
        "from = \"working-copy\"",
        "from = \"head\"",
        "11:8 invalid-value",
    ),
    (
        "share = [",
        "source = \"github\"\nshare = [",
        "12:10 missing-field",
    ),
    (
        "share = [\"node_modules\"",
        "share = [\"../x\"",
        "12:10 unsafe-path",
    ),
    (
        "otherwise = \"ask\"",
        "otherwise = \"do\"",
        "13:44 invalid-value",
    ),
    (
        "apply = { tolerate = [\"repo\"]",
        "apply = { tolerate = [\"pr\"]",
        "13:22 store-tolerance",
    ),
    (
        "apply = { tolerate = [\"repo\"]",
        "apply = { tolerate = \"*\"",
        "13:22 store-tolerance",
    ),
    ("apply = {", "apply = { when = 1,", "13:11 unknown-field"),
    (
        "sandbox = \"required\"",
        "sandbox = \"off\"",
        "15:11 invalid-value",
    ),
    (
        "sandbox = \"required\"",
        "processes = 300",
        "15:13 out-of-range",
    ),
    (
        "sandbox = \"required\"",
        "wall_ms = 3_600_001",
        "15:11 out-of-range",
    ),
    ("\"~/.rustup\"", "\"~/../x\"", "16:32 unsafe-path"),
    ("\"~/.rustup\"", "\"rustup\"", "16:32 unsafe-path"),
    ("\"ls *\"", "\"/bin/ls *\"", "17:23 invalid-value"),
    ("\"ls *\"", "\"bash -c *\"", "17:23 invalid-value"),
    ("\"ls *\"", "\"*\"", "17:23 invalid-value"),
    ("\"git diff *\"", "\"git\"", "17:9 invalid-value"),
    ("\"git diff *\"", "\"git stash *\"", "17:9 invalid-value"),
    ("\"git diff *\"", "\"git sta*h\"", "17:9 invalid-value"),
    ("\"git diff *\"", "\"git -c *\"", "17:9 invalid-value"),
    (
        "\"git diff *\"",
        "\"git diff --ext-diff *\"",
        "17:9 invalid-value",
    ),
    (
        "\"git fetch *\"",
        "\"git fetch ext::sh *\"",
        "19:19 invalid-value",
    ),
    (
        "read = [\"git diff *\", \"ls *\"]",
        "read = 3",
        "17:8 wrong-type",
    ),
    (
        "read = [\"git diff *\", \"ls *\"]",
        "read = []",
        "17:1 missing-field",
    ),
    ("write = true", "wrote = true", "18:42 unknown-field"),
    (
        "label = \"github\"",
        "label = \"githb\"",
        "19:121 unknown-label",
    ),
    (
        "net = [\"github.com\"]",
        "net = [\"https://github.com\"]",
        "20:40 invalid-value",
    ),
    (
        "net = [\"github.com\"]",
        "net = [\"evil.org\"]",
        "20:76 secret-host",
    ),
    ("net = [\"github.com\"], ", "", "20:56 secret-host"),
    (
        "GH_TOKEN = \"github\"",
        "GH_TOKEN = \"gitlab\"",
        "20:78 unknown-secret",
    ),
    (
        "decide = \"ask\"",
        "decide = \"maybe\"",
        "20:99 invalid-value",
    ),
    (
        "project = { path = \".\",",
        "project = {",
        "10:2 missing-field",
    ),
];

fn parsed(text: &str) -> Result<Policy, Vec<String>> {
    Policy::parse("lazaret.toml", text).map_err(|problems| {
        let shown =
            |one: &lazaret_policy::Diagnostic| format!("{}:{} {}", one.line, one.column, one.code);
        problems.iter().map(shown).collect()
    })
}

fn usual() -> Compiled {
    let policy = parsed(USUAL).unwrap();
    compile(&policy, &BTreeMap::new()).unwrap()
}

#[test]
fn each_group_is_a_function_of_its_own() {
    let compiled = usual();
    let rules: Vec<String> = compiled
        .functions
        .iter()
        .zip(0..)
        .filter(|(one, _)| matches!(one.kind, FunctionKind::Command { .. } | FunctionKind::Apply))
        .map(|(_, id)| compiled.rule_words(lazaret_kernel::tables::FunctionId(id)))
        .collect();
    assert_eq!(
        rules,
        [
            "run.apply(patch: [repo]) caller [repo] to [operator, models] gives [] for public: ask-otherwise about *",
            "command.read(argv: *, directory: *) caller * to [] gives [repo] for [operator, models]: allow",
            "command.build(argv: *, directory: *) caller * to [] gives [repo] for [operator, models]: allow",
            "command.remote(argv: [], directory: [], tree: []) caller [] to public gives [repo, pr] for [operator, models]: allow",
            "command.exits(argv: [], directory: [], tree: []) caller [] to public gives [repo] for [operator, models]: ask about [repo]",
        ]
    );
    let commands = compiled.commands.as_ref().unwrap();
    assert_eq!(commands.programs(), ["cargo", "gh", "git", "ls", "npm"]);
    assert_eq!(
        commands.group("remote").unwrap().secrets,
        [("GITHUB_TOKEN".to_owned(), "github".to_owned())]
    );
    assert!(commands.group("read").unwrap().write);
}

#[test]
fn the_source_of_the_tree_is_written_to_at_every_label() {
    let compiled = usual();
    let words = |name: &str| compiled.rule_words(compiled.function_id(name).unwrap());
    assert_eq!(
        words("files.project.write"),
        "files.project.write(path: *, content: *) caller * to [] gives [] for public: allow"
    );
    assert!(compiled.mounts["project"].tree);
    let apply = compiled.function_id("run.apply").unwrap();
    let rule = compiled.tables.function(apply).unwrap();
    assert!(matches!(rule.verdict, Verdict::AskOtherwise { .. }));
}

#[test]
fn without_a_tree_a_source_is_read_and_never_written() {
    let start = USUAL.find("[tree]").unwrap();
    let policy = parsed(&USUAL[..start]).unwrap_err();
    // Nothing refers to the other source any more.
    assert_eq!(policy, ["6:1 unknown-field"]);
    let text = USUAL[..start].replace("github = { tags", "other = { path = \"o\", tags");
    let compiled = compile(&parsed(&text).unwrap(), &BTreeMap::new()).unwrap();
    assert!(compiled.function_id("files.project.read").is_some());
    assert!(compiled.function_id("files.project.write").is_none());
    assert!(compiled.function_id("run.apply").is_none());
}

#[test]
fn commands_without_a_tree_are_refused() {
    let text = USUAL.replace("[tree]\nfrom = \"working-copy\"\n", "");
    let text = text.replace("share = [\"node_modules\", \".venv\"]\n", "");
    let text = text.replace(
        "apply = { tolerate = [\"repo\"], otherwise = \"ask\" }\n",
        "",
    );
    assert_eq!(parsed(&text).unwrap_err(), ["10:2 missing-field"]);
}

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut wrong = Vec::new();
    for (old, new, expected) in WRONG {
        assert!(USUAL.contains(old), "{old}");
        let problems = parsed(&USUAL.replacen(old, new, 1)).unwrap_err();
        if !problems.iter().any(|one| one == expected) {
            wrong.push(format!("{new}: {problems:?} and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_pattern_that_some_command_of_git_fits_is_taken() {
    for pattern in [
        "git *",
        "git st*",
        "git diff --stat *",
        "git diff --stat=*",
        "git * HEAD",
    ] {
        let text = USUAL.replacen("git diff *", pattern, 1);
        assert!(parsed(&text).is_ok(), "{pattern}");
    }
}

#[test]
fn a_tool_cannot_run_commands() {
    let text = format!(
        "{USUAL}[plugin.a]\nfile = \"a\"\n[tool.a]\nplugin = \"a\"\nuse = [\"command.read\"]\n"
    );
    assert_eq!(parsed(&text).unwrap_err(), ["25:8 tool-use"]);
}

#[test]
fn git_is_asked_only_what_is_harmless_and_told_to_start_no_program() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let commands = usual().commands.unwrap();
    let read = commands.group("read").unwrap();
    for (line, is_refused) in [
        ("git diff --stat", false),
        ("git diff --ext-diff", true),
        ("ls --ext-diff", false),
    ] {
        assert_eq!(read.refusal(&words(line)).is_some(), is_refused, "{line}");
    }
    assert_eq!(hardened(&words("ls --ext-diff")), words("ls --ext-diff"));
    assert_eq!(
        hardened(&words("git diff x")).join(" "),
        "git --no-pager -c protocol.allow=never -c protocol.https.allow=always diff \
         --no-ext-diff --no-textconv --ignore-submodules=dirty x"
    );
}

#[test]
fn one_past_what_a_command_a_word_a_program_or_a_group_may_have_is_refused() {
    assert_eq!((MAX_WORDS, MAX_WORD_BYTES), (256, 131_071));
    let commands = usual().commands.unwrap();
    let runs = |command: &[String]| commands.group("read").unwrap().refusal(command).is_none();
    let words = |count| vec!["ls".to_owned(); count];
    assert!(runs(&words(256)) && !runs(&words(257)));
    let word = |bytes| ["ls".to_owned(), "x".repeat(bytes)];
    assert!(runs(&word(131_071)) && !runs(&word(131_072)));
    let is_pattern = |text: &str| parsed(&USUAL.replacen("ls *", text, 1)).is_ok();
    let words = |count| words(count).join(" ");
    assert!(is_pattern(&words(256)) && !is_pattern(&words(257)));
    let program = |bytes| "a".repeat(bytes);
    assert!(is_pattern(&program(64)) && !is_pattern(&program(65)));
    // The usual one has another pattern before.
    let patterns = |count| vec!["ls *"; count].join("\", \"");
    assert!(is_pattern(&patterns(255)) && !is_pattern(&patterns(256)));
}

#[test]
fn worktrees_and_code_have_functions_that_reach_nobody() {
    let text = format!("{USUAL}[plugin.engine]\nfile = \"e\"\n[code]\nplugin = \"engine\"\n");
    let engine = manifest("engine", "orchestrator", "");
    let compiled = compile(&parsed(&text).unwrap(), &BTreeMap::from([engine])).unwrap();
    let words = |name: &str| compiled.rule_words(compiled.function_id(name).unwrap());
    for name in ["tree.patch", "tree.merge"] {
        let rule = "(worktree: *) caller * to [] gives [repo] for [operator, models]: allow";
        assert_eq!(words(name), format!("{name}{rule}"));
    }
    assert_eq!(
        words("code.run"),
        "code.run(source: *, input: *) caller * to [] gives [] for public: allow"
    );
}
