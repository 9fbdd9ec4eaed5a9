//! `lazaret init` in fresh directories: what it finds, what it writes, and that a script runs.

use std::path::Path;
use std::process::{Command, Output};

use crate::binary;
use crate::calling;
use crate::model::{Model, Said, last_text};
use serde_json::{Value, json};

/// Variables by which a model could be found that is none of the test's.
const KEYS: [&str; 5] = [
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "GEMINI_API_KEY",
    "OPENROUTER_API_KEY",
];

struct Place {
    directory: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        let mut command = binary::command(self.path(), arguments);
        for key in KEYS {
            command.env_remove(key);
        }
        command
            .envs(self.variables.iter().map(|(name, value)| (*name, value)))
            .output()
            .unwrap()
    }

    fn policy(&self) -> String {
        std::fs::read_to_string(self.path().join("lazaret.toml")).unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A script as it is written for dynamic workflows.
const SCRIPT: &str = "export const meta = { name: 'look', description: 'asks two' }
    const all = await parallel([
      () => agent('one', { label: 'one' }),
      () => agent('two', { label: 'two', agentType: 'Explore', model: 'haiku' })])
    return all.join(' ')";

#[test]
fn in_a_fresh_repository_a_policy_is_written_that_is_sound_and_runs_a_script() {
    let model = Model::start(|request| Said::Text(format!("<{}>", last_text(request))));
    let mut place = Place::new();
    place.variables = vec![
        ("OPENAI_API_KEY", "k".to_owned()),
        ("OPENAI_BASE_URL", model.address),
    ];
    let git = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(place.path())
        .status();
    assert!(git.expect("git is there").success());
    place.write("Cargo.toml", "[package]\nname = \"x\"\n");
    let output = place.lazaret(&["init", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("found: a git repository; cargo"),
        "{}",
        said(&output)
    );

    let output = place.lazaret(&["policy", "check", "--strict", "--json"]);
    let checked: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    assert_eq!(output.status.code(), Some(0), "{checked:#}");

    place.write("look.js", SCRIPT);
    let output = place.lazaret(&["run", "look.js", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    assert_eq!(report["result"], "<one> <two>", "{report:#}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn in_a_repository_commands_may_ask_github_and_what_others_see_is_a_question() {
    let written = |is_repository: bool, token: &'static str| {
        let mut place = Place::new();
        if is_repository {
            std::fs::create_dir(place.path().join(".git")).unwrap();
        }
        place.variables = vec![("GITHUB_TOKEN", String::new()), ("GH_TOKEN", String::new())];
        place.variables.push((token, "ghp_very_secret".to_owned()));
        let output = place.lazaret(&["init", "--yes"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let checked = place.lazaret(&["policy", "check", "--strict"]);
        assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
        assert!(!place.policy().contains("ghp_very_secret"));
        let policy: toml::Table = place.policy().parse().unwrap();
        policy
    };
    let policy = written(true, "GH_TOKEN");
    assert_eq!(
        policy["secret"]["github"]["from"].as_str(),
        Some("env:GH_TOKEN")
    );
    let policy = written(true, "GITHUB_TOKEN");
    assert_eq!(
        policy["secret"]["github"]["from"].as_str(),
        Some("env:GITHUB_TOKEN")
    );
    let hosts = policy["secret"]["github"]["hosts"].clone();
    let commands = &policy["command"];
    for (group, decide) in [("remote", "ask-otherwise"), ("exits", "ask")] {
        assert_eq!(commands[group]["net"], hosts, "{group}");
        assert_eq!(commands[group]["label"].as_str(), Some("github"), "{group}");
        assert_eq!(commands[group]["decide"].as_str(), Some(decide), "{group}");
    }
    // What a person lets out by `exits` comes back with its tags, by commands and as a page.
    let carries = |one: &toml::Value, tag: &str| {
        let tags = one["tags"].as_array().unwrap();
        tags.iter().any(|other| other.as_str() == Some(tag))
    };
    for tag in ["web", "pr", "repo", "unknown"] {
        assert!(carries(&policy["web"]["pages"], tag), "{tag}");
        let source = &policy["source"]["github"];
        assert!(tag == "repo" || carries(source, tag), "{tag}");
    }
    let uses = |policy: &toml::Table, profile: &str, function: &str| {
        let granted = policy["profile"][profile]["use"].as_array().unwrap();
        granted.iter().any(|one| one.as_str() == Some(function))
    };
    assert!(uses(&policy, "general-purpose", "command.remote"));
    assert!(uses(&policy, "general-purpose", "command.exits"));
    assert!(uses(&policy, "Explore", "command.remote"));
    assert!(!uses(&policy, "Explore", "command.exits"));
    // Where there is no repository nothing of it is written.
    let bare = written(false, "GITHUB_TOKEN");
    assert!(!bare.contains_key("secret") && bare["command"].get("exits").is_none());
    assert!(!uses(&bare, "general-purpose", "command.remote"));
    assert_eq!(bare["web"]["pages"]["tags"].as_array().unwrap().len(), 1);
}

/// A model that mends a crate's test and runs it.
fn mender() -> calling::Model {
    calling::Model::start(|request| {
        let messages = request["messages"].as_array().unwrap();
        let results: Vec<String> = messages
            .iter()
            .filter(|message| message["role"] == "tool")
            .map(calling::text_of)
            .collect();
        let call = |name: &str, arguments: Value| {
            calling::Said::Calls(vec![(name.to_owned(), arguments.to_string())])
        };
        match results.as_slice() {
            [] => call("read_file", json!({ "path": "project/src/lib.rs" })),
            [text] if text.contains("1 + 1, 3") => call(
                "edit_file",
                json!({ "path": "project/src/lib.rs", "old": "1 + 1, 3", "new": "1 + 1, 2" }),
            ),
            [_, _] => call(
                "command__build",
                json!({ "argv": ["cargo", "test", "--quiet"] }),
            ),
            [_, _, tested] => {
                let told: Value = serde_json::from_str(tested).unwrap_or_default();
                let status = told.get("status").cloned().unwrap_or_default();
                calling::Said::Text(format!("ended with {status}"))
            }
            other => calling::Said::Text(format!("{other:?}")),
        }
    })
}

#[test]
fn a_script_that_reads_edits_and_tests_a_repository_runs_without_a_question() {
    let model = mender();
    let mut place = Place::new();
    place.variables = vec![
        ("OPENAI_API_KEY", "k".to_owned()),
        ("OPENAI_BASE_URL", model.address),
    ];
    place.write(
        "Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    std::fs::create_dir(place.path().join("src")).unwrap();
    place.write(
        "src/lib.rs",
        "#[test]\nfn adds() {\n    assert_eq!(1 + 1, 3);\n}\n",
    );
    let output = place.lazaret(&["init", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    place.write(
        "mend.js",
        "export const meta = { name: 'mend', description: 'mends a test' }
        return await agent('mend the test')",
    );
    let output = place.lazaret(&["run", "mend.js", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    assert_eq!(report["result"], "ended with 0", "{report:#}");
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!(report["approvals"], json!([]), "{report:#}");
    let mended = std::fs::read_to_string(place.path().join("src/lib.rs")).unwrap();
    assert!(mended.contains("1 + 1, 2"), "{mended}");
}

#[test]
fn a_policy_that_is_there_is_not_overwritten() {
    let place = Place::new();
    place.write("lazaret.toml", "mine");
    let output = place.lazaret(&["init", "--yes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("is not overwritten"),
        "{}",
        said(&output)
    );
    assert_eq!(place.policy(), "mine");
}

#[test]
fn the_projects_text_reaches_web_sites_only_where_somebody_says_so() {
    let readers = |flag: &str| {
        let place = Place::new();
        let output = place.lazaret(&["init", flag]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let policy: toml::Table = place.policy().parse().unwrap();
        policy["source"]["project"]["readers"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(readers("--yes"), "private");
    assert_eq!(readers("--web"), "public");
}

#[test]
fn keys_in_the_environment_are_named_and_never_written() {
    let mut place = Place::new();
    place.variables = vec![("ANTHROPIC_API_KEY", "sk-very-secret".to_owned())];
    let output = place.lazaret(&["init", "--yes", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let policy = place.policy();
    assert!(
        policy.contains("anthropic = { key = \"env:ANTHROPIC_API_KEY\" }"),
        "{policy}"
    );
    assert!(!policy.contains("sk-very-secret") && !said(&output).contains("sk-very-secret"));
    let output = place.lazaret(&["policy", "check"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}
