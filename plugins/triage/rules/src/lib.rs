//! Sorts one report of a project into closed sets by rules over words.
//!
//! This is the honest default of the triage reader: no model, no network, no
//! dependencies, the same answer every time. The tour:
//!
//! 1. [`Report`] borrows what somebody wrote.
//! 2. `text` drops what a person would not see (HTML comments, invisible
//!    characters) and parts prose from code blocks and quotes.
//! 3. `words` holds the tables; `score` counts them by where they stand.
//! 4. `rules` turns the points into a [`Verdict`]; `summary` picks a sentence.
//!
//! ```
//! use triage_rules::{Area, Kind, Report, Severity, classify, summarise};
//!
//! let report = Report {
//!     title: "Upload crashes behind a proxy",
//!     body: "Since 2.1 the connection breaks and the client crashes.\n\n```\nsegmentation fault\n```",
//!     comments: vec![],
//! };
//! let verdict = classify(&report);
//! assert_eq!(verdict.kind, Kind::Bug);
//! assert_eq!(verdict.severity, Severity::High);
//! assert_eq!(verdict.area, Area::Network);
//! assert!(summarise(&report).starts_with("Upload crashes behind a proxy"));
//! ```
//!
//! Rules cannot obey an order that stands in a report: there is nothing in
//! them that reads one. Words can still mislead them, as they mislead people,
//! so three things keep a writer's hold small. A word counts once however
//! often it is repeated. What a report claims about its own importance
//! ("critical", "urgent", "escalate") is in no table; only what it says
//! happened is. And comments, which anybody may add to another's report,
//! decide nothing but whether somebody waits for an answer.
#![forbid(unsafe_code)]

mod rules;
mod score;
mod summary;
mod text;
mod verdict;
mod words;

pub use rules::classify;
pub use summary::{SUMMARY_MAX_CHARS, summarise};
pub use text::{BODY_MAX_BYTES, TITLE_MAX_BYTES};
pub use verdict::{Area, Kind, Severity, Verdict};

/// Holds the text of one report, as its authors wrote it.
///
/// Nothing in it is trusted. Any string is fine, of any length: see
/// [`TITLE_MAX_BYTES`] and [`BODY_MAX_BYTES`] for how much of it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report<'a> {
    /// The title, one line by custom.
    pub title: &'a str,
    /// The body, Markdown by custom.
    pub body: &'a str,
    /// The comments, oldest first; only the last one is read.
    pub comments: Vec<&'a str>,
}
