//! Reads what the model answered: a verdict of closed words, and a sentence.

use serde_json::Value;
use triage_verdict::Verdict;

/// The most characters of a summary.
pub(crate) const MAX_SUMMARY: usize = 300;

/// An answer that fits.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) verdict: Verdict,
    pub(crate) summary: String,
}

/// Finds the object in the answer and checks its fields; the error is for the model.
pub(crate) fn read(text: &str) -> Result<Read, String> {
    let object = object_in(text).ok_or("there is no JSON object in it")?;
    let value: Value =
        serde_json::from_str(object).map_err(|error| format!("it is no JSON ({error})"))?;
    let summary = value.get("summary").and_then(Value::as_str);
    let summary = summary.ok_or("`summary` is missing or no text")?;
    let verdict = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    Ok(Read {
        verdict,
        summary: summary.chars().take(MAX_SUMMARY).collect(),
    })
}

/// Models like to write around an object, and into fenced blocks.
fn object_in(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    let end = text.rfind('}')?;
    text.get(start..=end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"kind": "bug", "severity": "high", "area": "cli", "needs_reply": true, "summary": "It stops."}"#;

    #[test]
    fn an_object_is_found_in_what_is_written_around_it() {
        for text in [
            GOOD.to_owned(),
            format!("Sure!\n```json\n{GOOD}\n```\nDone."),
        ] {
            let read = read(&text).expect("an answer that fits");
            assert_eq!(read.summary, "It stops.");
            assert_eq!(read.verdict.kind.as_str(), "bug");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cases = [
            ("no", "no JSON object"),
            ("{]}", "no JSON"),
            (r#"{"kind": "bug"}"#, "`summary` is missing"),
            (&GOOD.replace("\"bug\"", "\"beetle\""), "beetle"),
        ];
        for (text, expected) in cases {
            let problem = read(text).expect_err("an answer that does not fit");
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }
}
