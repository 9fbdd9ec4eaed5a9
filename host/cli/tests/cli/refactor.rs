//! A type of a crate of some ten thousand lines is renamed by fifty agents: each module in a
//! worktree of its own, each change reviewed by a second agent, all of it merged and tested, and
//! then applied. The model is a server on loopback that answers as a model would.
//!
//! Needs the distribution that `cargo xtask test` builds and names in `LAZARET_DIST`, git, cargo,
//! and a kernel that confines commands.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary;
use crate::calling::{Model, Said, text_of};
use serde_json::{Value, json};

/// How many modules the crate has besides its root: each takes two agents.
const MODULES: usize = 24;

const OLD: &str = "Account";
const NEW: &str = "Holding";

const SCRIPT: &str = r"export const meta = { name: 'rename-type', description: 'renames a type, module by module' }
const DONE = { type: 'object', properties: { done: { type: 'boolean' } }, required: ['done'] }
const OK = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
phase('Rename')
const all = await pipeline(args.modules,
  file => agent(`RENAME ${args.from} to ${args.to} in project/src/${file}`,
    { label: `rename ${file}`, phase: 'Rename', isolation: 'worktree', schema: DONE }),
  (made, file) => agent(`REVIEW the worktree ${made.worktree} of ${file}`,
    { label: `review ${file}`, phase: 'Review', agentType: 'reviewer', schema: OK })
    .then(said => ({ file, worktree: made.worktree, ok: said.ok })))
const good = all.filter(one => one && one.ok)
phase('Merge')
const merged = await agent(`MERGE ${good.map(one => one.worktree).join(' ')}`,
  { label: 'merge', agentType: 'merger', schema: OK })
const tested = await agent('TEST the crate', { label: 'test', agentType: 'tester', schema: OK })
return { reviewed: good.length, merged: merged.ok, tested: tested.ok }
";

fn policy(model: &Model) -> String {
    format!(
        r#"version = 1
[readers]
private = ["operator", "models"]
[source]
args = {{ tags = ["unknown"], readers = "private" }}
project = {{ path = ".", tags = ["repo"], readers = "private", hide = ["*.pem", "script.js", "lazaret.toml", "state/**"] }}
[workflow]
name = "script"
orchestrator = "script"
untrusted = "float"
print = true
[plugin.script]
file = "script.wasm"
[plugin.agent]
file = "agent.wasm"
[model.default]
provider = "openai"
model = "test"
base_url = "{}"
[tree]
apply = {{ tolerate = ["repo"] }}
[command]
caches = ["~/.rustup"]
test = ["cargo test *"]
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.default", "files.read", "files.write"]
[profile.reviewer]
plugin = "agent"
reads = "*"
use = ["model.default", "tree.patch"]
[profile.merger]
plugin = "agent"
reads = "*"
use = ["model.default", "tree.merge"]
[profile.tester]
plugin = "agent"
reads = "*"
use = ["model.default", "command.test"]
"#,
        model.address
    )
}

/// Answers as a model that does what it is asked.
fn answer(request: &Value) -> Said {
    let messages = request["messages"].as_array().unwrap();
    let prompt = messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user")
        .map(text_of)
        .unwrap();
    let words: Vec<&str> = prompt.split_whitespace().collect();
    let at = |word: &str| words.iter().position(|one| one.ends_with(word));
    let results: Vec<String> = messages
        .iter()
        .filter(|message| message["role"] == "tool")
        .map(text_of)
        .collect();
    let call = |name: &str, arguments: Value| (name.to_owned(), arguments.to_string());
    if at("RENAME").is_some() {
        if results.is_empty() {
            let path = words
                .iter()
                .find(|word| word.starts_with("project/"))
                .unwrap();
            let edit = json!({ "path": path, "old": OLD, "new": NEW, "all": true });
            return Said::Calls(vec![call("edit_file", edit)]);
        }
        let done = results.iter().all(|result| result.contains("replaced"));
        return Said::Text(json!({ "done": done }).to_string());
    }
    if at("REVIEW").is_some() {
        let worktree = words[at("worktree").unwrap() + 1];
        if results.is_empty() {
            return Said::Calls(vec![call("tree__patch", json!({ "worktree": worktree }))]);
        }
        return Said::Text(json!({ "ok": is_rename(&results[0]) }).to_string());
    }
    if let Some(start) = at("MERGE") {
        if results.is_empty() {
            let names = words[start + 1..]
                .iter()
                .filter(|word| word.starts_with('w'));
            let calls = names.map(|name| call("tree__merge", json!({ "worktree": name })));
            return Said::Calls(calls.collect());
        }
        let merged = |text: &String| {
            let told: Value = serde_json::from_str(text).unwrap_or_default();
            told["conflicts"] == json!([]) && told["merged"] != json!([])
        };
        return Said::Text(json!({ "ok": results.iter().all(merged) }).to_string());
    }
    if at("TEST").is_some() {
        if results.is_empty() {
            let argv = json!({ "argv": ["cargo", "test", "--quiet"] });
            return Said::Calls(vec![call("command__test", argv)]);
        }
        let told: Value = serde_json::from_str(&results[0]).unwrap_or_default();
        return Said::Text(json!({ "ok": told["status"] == 0 }).to_string());
    }
    Said::Text("I do not know what to do".to_owned())
}

/// Returns the text of a request's last message.
fn last_of(request: &Value) -> String {
    let messages = request["messages"].as_array();
    messages
        .and_then(|all| all.last())
        .map(text_of)
        .unwrap_or_default()
}

/// Whether a patch changes one file, and in it nothing but the name.
fn is_rename(text: &str) -> bool {
    let told: Value = serde_json::from_str(text).unwrap_or_default();
    let Some([change]) = told["changes"].as_array().map(Vec::as_slice) else {
        return false;
    };
    let lines = |sign: char| -> Vec<String> {
        let diff = change["diff"].as_str().unwrap_or_default();
        let lines = diff.lines().filter(|line| line.starts_with(sign));
        let lines = lines.filter(|line| !line.starts_with("---") && !line.starts_with("+++"));
        lines.map(|line| line[1..].to_owned()).collect()
    };
    let (old, new) = (lines('-'), lines('+'));
    !old.is_empty() && old.iter().map(|line| line.replace(OLD, NEW)).eq(new)
}

/// A module of some four hundred lines: operations on accounts, with tests.
fn module(number: usize) -> String {
    let mut text =
        format!("//! Part {number} of the book: what its accounts can do.\n\nuse crate::{OLD};\n");
    for function in 0..24 {
        let factor = number * 31 + function + 1;
        write!(
            text,
            "
/// Moves an amount within {OLD} `from`, by the rule {factor}.
///
/// The rest stays where it is.
pub fn rule_{number}_{function}(from: &{OLD}, amount: u64) -> {OLD} {{
    let mut next = from.clone();
    if amount > from.balance {{
        next.refused += 1;
        return next;
    }}
    next.balance -= amount;
    next.moved += amount * {factor};
    if next.moved % 2 == 0 {{
        next.notes.push(format!(\"{{}} moved {{amount}}\", from.owner));
    }}
    next
}}
"
        )
        .unwrap();
    }
    write!(text, "\n#[cfg(test)]\nmod tests {{\n    use super::*;\n").unwrap();
    for function in 0..6 {
        let factor = number * 31 + function + 1;
        write!(
            text,
            "
    #[test]
    fn rule_{function}_moves_what_is_there() {{
        let account = {OLD}::of(\"ada\", 10);
        let next = rule_{number}_{function}(&account, 4);
        assert_eq!((next.balance, next.moved), (6, 4 * {factor}));
        assert_eq!(rule_{number}_{function}(&account, 11).refused, 1);
    }}
"
        )
        .unwrap();
    }
    text.push_str("}\n");
    text
}

fn root(modules: usize) -> String {
    let mut text = "//! A book of accounts.\n\n".to_owned();
    // The first module has the type itself.
    writeln!(text, "pub use part_0::{OLD};\n").unwrap();
    for number in 0..modules {
        writeln!(text, "pub mod part_{number};").unwrap();
    }
    text
}

fn first_module() -> String {
    let text = module(0).replace(&format!("use crate::{OLD};\n"), "");
    let kind = format!(
        "
/// What somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct {OLD} {{
    /// Who.
    pub owner: String,
    /// How much.
    pub balance: u64,
    /// What went through it.
    pub moved: u64,
    /// How often it was refused.
    pub refused: u64,
    /// What happened.
    pub notes: Vec<String>,
}}

impl {OLD} {{
    /// Returns somebody's, with so much in it.
    pub fn of(owner: &str, balance: u64) -> Self {{
        Self {{ owner: owner.to_owned(), balance, ..Self::default() }}
    }}
}}
"
    );
    text + &kind.replace("#[cfg(test)]", "")
}

fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// A repository with a crate of so many modules, the script and the policy.
fn crate_of(modules: usize, model: &Model) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"book\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
    );
    write(".gitignore", "/target\n/state\n");
    write("src/lib.rs", &root(modules));
    write("src/part_0.rs", &first_module());
    for number in 1..modules {
        write(&format!("src/part_{number}.rs"), &module(number));
    }
    git(directory.path(), &["init", "-q"]);
    git(directory.path(), &["add", "-A"]);
    git(directory.path(), &["commit", "-q", "-m", "the book"]);
    write("script.js", SCRIPT);
    write("lazaret.toml", &policy(model));
    directory
}

fn lazaret(directory: &Path, arguments: &[&str]) -> Command {
    binary::command(directory, arguments)
}

fn arguments(modules: usize) -> String {
    // The root and the first module name the type together; the root is a module too.
    let mut files: Vec<String> = (1..modules)
        .map(|number| format!("part_{number}.rs"))
        .collect();
    files.push("part_0.rs".to_owned());
    files.push("lib.rs".to_owned());
    json!({ "modules": files, "from": OLD, "to": NEW }).to_string()
}

fn left_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory.join("state/trees"));
    let entries = entries.into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn fifty_agents_rename_a_type_and_the_result_compiles_and_passes() {
    let model = Model::start(answer);
    let directory = crate_of(MODULES - 1, &model);
    let lines: usize = std::fs::read_dir(directory.path().join("src"))
        .unwrap()
        .map(|entry| {
            std::fs::read_to_string(entry.unwrap().path())
                .unwrap()
                .lines()
                .count()
        })
        .sum();
    assert!((9_000..12_000).contains(&lines), "{lines} lines");
    let run = lazaret(
        directory.path(),
        &[
            "run",
            "script.js",
            "--json",
            "--args",
            &arguments(MODULES - 1),
        ],
    );
    let output = { run }.output().unwrap();
    let report = binary::report(&output);
    let expected = json!({ "reviewed": MODULES, "merged": true, "tested": true });
    assert_eq!(report["result"], expected, "{report}");
    assert_eq!(report["agents"]["completed"], 2 * MODULES + 2, "{report}");
    assert_eq!(report["files"]["applied"], true, "{report}");
    assert_eq!(report["files"]["worktrees"], json!([]), "{report}");
    assert_eq!(left_in(directory.path()), Vec::<String>::new());
    for entry in std::fs::read_dir(directory.path().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains(OLD) && text.contains(NEW) | path.ends_with("lib.rs"),
            "{path:?}"
        );
    }
    let tested = Command::new("cargo")
        .args(["test", "--quiet", "--offline"])
        .current_dir(directory.path())
        .env("CARGO_TARGET_DIR", directory.path().join("target"))
        .env_remove("CARGO_BUILD_BUILD_DIR")
        .output()
        .unwrap();
    assert!(
        tested.status.success(),
        "{}",
        String::from_utf8_lossy(&tested.stdout)
    );
}

#[test]
fn a_run_that_was_killed_amid_its_worktrees_goes_on_and_leaves_nothing() {
    // The model hangs once everything was renamed, until the run was killed.
    let alive = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let hangs = std::sync::Arc::clone(&alive);
    let model = Model::start(move |request| {
        let last = last_of(request);
        let resumed = hangs.load(std::sync::atomic::Ordering::SeqCst);
        if !resumed && last.contains("REVIEW") {
            return Said::Silence;
        }
        answer(request)
    });
    let directory = crate_of(4, &model);
    let mut child = lazaret(
        directory.path(),
        &["run", "script.js", "--json", "--args", &arguments(4)],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let begun = Instant::now();
    let reviews = || {
        let asked = model.asked.lock().unwrap();
        asked
            .iter()
            .filter(|request| last_of(request).contains("REVIEW"))
            .count()
    };
    while reviews() < 3 {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "no review was asked for"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(left_in(directory.path()).len(), 1);
    alive.store(true, std::sync::atomic::Ordering::SeqCst);
    let id = left_in(directory.path()).remove(0);
    let output = lazaret(directory.path(), &["resume", &id, "--json"])
        .output()
        .unwrap();
    let report = binary::report(&output);
    assert_eq!(report["result"]["reviewed"], 5, "{report}");
    assert_eq!(report["files"]["applied"], true, "{report}");
    assert_eq!(left_in(directory.path()), Vec::<String>::new());
    let text = std::fs::read_to_string(directory.path().join("src/part_3.rs")).unwrap();
    assert!(text.contains(NEW) && !text.contains(OLD));
}

#[test]
fn what_two_worktrees_change_in_different_ways_is_a_conflict_that_is_named() {
    let model = Model::start(|request| {
        let text = request.to_string();
        let results = text.matches("\"role\":\"tool\"").count();
        let word = |from: &str, to: &str| {
            let edit = json!({ "path": "project/notes.txt", "old": from, "new": to });
            Said::Calls(vec![("edit_file".to_owned(), edit.to_string())])
        };
        match results {
            0 if text.contains("FIRST") => word("one", "eins"),
            0 if text.contains("SECOND") => word("one", "uno"),
            0 if text.contains("MERGE") => {
                let name = if text.contains("MERGE w1") {
                    "w1"
                } else {
                    "w2"
                };
                let call = json!({ "worktree": name }).to_string();
                Said::Calls(vec![("tree__merge".to_owned(), call)])
            }
            _ if text.contains("MERGE") => Said::Text(last_of(request)),
            _ => Said::Text("done".to_owned()),
        }
    });
    let directory = crate_of(1, &model);
    std::fs::write(directory.path().join("notes.txt"), "one\n").unwrap();
    git(directory.path(), &["add", "notes.txt"]);
    git(directory.path(), &["commit", "-q", "-m", "notes"]);
    let script = "export const meta = { name: 'two', description: 'two at once' }
        const told = []
        for (const word of ['FIRST', 'SECOND'])
          told.push(await agent(word, { isolation: 'worktree' }))
        const merged = []
        for (const name of ['w1', 'w2'])
          merged.push(await agent('MERGE ' + name, { agentType: 'merger' }))
        return { told, merged }";
    std::fs::write(directory.path().join("script.js"), script).unwrap();
    let output = lazaret(directory.path(), &["run", "script.js", "--json"])
        .output()
        .unwrap();
    let report = binary::report(&output);
    let told = &report["result"]["told"];
    assert_eq!(told[0], "done\n\n(worktree: w1)", "{report}");
    let merged = report["result"]["merged"].to_string();
    assert!(
        merged.contains("conflicts") && merged.contains("notes.txt"),
        "{report}"
    );
    assert_eq!(report["files"]["worktrees"], json!(["w2"]), "{report}");
    let text = std::fs::read_to_string(directory.path().join("notes.txt")).unwrap();
    assert_eq!(text, "eins\n");
}

#[test]
fn without_a_repository_no_agent_starts_in_the_shared_tree_instead() {
    let model = Model::start(|_| Said::Text("done".to_owned()));
    let directory = crate_of(1, &model);
    std::fs::remove_dir_all(directory.path().join(".git")).unwrap();
    let script = "export const meta = { name: 'one', description: 'one' }
        try { return await agent('x', { isolation: 'worktree' }) } catch (error) { return String(error) }";
    std::fs::write(directory.path().join("script.js"), script).unwrap();
    let output = lazaret(directory.path(), &["run", "script.js", "--json"])
        .output()
        .unwrap();
    let report = binary::report(&output);
    assert!(
        report["result"]
            .to_string()
            .contains("this is no git repository"),
        "{report}"
    );
    assert_eq!(report["agents"]["started"], 0, "{report}");
}
