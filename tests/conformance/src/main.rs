//! Prints the table's rows as JSON lines, for `cargo xtask conformance`.

use std::io::Write as _;

use lazaret_conformance::{LANGUAGES, case, measure};
use serde_json::json;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for language in LANGUAGES {
        for case in case::all() {
            let verdict = case.play(language);
            let row = json!({
                "language": language, "case": case.name, "shows": case.shows,
                "ok": verdict.is_ok(), "wrong": verdict.err(),
            });
            writeln!(out, "{row}")?;
        }
        let measured = measure::measure(language);
        let row = json!({
            "language": language, "bytes": measured.bytes,
            "run_ms": measured.run.as_secs_f64() * 1000.0,
        });
        writeln!(out, "{row}")?;
    }
    Ok(())
}
