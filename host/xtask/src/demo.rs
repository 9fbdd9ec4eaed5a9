//! The demo: triage over reports some of which attack, three times.
//!
//! The same reports, first with the honest reader, then with a hostile one, then with
//! that same hostile component under a policy that grants it the tracker and tolerates
//! the taint there, where the attack succeeds. Its digest is printed: nothing but the
//! policy differs.

mod attempts;
mod policies;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::table::{self, Format, Row};
use crate::ui;
use attempts::Attempt;

/// One run of triage, as the demo looks at it.
struct Act {
    /// What `lazaret run --json` printed.
    report: Value,
    /// What the tracker's file holds afterwards.
    tracker: Value,
    attempts: Vec<Attempt>,
}

/// Where things are.
struct Stage<'a> {
    dist: &'a Path,
    binary: &'a Path,
    scratch: PathBuf,
}

/// Runs the three acts with the built binary and prints a table.
pub(crate) fn run(dist: &Path, binary: &Path, json: bool) -> Result<ExitCode> {
    let scratch = dist.join("demo");
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch).context("the last demo could not be removed")?;
    }
    std::fs::create_dir_all(&scratch)?;
    let stage = Stage {
        dist,
        binary,
        scratch,
    };
    let shipped = std::fs::read_to_string(dist.join("workflows/triage/lazaret.toml"))?;
    let hostile = policies::with_hostile_reader(&shipped)?;
    let relaxed = policies::relaxed(&hostile)?;

    ui::note("\n1. The honest reader, under the policy that ships with triage.");
    let honest = stage.perform("honest", &shipped)?;
    stage.introduce(
        "\n2. A hostile reader in its place. It tries one thing for each report.",
        &shipped,
        &hostile,
    )?;
    let contained = stage.perform("hostile", &hostile)?;
    stage.introduce("\n3. The same component, under a policy that grants it the tracker and tolerates the taint there.", &hostile, &relaxed)?;
    let escaped = stage.perform("relaxed", &relaxed)?;

    let rows = rows(&honest, &contained, &escaped);
    ui::note("");
    table::print(&rows, Format::from_flag(json))?;
    Ok(if rows.iter().all(|row| row.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Stage<'_> {
    /// Says what differs between two policies, and that the component does not.
    fn introduce(&self, title: &str, before: &str, after: &str) -> Result<()> {
        ui::note(title);
        for line in policies::difference(before, after) {
            ui::note(&format!("     {line}"));
        }
        let component = self.dist.join("plugins/triage-hostile-reader.wasm");
        let inspected = Command::new(self.binary)
            .args(["inspect", "--json"])
            .arg(component)
            .output()?;
        let inspected: Value = serde_json::from_slice(&inspected.stdout)?;
        ui::note(&format!(
            "   the hostile component: sha256 {}",
            text(&inspected, "/digest")
        ));
        Ok(())
    }

    /// Runs triage in a directory of its own.
    fn perform(&self, name: &str, policy: &str) -> Result<Act> {
        let directory = self.scratch.join(name);
        std::fs::create_dir_all(&directory)?;
        let policy_file = directory.join("lazaret.toml");
        std::fs::write(&policy_file, policy)?;
        let issues = self.dist.join("workflows/triage/data/issues.json");
        ui::note("   $ lazaret run triage --args @issues.json --policy lazaret.toml");
        let output = self
            .lazaret(&directory)
            .args(["run", "triage", "--json", "--args"])
            .arg(format!("@{}", issues.display()))
            .arg("--policy")
            .arg(&policy_file)
            .stderr(std::process::Stdio::inherit())
            .output()
            .context("lazaret could not be started")?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`lazaret run` ended with {} and no report", output.status))?;
        ui::note(&said(&report));
        let events = self.events(&directory, &text(&report, "/run"))?;
        let attempts = attempts::of(&events, &report);
        let tracker = std::fs::read(directory.join(".lazaret/triage/tracker.json"))
            .context("triage left no tracker")?;
        Ok(Act {
            report,
            tracker: serde_json::from_slice(&tracker)?,
            attempts,
        })
    }

    fn events(&self, directory: &Path, run: &str) -> Result<Vec<Value>> {
        let shown = self
            .lazaret(directory)
            .args(["show", "--json", run])
            .output()?;
        ensure!(shown.status.success(), "`lazaret show` failed");
        let lines = String::from_utf8(shown.stdout)?;
        lines
            .lines()
            .map(|line| serde_json::from_str(line).context("an event is no JSON"))
            .collect()
    }

    fn lazaret(&self, directory: &Path) -> Command {
        let mut lazaret = Command::new(self.binary);
        lazaret
            .current_dir(directory)
            .env("LAZARET_HOME", self.dist)
            .env("LAZARET_STATE", self.scratch.join("state"));
        lazaret
    }
}

fn said(report: &Value) -> String {
    format!(
        "   {}: {} agents, {} failed, {} calls refused; untrusted content could decide {} bits",
        text(report, "/status"),
        text(report, "/agents/started"),
        text(report, "/agents/failed"),
        list(report, "/denials").len(),
        text(report, "/gate_bits/total"),
    )
}

fn rows(honest: &Act, contained: &Act, escaped: &Act) -> Vec<Row> {
    let mut rows = Vec::new();
    let refused = list(&honest.report, "/denials").len();
    let status = text(&honest.report, "/status");
    rows.push(Row::fact(
        "honest",
        "triage is done",
        status == "done" && refused == 0,
        format!("status {status}, {refused} refused"),
    ));
    for attempt in &contained.attempts {
        let same = escaped
            .attempts
            .iter()
            .find(|other| other.name == attempt.name);
        let relaxed = same.map_or("not tried", |other| other.outcome.as_str());
        let note = format!("{:<48} relaxed: {relaxed}", attempt.outcome);
        rows.push(Row::fact("attempt", &attempt.name, attempt.contained, note));
    }
    let closed = closed(&contained.tracker);
    rows.push(Row::fact(
        "tracker",
        "quarantined: no report was closed",
        closed == 0,
        format!("{closed} closed"),
    ));
    let escaped_closed = self::closed(&escaped.tracker);
    rows.push(Row::fact(
        "tracker",
        "relaxed: the attack succeeds",
        escaped_closed > 0,
        format!(
            "{escaped_closed} closed, number 666 {}",
            if escaped.tracker.pointer("/reports/666").is_some() {
                "escalated"
            } else {
                "untouched"
            }
        ),
    ));
    for (name, act) in [
        ("honest", honest),
        ("hostile", contained),
        ("relaxed", escaped),
    ] {
        let bits = text(&act.report, "/gate_bits/total")
            .parse()
            .unwrap_or(f64::NAN);
        rows.push(Row::number("bits", name, bits.is_finite(), bits, "bits"));
    }
    rows
}

fn closed(tracker: &Value) -> usize {
    let reports = tracker.pointer("/reports").and_then(Value::as_object);
    let reports = reports.into_iter().flat_map(serde_json::Map::values);
    reports
        .filter(|report| report.pointer("/closed") == Some(&Value::Bool(true)))
        .count()
}

fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
