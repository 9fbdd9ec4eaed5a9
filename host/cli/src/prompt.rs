//! Asks the person at the terminal about one call, after all of it was shown.

use std::io::{BufRead as _, IsTerminal as _};

use lazaret_runtime::approval::{ASK, Answer, Question, Word};
use serde_json::Value;

use crate::ui::{self, Tone};

mod describe;
mod edit;

pub(crate) use edit::from_file;

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
pub(crate) fn ask(question: &Question, offer: Offer) -> Option<Answer> {
    ask_edited(question, Vec::new(), offer)
}

/// The same with values in the place of arguments, which are shown as well.
pub(crate) fn ask_edited(
    question: &Question,
    mut edits: Vec<(String, Value)>,
    offer: Offer,
) -> Option<Answer> {
    show(&describe::lines(question, &edits))?;
    if question.call.in_doubt.is_some() {
        return ask_doubt().map(Answer::Word);
    }
    loop {
        match choose(question, offer, !edits.is_empty())? {
            Choice::Approve if !edits.is_empty() => return Some(Answer::Edited(edits)),
            Choice::Approve => return Some(Answer::Word(Word::Approved)),
            Choice::Endorse => return Some(Answer::Word(Word::Endorsed)),
            Choice::Deny => return Some(Answer::Word(Word::Denied)),
            Choice::Edit => {
                if let Some(edit) = edit::edit(question, &edits) {
                    edits.retain(|(name, _)| *name != edit.0);
                    edits.push(edit);
                    // What is approved was shown to its end.
                    show(&describe::lines(question, &edits))?;
                }
            }
        }
    }
}

/// What the person chose.
enum Choice {
    Approve,
    Endorse,
    Deny,
    Edit,
}

fn show(lines: &[String]) -> Option<()> {
    let mut pages = lines.chunks(PAGE).peekable();
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
    Some(())
}

fn choose(question: &Question, offer: Offer, edited: bool) -> Option<Choice> {
    let prompt = match offer {
        Offer::Endorse => "type `endorse` to vouch for all of it, [d]eny, [l]eave? ",
        Offer::Approve if question.call.function == ASK && edited => {
            "[a]nswer with this text, [e]dit it, [l]eave it waiting? "
        }
        Offer::Approve if question.call.function == ASK => {
            "[a]pprove, [d]eny, [e] answer with a text of your own, [l]eave it waiting? "
        }
        Offer::Approve if edited => {
            "[a]pprove once with what you wrote, [e]dit more, [d]eny, [l]eave it waiting? "
        }
        Offer::Approve => "[a]pprove once, [e]dit, [d]eny, [l]eave it waiting? ",
    };
    loop {
        match (answer(prompt)?.as_str(), offer) {
            ("a" | "approve", Offer::Approve) => return Some(Choice::Approve),
            ("e" | "edit", Offer::Approve) => return Some(Choice::Edit),
            ("endorse", Offer::Endorse) => return Some(Choice::Endorse),
            ("d" | "deny", _) => return Some(Choice::Deny),
            ("l" | "leave" | "q", _) => return None,
            _ => {}
        }
    }
}

/// Asks a question that only a clear word answers with yes.
pub(crate) fn yes(question: &str) -> bool {
    matches!(
        answer(&format!("{question} [y/N] ")).as_deref(),
        Some("y" | "yes")
    )
}

/// Shows lines page by page, and asks. Nothing but a clear yes is one.
pub(crate) fn confirm(lines: &[String], question: &str) -> bool {
    show(lines).is_some() && answer(question).is_some_and(|typed| typed == "y" || typed == "yes")
}

/// Asks what became of a call that was begun and of which no result is known.
fn ask_doubt() -> Option<Word> {
    loop {
        let typed = answer("it was [d]one, [r]epeat it, it [f]ailed, [l]eave it waiting? ");
        match typed?.as_str() {
            "d" | "done" => return Some(Word::Done),
            "r" | "repeat" => return Some(Word::Repeat),
            "f" | "failed" => return Some(Word::Denied),
            "l" | "leave" | "q" => return None,
            _ => {}
        }
    }
}

/// Reads a word; the end of the input is no answer.
fn answer(prompt: &str) -> Option<String> {
    Some(line(prompt)?.trim().to_lowercase())
}

/// Reads a line as it was typed, without its end.
fn line(prompt: &str) -> Option<String> {
    ui::prompt(&ui::paint(Tone::Bold, prompt));
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches(['\n', '\r']).to_owned())
}
