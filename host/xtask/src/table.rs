//! The rows of every table that the project prints about itself.
//!
//! `--json` prints them as one array; otherwise they are aligned for reading.

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::ui;

/// One line of a table. `ok` is computed from the row's own evidence, never assumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// What was looked at, such as `tools` or `steps`.
    pub(crate) suite: String,
    /// Which of its cases.
    pub(crate) case: String,
    /// Whether it is as it should be.
    pub(crate) ok: bool,
    /// What was measured, if it is a number.
    pub(crate) value: Option<f64>,
    /// The unit of `value` and `limit`; empty without a value.
    pub(crate) unit: String,
    /// What `value` is held against.
    pub(crate) limit: Option<f64>,
    /// For people.
    pub(crate) note: String,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Aligned columns.
    Text,
    /// One JSON array.
    Json,
}

impl Format {
    /// Returns the format that a `--json` flag asks for.
    pub(crate) fn from_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

impl Row {
    /// Makes a row without a number.
    pub(crate) fn fact(suite: &str, case: &str, ok: bool, note: impl Into<String>) -> Self {
        Self {
            suite: suite.into(),
            case: case.into(),
            ok,
            value: None,
            unit: String::new(),
            limit: None,
            note: note.into(),
        }
    }

    /// Makes a row with a number.
    pub(crate) fn number(suite: &str, case: &str, ok: bool, value: f64, unit: &str) -> Self {
        Self {
            value: Some(value),
            unit: unit.into(),
            ..Self::fact(suite, case, ok, "")
        }
    }

    fn cells(&self) -> [String; 6] {
        let with_unit = |number: Option<f64>| {
            number.map_or_else(String::new, |n| format!("{} {}", rounded(n), self.unit))
        };
        let ok = if self.ok { "ok" } else { "NO" };
        [
            self.suite.clone(),
            self.case.clone(),
            ok.into(),
            with_unit(self.value),
            with_unit(self.limit),
            self.note.clone(),
        ]
    }
}

/// Prints the rows to stdout.
pub(crate) fn print(rows: &[Row], format: Format) -> Result<()> {
    ui::result(&rendered(rows, format)?);
    Ok(())
}

fn rendered(rows: &[Row], format: Format) -> Result<String> {
    match format {
        Format::Json => serde_json::to_string_pretty(rows).context("cannot write rows as JSON"),
        Format::Text => Ok(aligned(rows)),
    }
}

fn aligned(rows: &[Row]) -> String {
    let head = ["suite", "case", "ok", "value", "limit", "note"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(head)
        .chain(rows.iter().map(Row::cells))
        .collect();
    let widths = lines.iter().fold([0; 6], |mut widths, line| {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
        widths
    });
    let line = |cells: &[String; 6]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .filter(|(_, w)| *w > 0)
            .map(|(c, w)| format!("{c:w$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Three digits after the point for small numbers, none for large ones.
fn rounded(number: f64) -> String {
    let digits = if number.abs() < 10.0 {
        3
    } else {
        usize::from(number.abs() < 1000.0)
    };
    format!("{number:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let slow = Row {
            limit: Some(30.0),
            note: "a note".into(),
            ..Row::number("steps", "no-op", false, 31.44, "µs")
        };
        vec![Row::fact("tools", "wasm-std", true, "here"), slow]
    }

    #[test]
    fn text_is_aligned() {
        let expected = "suite  case      ok  value    limit    note\n\
                        tools  wasm-std  ok                    here\n\
                        steps  no-op     NO  31.4 µs  30.0 µs  a note";
        assert_eq!(aligned(&rows()), expected);
    }

    #[test]
    fn json_reads_back_and_has_every_field() {
        let json = rendered(&rows(), Format::Json).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Row>>(&json).unwrap(), rows());
        for field in ["suite", "case", "ok", "value", "unit", "limit", "note"] {
            assert_eq!(json.matches(&format!("\"{field}\":")).count(), 2, "{field}");
        }
    }
}
