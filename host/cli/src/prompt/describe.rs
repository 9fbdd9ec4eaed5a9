//! Puts a call or a question into lines: everything that a person needs to know of it.

use lazaret_runtime::approval::{ASK, AskedCall, QUESTION, Question};
use serde_json::Value;

use crate::render;
use crate::ui::{self, Tone};

/// The function whose argument is shown as a patch.
const APPLY: &str = "run.apply";

/// Returns a call with the edits in the place of its arguments, in lines.
pub(super) fn lines(question: &Question, edits: &[(String, Value)]) -> Vec<String> {
    let call = &question.call;
    let what = if call.function == ASK {
        "asks you".to_owned()
    } else if call.in_doubt.is_some() {
        format!(
            "had begun this call when the run was interrupted, and may have made it: {}",
            ui::escape(&call.function)
        )
    } else {
        format!("asks to call {}", ui::escape(&call.function))
    };
    let (item, run, step) = (question.item, &question.run, call.step);
    let head = format!("item {item} of run {run}: step {step} {what}");
    let mut lines = vec![String::new(), ui::paint(Tone::Bold, &head)];
    for (at, (name, value)) in question.arguments.iter().enumerate() {
        // A part may be called like the question; it is not the question.
        let is_text = call.function == ASK && at == 0;
        let edit = edits.iter().find(|(edited, _)| edited == name);
        let argument = call.arguments.get(at);
        let taint = argument.map_or(&[][..], |argument| &argument.content.label.taint);
        match edit {
            Some((_, written)) if !is_text => {
                lines.push(ui::paint(
                    Tone::Good,
                    &format!("  {}: written by you", ui::escape(name)),
                ));
                lines.extend(render::lines(written, &[]));
            }
            _ => {
                lines.push(argument_head(name, taint));
                match render::patch(value).filter(|_| call.function == APPLY) {
                    Some(text) => lines.extend(render::lines(&Value::String(text), taint)),
                    None => lines.extend(render::lines(value, taint)),
                }
            }
        }
    }
    if let Some((_, written)) = edits.iter().find(|_| call.function == ASK) {
        lines.push(ui::paint(Tone::Good, "  your answer:"));
        lines.extend(render::lines(written, &[]));
    }
    lines.extend(facts(call, !edits.is_empty()));
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

fn facts(call: &AskedCall, edited: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if call.function != ASK {
        lines.push(format!(
            "  it reaches: {}",
            readers(call.recipients.as_deref())
        ));
    }
    if let Some(editor) = call.editor.as_ref().filter(|_| edited) {
        let names = readers(editor.readers.as_deref());
        lines.push(format!("  what you wrote may be read by: {names}"));
    }
    let unread = call.unread_by.as_ref();
    if unread.is_none_or(|names| !names.is_empty()) {
        let text = format!(
            "  who may not read it so far: {}",
            readers(call.unread_by.as_deref())
        );
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
    if call.function != ASK {
        lines.push(ui::paint(Tone::Dim, &format!("  rule: {}", call.rule)));
    }
    lines
}

fn readers(names: Option<&[String]>) -> String {
    match names {
        None => "everybody".to_owned(),
        Some([]) => "nobody".to_owned(),
        Some(names) => names.join(", "),
    }
}

/// Returns the arguments that a person may write anew: all but the one that names whom the
/// call reaches.
pub(super) fn editable(question: &Question) -> Vec<&str> {
    let call = &question.call;
    if call.function == ASK {
        return vec![QUESTION];
    }
    let names = question.arguments.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| call.addressed_by.as_deref() != Some(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use lazaret_workflow::event::{ArgumentRef, ContentRef, LabelText};
    use serde_json::json;

    use super::*;

    fn label(taint: &[&str]) -> LabelText {
        LabelText {
            taint: taint.iter().map(|tag| (*tag).to_owned()).collect(),
            readers: Some(vec!["operator".to_owned()]),
        }
    }

    fn question(function: &str, arguments: &[(&str, Value, &[&str])]) -> Question {
        let reference = |(name, _, taint): &(&str, Value, &[&str])| ArgumentRef {
            name: (*name).to_owned(),
            content: ContentRef {
                digest: String::new(),
                label: label(taint),
            },
        };
        Question {
            run: "run".to_owned(),
            item: 1,
            call: AskedCall {
                step: 2,
                question: 0,
                function: function.to_owned(),
                arguments: arguments.iter().map(reference).collect(),
                label: label(&[]),
                recipients: None,
                untolerated: Vec::new(),
                unread_by: Some(Vec::new()),
                origins: vec!["run".to_owned()],
                rule: "a rule".to_owned(),
                addressed_by: Some("to".to_owned()),
                editor: Some(label(&[])),
                binding: String::new(),
                asked_ms: 0,
                expires_ms: 1,
                in_doubt: None,
            },
            arguments: arguments
                .iter()
                .map(|(name, value, _)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }

    #[test]
    fn a_question_of_strangers_cannot_look_like_the_host() {
        let hostile = json!("Pay?\n\nitem 2 of run run: approved\u{1b}[1A\r[a]pprove once");
        let part = json!("  it reaches: nobody\u{202e}");
        let all = [
            ("question", hostile, &["mail"][..]),
            ("x\n  made of", part, &["mail"]),
        ];
        let shown = lines(&question(ASK, &all), &[]).join("\n");
        assert!(
            shown.contains("question: untrusted, may come from mail"),
            "{shown}"
        );
        assert!(
            shown.contains("┃ item 2 of run run: approved\\u{1b}[1A\\u{d}[a]pprove"),
            "{shown}"
        );
        assert!(shown.contains("x\\u{a}  made of: untrusted"), "{shown}");
        assert!(shown.contains("┃   it reaches: nobody\\u{202e}"), "{shown}");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
    }

    #[test]
    fn what_was_edited_is_shown_in_the_place_of_what_was_there() {
        let all = [
            ("body", json!("buy now"), &["mail"][..]),
            ("to", json!("bob"), &[]),
        ];
        let call = question("tracker.draft", &all);
        let edits = [("body".to_owned(), json!("no, thank you"))];
        let shown = lines(&call, &edits).join("\n");
        assert!(shown.contains("body: written by you") && shown.contains("no, thank you"));
        assert!(!shown.contains("buy now"), "{shown}");
        assert!(
            shown.contains("what you wrote may be read by: operator"),
            "{shown}"
        );
    }

    #[test]
    fn whom_a_call_reaches_is_not_edited() {
        let all = [("body", json!(""), &[][..]), ("to", json!("bob"), &[])];
        assert_eq!(editable(&question("tracker.draft", &all)), ["body"]);
    }
}
