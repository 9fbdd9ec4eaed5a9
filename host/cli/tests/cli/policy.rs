//! `lazaret policy`: what is said of policies, and of what runs were refused.

use std::path::PathBuf;
use std::process::Output;

use crate::binary;
use lazaret_journal::{Blob, Journal, NewRun, Record, RunId, Status as JournalStatus};
use lazaret_workflow::event::{Basis, Event};
use lazaret_workflow::status::Status;
use serde_json::Value;

struct Place {
    directory: tempfile::TempDir,
    dist: PathBuf,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            dist: binary::dist(),
        }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        binary::command(self.directory.path(), arguments)
            .output()
            .unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {}", said(output)))
}

/// A policy whose agents may ask nothing.
const NOTHING: &str = r#"version = 1
[source.args]
tags = []
[model.default]
provider = "openai"
model = "test"
base_url = "http://127.0.0.1:9/v1"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = []          # nothing yet
"#;

#[test]
fn the_policies_that_ship_are_sound_and_say_what_stays_open() {
    let place = Place::new();
    for file in ["lazaret.toml", "github.toml"] {
        let file = place.dist.join("workflows/triage").join(file);
        let output = place.lazaret(&["policy", "check", file.to_str().unwrap(), "--json"]);
        let checked = json(&output);
        assert_eq!(output.status.code(), Some(0), "{checked:#}");
        assert_eq!(checked["errors"], serde_json::json!([]));
        let paths = checked["paths"].as_array().unwrap();
        let draft = paths.iter().find(|path| {
            let effect = path["effect"].as_str().unwrap();
            path["by"] == "profile actor" && effect == "tracker.draft/body"
        });
        assert_eq!(draft.unwrap()["how"], "holds", "{checked:#}");
    }
}

#[test]
fn a_mistake_ends_with_two_and_a_warning_only_where_it_is_asked_for() {
    let place = Place::new();
    place.write(
        "lazaret.toml",
        &NOTHING.replace("use = []", "use = [\"model.fast\"]"),
    );
    let output = place.lazaret(&["policy", "check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("lazaret.toml:11:8: the policy defines no function `model.fast`")
    );

    let unused = format!("{NOTHING}[gate.idle]\nremoves = [\"unknown\"]\nbits_per_item = 1\n");
    place.write("lazaret.toml", &unused);
    let output = place.lazaret(&["policy", "check"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("warning: lazaret.toml:12:7: nobody may use the gate `idle`"));
    let output = place.lazaret(&["policy", "check", "--strict"]);
    assert_eq!(output.status.code(), Some(2));
    let output = place.lazaret(&["policy", "check", "gone.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("`gone.toml` could not be read"));
}

#[test]
fn a_refusal_is_explained_and_its_narrowest_change_suggested() {
    let place = Place::new();
    place.write("lazaret.toml", NOTHING);
    place.write(
        "ask.js",
        "export const meta = { name: 'ask', description: 'asks' }\nreturn await agent('hello')",
    );
    let run = json(&place.lazaret(&["run", "ask.js", "--json"]));
    assert_eq!(
        run["denials"][0]["rule"], "not-granted:model.default",
        "{run:#}"
    );
    let run = run["run"].as_str().unwrap();

    let list = said(&place.lazaret(&["policy", "explain", run]));
    let line = list.lines().find(|line| line.contains("was refused"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    let explained = said(&place.lazaret(&["policy", "explain", run, number]));
    assert!(
        explained.contains("step 1 (general-purpose) was refused"),
        "{explained}"
    );
    assert!(
        explained.contains("the policy, line 4: [model.default]"),
        "{explained}"
    );
    assert!(
        explained.contains("line 8: [profile.general-purpose] grants"),
        "{explained}"
    );

    let suggested = place.lazaret(&["policy", "suggest", run]);
    let diff = String::from_utf8_lossy(&suggested.stdout);
    assert!(
        diff.contains("-use = []          # nothing yet"),
        "{}",
        said(&suggested)
    );
    assert!(
        diff.contains("+use = [\"model.default\"]          # nothing yet"),
        "{diff}"
    );
    let own = std::fs::read_to_string(place.directory.path().join("lazaret.toml")).unwrap();
    assert_eq!(own, NOTHING, "nothing is applied");
    let wrong = place.lazaret(&["policy", "explain", run, "100000"]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// A run whose one record is a gate's: of so many thousandths, from a type or older than that.
fn forge(place: &Place, id: &str, gated: &Event, text: Option<&str>) {
    let state = place.directory.path().join("state");
    std::fs::create_dir_all(&state).unwrap();
    let journal = Journal::open(state.join("journal.db")).unwrap();
    let new = NewRun::new(RunId::new(id).unwrap(), 1, "forged", "{}").unwrap();
    let writer = journal.create_run(new).unwrap();
    let record =
        |event: &Event| Record::new(event.kind(), serde_json::to_vec(event).unwrap()).unwrap();
    let mut first = record(gated);
    if let Some(text) = text {
        first = first.with_blob(Blob::new(text, "{}", "").unwrap()).unwrap();
    }
    writer.append(first).wait().unwrap();
    let Event::Gated { bits, .. } = gated else {
        panic!("a gate's");
    };
    let end = Event::RunFinished {
        status: Status::Done,
        result: None,
        failure: None,
        bits: *bits,
        at_ms: 2,
    };
    let ended = JournalStatus::ended(Status::Done.as_str(), 2).unwrap();
    writer
        .append(record(&end).with_status(ended))
        .wait()
        .unwrap();
}

fn gated(channel: &str, bits: u64, question: &str, basis: Option<Basis>) -> Event {
    Event::Gated {
        step: 0,
        channel: channel.to_owned(),
        payers: vec!["run".to_owned()],
        bits,
        reserved: false,
        subject: String::new(),
        question: question.to_owned(),
        phase: String::new(),
        basis,
    }
}

const BOOLEAN: &str = r#"{"type":"boolean"}"#;

#[test]
fn a_journal_whose_bits_do_not_add_up_is_neither_shown_nor_signed() {
    let place = Place::new();
    place.lazaret(&["keygen"]);
    let digest = Blob::new(BOOLEAN, "{}", "").unwrap().digest().to_string();
    let of_type = |bits| gated("verdict", bits, &digest, Some(Basis::Type));
    forge(
        &place,
        "k3v9x2k3v9x2",
        &gated("count", 1, "1000", None),
        None,
    );
    forge(&place, "m3v9x2k3v9x2", &of_type(1_000), Some(BOOLEAN));
    let said_of = [
        (
            "k3v9x2",
            "gate count: 0.001 bits are stated, 9.968 are counted",
        ),
        (
            "m3v9x2",
            "gate verdict: 1.000 bits are stated, 1.585 are counted",
        ),
    ];
    for (run, wrong) in said_of {
        for command in ["show", "receipt"] {
            let output = place.lazaret(&[command, run]);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(2), "{command}: {said}");
            assert!(said.contains(wrong), "{command}: {said}");
        }
    }
    forge(&place, "p3v9x2k3v9x2", &of_type(1_585), Some(BOOLEAN));
    let output = place.lazaret(&["show", "p3v9x2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!said(&output).contains("unchecked"), "{}", said(&output));
}

#[test]
fn bits_of_older_records_are_shown_as_unchecked() {
    let place = Place::new();
    forge(
        &place,
        "k3v9x2k3v9x2",
        &gated("verdict", 1_585, "aa", None),
        None,
    );
    let output = place.lazaret(&["show", "k3v9x2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("unchecked: 1.585 of them"),
        "{}",
        said(&output)
    );
}
