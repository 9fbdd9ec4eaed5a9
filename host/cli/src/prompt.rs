//! Asks the person at the terminal about one call, after all of it was shown.

use std::io::{BufRead as _, IsTerminal as _};

use lazaret_runtime::approval::{AskedCall, Question, Word};

use crate::render;
use crate::ui::{self, Tone};

/// The lines that are shown at a time.
const PAGE: usize = 20;

/// Returns whether somebody sits there who can see the question and type.
pub(crate) fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// What the person may do about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Let it pass as it is.
    Approve,
    /// Let it pass, and vouch for its bytes.
    Endorse,
}

/// Shows a call page by page and asks. Only who has seen the end is asked; everything but a
/// clear word leaves the call waiting.
pub(crate) fn ask(question: &Question, offer: Offer) -> Option<Word> {
    let all = describe(question);
    let mut pages = all.chunks(PAGE).peekable();
    while let Some(page) = pages.next() {
        for line in page {
            ui::note(line);
        }
        if pages.peek().is_some() {
            let typed = answer("-- Enter shows more, q leaves it waiting -- ");
            if typed.is_none_or(|typed| typed.starts_with('q')) {
                return None;
            }
        }
    }
    loop {
        let typed = match offer {
            Offer::Approve => answer("[a]pprove once, [d]eny, [l]eave it waiting? "),
            Offer::Endorse => answer("type `endorse` to vouch for all of it, [d]eny, [l]eave? "),
        };
        match (typed?.as_str(), offer) {
            ("a" | "approve", Offer::Approve) => return Some(Word::Approved),
            ("endorse", Offer::Endorse) => return Some(Word::Endorsed),
            ("d" | "deny", _) => return Some(Word::Denied),
            ("l" | "leave" | "q", _) => return None,
            _ => {}
        }
    }
}

/// Reads a line; the end of the input is no answer.
fn answer(prompt: &str) -> Option<String> {
    ui::prompt(&ui::paint(Tone::Bold, prompt));
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim().to_lowercase())
}

/// Returns everything that a person needs to know of a call, in lines.
pub(crate) fn describe(question: &Question) -> Vec<String> {
    let call = &question.call;
    let head = format!(
        "item {} of run {}: step {} asks to call {}",
        question.item,
        question.run,
        call.step,
        ui::escape(&call.function)
    );
    let mut lines = vec![String::new(), ui::paint(Tone::Bold, &head)];
    for (name, value) in &question.arguments {
        let label = call
            .arguments
            .iter()
            .find(|argument| argument.name == *name);
        let taint = label.map_or(&[][..], |argument| &argument.content.label.taint);
        lines.push(argument_head(name, taint));
        lines.extend(render::lines(value, taint));
    }
    lines.extend(facts(call));
    lines
}

fn argument_head(name: &str, taint: &[String]) -> String {
    let name = ui::escape(name);
    if taint.is_empty() {
        return format!("  {name}: trusted");
    }
    let text = format!("  {name}: untrusted, may come from {}", taint.join(", "));
    ui::paint(Tone::Warn, &text)
}

fn facts(call: &AskedCall) -> Vec<String> {
    let readers = |names: &Option<Vec<String>>| match names {
        None => "everybody".to_owned(),
        Some(names) if names.is_empty() => "nobody".to_owned(),
        Some(names) => names.join(", "),
    };
    let mut lines = vec![format!("  it reaches: {}", readers(&call.recipients))];
    if call
        .unread_by
        .as_ref()
        .is_none_or(|names| !names.is_empty())
    {
        let text = format!("  who may not read it so far: {}", readers(&call.unread_by));
        lines.push(ui::paint(Tone::Warn, &text));
    }
    if !call.untolerated.is_empty() {
        let text = format!(
            "  the rule does not tolerate: {}",
            call.untolerated.join(", ")
        );
        lines.push(ui::paint(Tone::Warn, &text));
    }
    lines.push(format!("  made of: {}", call.origins.join(", ")));
    lines.push(ui::paint(Tone::Dim, &format!("  rule: {}", call.rule)));
    lines
}
