//! Runs every script of `tests/scripts/corpus` and compares what it asked with its snapshot.
//!
//! Each `NAME.js` has a `NAME.json` with the scenario and the expected transcript. `UPDATE=1`
//! writes the transcripts anew; read the difference before you keep it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::host::run;
use crate::scenario::Scenario;

/// The corpus's folder.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scripts/corpus")
}

/// The names of the scripts, in order.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the corpus is there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "js"));
    let mut names: Vec<String> = scripts
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The scenario and the transcript of a script.
pub(crate) fn case(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(format!("{name}.json")))
        .unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}"))
}

#[test]
fn every_script_of_the_corpus_asks_for_what_its_snapshot_says() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut differing = Vec::new();
    for name in names() {
        let case = case(&name);
        let scenario: Scenario =
            serde_json::from_value(case.get("scenario").cloned().unwrap_or(json!({})))
                .unwrap_or_else(|error| panic!("{name}.json: {error}"));
        let source = fs::read_to_string(folder().join(format!("{name}.js"))).unwrap();
        let transcript = run(&format!("{name}.js"), &source, &scenario).json();
        if update {
            let kept = json!({ "scenario": case.get("scenario").unwrap_or(&json!({})), "expected": transcript });
            fs::write(
                folder().join(format!("{name}.json")),
                serde_json::to_string_pretty(&kept).unwrap() + "\n",
            )
            .unwrap();
        } else if case.get("expected") != Some(&transcript) {
            differing.push(format!("{name}: {transcript:#}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn the_corpus_has_at_least_forty_scripts() {
    assert!(names().len() >= 40);
}
