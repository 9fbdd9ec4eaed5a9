//! Shows what went wrong: the place, the line, what to do next, and the page.

use std::fmt::Write as _;

use lazaret_build::BuildError;
use lazaret_journal::JournalError;
use lazaret_policy::diagnostic::Diagnostic;
use lazaret_runtime::HostError;
use lazaret_workflow::receipt::ReceiptError;

use crate::ui::{self, Tone};

/// The exit status of usage, configuration and policy errors.
pub(crate) const EXIT_USAGE: u8 = 2;

/// Problems of a text, with the text.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) source: String,
    pub(crate) all: Vec<Diagnostic>,
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} problem(s)", self.all.len())
    }
}

impl std::error::Error for Problems {}

/// Shows an error that ends the command.
pub(crate) fn show(error: &anyhow::Error) {
    if let Some(problems) = error.downcast_ref::<Problems>() {
        for problem in &problems.all {
            ui::note(&diagnostic(problem, &problems.source));
        }
        return;
    }
    if let Some(HostError::Policy(all)) = error.downcast_ref::<HostError>() {
        for problem in all {
            ui::note(&diagnostic(problem, ""));
        }
        return;
    }
    if let Some(BuildError::Manifest { text, problems }) = error.downcast_ref::<BuildError>() {
        for problem in problems {
            ui::note(&diagnostic(problem, text));
        }
        return;
    }
    let said = safe(&error.to_string());
    ui::note(&format!("{} {said}", ui::paint(Tone::Bad, "error:")));
    for cause in error.chain().skip(1) {
        ui::note(&format!("  because: {}", safe(&cause.to_string())));
    }
    if let Some(error) = error.downcast_ref::<HostError>() {
        if let HostError::Input(input) = error {
            ui::note(&hint(&input.hint));
        }
        if let HostError::Script(script) = error {
            ui::note(&hint(&script.hint));
        }
        if let HostError::Pin { name, difference } = error {
            for line in difference.lines() {
                ui::note(&format!("  {}", ui::escape(line)));
            }
            ui::note(&hint(&format!(
                "look at it with `lazaret tools pin {name}`"
            )));
        }
        if let HostError::Journal(journal) = error {
            journal_hint(journal);
        }
        if let HostError::Model { source, .. } = error
            && let Some(next) = source.hint()
        {
            ui::note(&hint(next));
        }
        ui::note(&page(error.code()));
    } else if let Some(error) = error.downcast_ref::<JournalError>() {
        journal_hint(error);
        ui::note(&page(error.code()));
    } else if let Some(error) = error.downcast_ref::<BuildError>() {
        if let Some(next) = error.hint() {
            ui::note(&hint(&next));
        }
        ui::note(&page(error.code()));
    } else if let Some(error) = error.downcast_ref::<ReceiptError>() {
        ui::note(&hint(error.hint()));
        ui::note(&page(error.code()));
    }
}

/// An error names files, and a file's name may be anybody's words.
fn safe(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(ui::escape).collect();
    lines.join("\n")
}

fn journal_hint(error: &JournalError) {
    if let Some(next) = error.hint() {
        ui::note(&hint(next));
    }
}

/// Shows what a policy says in vain.
pub(crate) fn warn(problem: &Diagnostic, source: &str) {
    ui::note(&marked(problem, source, (Tone::Warn, "warning:")));
}

fn diagnostic(problem: &Diagnostic, source: &str) -> String {
    marked(problem, source, (Tone::Bad, "error:"))
}

fn marked(problem: &Diagnostic, source: &str, (tone, word): (Tone, &str)) -> String {
    let said = safe(&problem.to_string());
    let mut text = format!("{} {said}", ui::paint(tone, word));
    if let Some(line) = source.lines().nth(problem.line.saturating_sub(1)) {
        let number = problem.line.to_string();
        let width = problem.span.len().clamp(1, line.chars().count().max(1));
        let indent = " ".repeat(problem.column.saturating_sub(1));
        let marks = ui::paint(tone, &"^".repeat(width));
        let gutter = " ".repeat(number.len());
        let line = ui::escape(line);
        write!(text, "\n  {number} | {line}\n  {gutter} | {indent}{marks}").ok();
    }
    if let Some(next) = &problem.hint {
        text.push('\n');
        text.push_str(&hint(next));
    }
    text.push('\n');
    text.push_str(&page(problem.code));
    text
}

fn hint(text: &str) -> String {
    format!("  {} {}", ui::paint(Tone::Good, "next:"), safe(text))
}

fn page(code: &str) -> String {
    ui::paint(Tone::Dim, &format!("  see docs/errors/{code}.md"))
}
