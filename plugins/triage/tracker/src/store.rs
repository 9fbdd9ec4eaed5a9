//! The file: read whole, changed, written whole. The host lets one call at a time.

use std::collections::BTreeMap;

use lazaret_sdk::{Content, Failure, files};
use serde::{Deserialize, Serialize};

const FILE: &str = "tracker/tracker.json";

/// What the file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tracker {
    /// The labels that there are.
    pub(crate) labels: Vec<String>,
    /// The reports, by number.
    pub(crate) reports: BTreeMap<u64, Report>,
}

/// What the tracker knows of one report.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Report {
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    #[serde(default)]
    pub(crate) escalated: Option<String>,
    #[serde(default)]
    pub(crate) draft: Option<String>,
    #[serde(default)]
    pub(crate) closed: bool,
}

impl Tracker {
    /// Returns a report's entry, made when it is first needed.
    pub(crate) fn report(&mut self, number: u64) -> &mut Report {
        self.reports.entry(number).or_default()
    }
}

/// The labels of a tracker that nobody has set up.
const USUAL_LABELS: [&str; 18] = [
    "bug",
    "feature",
    "question",
    "documentation",
    "security",
    "spam",
    "area/cli",
    "area/network",
    "area/storage",
    "area/performance",
    "area/build",
    "area/docs",
    "area/ui",
    "area/other",
    "severity/low",
    "severity/normal",
    "severity/high",
    "severity/critical",
];

/// Reads the file; one that is not there is a new tracker. Whether it is there depends on
/// what strangers wrote, so that a failure comes inside the content.
pub(crate) fn load() -> Result<Tracker, Failure> {
    #[derive(Deserialize)]
    struct Failed {
        error: String,
    }
    let text = files::read(FILE)?.read()?;
    match serde_json::from_str::<Failed>(&text) {
        Ok(Failed { error }) if error.contains("not found") => Ok(new()),
        Ok(Failed { error }) => Err(Failure::new(error)),
        // The parser's own words could repeat the file, which strangers wrote.
        Err(_no_failure) => serde_json::from_str(&text)
            .map_err(|_error| Failure::new(format!("{FILE}: not what a tracker writes"))),
    }
}

/// Writes the file.
pub(crate) fn save(tracker: &Tracker) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(tracker)
        .map_err(|error| Failure::new(format!("{FILE}: {error}")))?;
    Ok(files::write(FILE, Content::text(&text)?)?)
}

fn new() -> Tracker {
    Tracker {
        labels: USUAL_LABELS.map(str::to_owned).to_vec(),
        reports: BTreeMap::new(),
    }
}
