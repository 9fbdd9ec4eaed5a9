//! What can be said of a script before it runs: a report for `lazaret check`, with line, column
//! and a hint for each finding.
//!
//! `meta` and the syntax are decided; all else is a best effort on tokens, which misses what it
//! cannot see and stays silent rather than guess.

mod calls;
mod opaque;
pub(crate) mod scan;

use serde::Serialize;
use serde_json::{Value, json};

use crate::check::scan::Scan;
use crate::engine::syntax;
use crate::lexer::position;
use crate::meta::Meta;
use crate::task::{MAX_SOURCE, Mode, Task};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The script does not run, or a call in it always throws.
    Error,
    /// The script runs, but probably not as meant.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    /// A stable word.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// How bad it is.
    pub severity: Severity,
}

/// Returns the findings in a script, in the order of its lines.
pub fn check(source: &str, file: &str, mode: Mode) -> Vec<Diagnostic> {
    examine(source, file, mode).1
}

/// Returns the report as JSON: `{ meta, diagnostics, uses: { agent_types, models, workflows } }`.
pub(crate) fn report(task: &Task) -> String {
    let (meta, diagnostics) = examine(&task.source, &task.file, task.mode);
    let scan = Scan::new(&task.source);
    json!({
        "meta": meta.map_or(Value::Null, |meta| Value::Object(meta.fields)),
        "diagnostics": diagnostics,
        "uses": {
            "agent_types": calls::literals(&scan, "agentType"),
            "models": calls::literals(&scan, "model"),
            "workflows": calls::workflows(&scan),
        },
    })
    .to_string()
}

fn examine(source: &str, file: &str, mode: Mode) -> (Option<Meta>, Vec<Diagnostic>) {
    let mut findings = Findings::new(source);
    if source.encode_utf16().count() > MAX_SOURCE {
        findings.error(
            0,
            "too-long",
            format!("the script has more than {MAX_SOURCE} characters"),
            "move data into `args`",
        );
        return (None, findings.list);
    }
    let meta = match Meta::read(source) {
        Ok(meta) => meta,
        Err(problem) => {
            let hint = "write texts, numbers, lists and objects out; nothing in `meta` is executed";
            findings.error(problem.at, "meta", problem.message, hint);
            return (None, findings.list);
        }
    };
    if let Err(fault) = syntax(source, &meta.statement, file) {
        findings.list.push(Diagnostic {
            line: fault.line,
            column: fault.column,
            code: "syntax",
            hint: syntax_hint(source, fault.line).to_owned(),
            message: fault.message,
            severity: Severity::Error,
        });
        return (Some(meta), findings.list);
    }
    let scan = Scan::new(source);
    calls::check(&scan, &mut findings);
    dead_phases(&scan, &meta, &mut findings);
    if mode == Mode::Opaque {
        opaque::check(&scan, &mut findings);
    }
    findings
        .list
        .sort_by_key(|found| (found.line, found.column));
    (Some(meta), findings.list)
}

/// Guesses from the line what kind of script somebody meant to write.
fn syntax_hint(source: &str, line: u32) -> &'static str {
    let index = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let text = source.lines().nth(index).unwrap_or_default().trim_start();
    if text.starts_with("import") {
        "scripts import nothing; all they have are the globals"
    } else if text.starts_with("export") {
        "only `meta` is exported; `return` gives the result"
    } else if ["interface ", "type ", "enum "]
        .iter()
        .any(|word| text.starts_with(word))
        || text.contains(": string")
        || text.contains(" as ")
    {
        "scripts are plain JavaScript; leave types out"
    } else {
        "the script is the body of an async function"
    }
}

/// A phase that `meta` declares and no text of the script names is never shown.
fn dead_phases(scan: &Scan<'_>, meta: &Meta, findings: &mut Findings<'_>) {
    // A computed title can be any of them.
    if calls::phase_is_computed(scan) {
        return;
    }
    let after = scan.texts_after(meta.statement.end);
    for title in meta
        .phases()
        .filter(|title| !after.iter().any(|text| text == title))
    {
        findings.warning(
            meta.statement.start,
            "dead-phase",
            format!("phase `{title}` of `meta` is never used"),
            "start it by `phase()`, name it in an agent's options, or remove it",
        );
    }
}

/// Findings as they are made.
#[derive(Debug)]
pub(crate) struct Findings<'s> {
    source: &'s str,
    list: Vec<Diagnostic>,
}

impl<'s> Findings<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            list: Vec::new(),
        }
    }

    pub(crate) fn error(
        &mut self,
        at: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.add(at, code, message.into(), hint, Severity::Error);
    }

    pub(crate) fn warning(
        &mut self,
        at: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: &str,
    ) {
        self.add(at, code, message.into(), hint, Severity::Warning);
    }

    fn add(
        &mut self,
        at: usize,
        code: &'static str,
        message: String,
        hint: &str,
        severity: Severity,
    ) {
        let (line, column) = position(self.source, at);
        self.list.push(Diagnostic {
            line,
            column,
            code,
            message,
            hint: hint.to_owned(),
            severity,
        });
    }
}
