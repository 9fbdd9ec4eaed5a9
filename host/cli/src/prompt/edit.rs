//! Lets the person write an argument anew, in an editor or as a line.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::approval::{ASK, MAX_EDIT_BYTES, Question};
use serde_json::Value;

use super::{describe, line};
use crate::ui;

/// Returns the name and the new value of an argument; nothing where the person gave up.
pub(super) fn edit(question: &Question, edits: &[(String, Value)]) -> Option<(String, Value)> {
    let names = describe::editable(question);
    let name = match names.as_slice() {
        [] => {
            ui::note("nothing of this call can be edited; deny it, or leave it waiting");
            return None;
        }
        [name] => *name,
        names => {
            let shown: Vec<String> = names.iter().map(|name| ui::escape(name)).collect();
            let typed = line(&format!("which argument ({})? ", shown.join(", ")))?;
            let found = names.iter().find(|name| **name == typed.trim());
            let Some(name) = found else {
                ui::note("there is no such argument");
                return None;
            };
            name
        }
    };
    let written = edits.iter().find(|(edited, _)| edited == name);
    let before = match written {
        Some((_, value)) => value.clone(),
        None if question.call.function == ASK => Value::String(String::new()),
        None => {
            let argument = question.arguments.iter().find(|(other, _)| other == name);
            argument.map_or(Value::Null, |(_, value)| value.clone())
        }
    };
    match rewrite(&before) {
        Ok(value) => Some((name.to_owned(), value)),
        Err(error) => {
            ui::note(&format!("nothing was edited: {error:#}"));
            None
        }
    }
}

/// Reads edits from a file: a JSON object of arguments, or the text that answers a question.
pub(crate) fn from_file(question: &Question, file: &Path) -> Result<Vec<(String, Value)>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    check_length(&text)?;
    let names = describe::editable(question);
    if question.call.function == ASK {
        let name = names.first().copied().unwrap_or_default();
        return Ok(vec![(name.to_owned(), Value::String(without_end(&text)))]);
    }
    let value = serde_json::from_str(&text);
    let value: Value = value.with_context(|| format!("`{shown}` is malformed JSON"))?;
    let Value::Object(fields) = value else {
        bail!("`{shown}` is no JSON object of arguments, such as {{\"body\": \"…\"}}");
    };
    for name in fields.keys() {
        if !names.contains(&name.as_str()) {
            bail!(
                "`{shown}`: the argument `{}` is not of this call, or names whom it reaches; \
                 these can be edited: {}",
                ui::escape(name),
                names.join(", ")
            );
        }
    }
    Ok(fields.into_iter().collect())
}

/// A text stays a text; anything else is edited as JSON.
fn rewrite(before: &Value) -> Result<Value> {
    let text = match before {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other)?,
    };
    let after = match editor() {
        Some(editor) => in_editor(&editor, &text)?,
        None => {
            line("new value, in one line ($EDITOR is not set): ").context("the input has ended")?
        }
    };
    check_length(&after)?;
    match before {
        Value::String(_) => Ok(Value::String(after)),
        _ => serde_json::from_str(&after).context("the new value is malformed JSON"),
    }
}

fn check_length(text: &str) -> Result<()> {
    if text.len() > MAX_EDIT_BYTES {
        bail!("it is longer than the limit `edit-bytes` of {MAX_EDIT_BYTES}");
    }
    Ok(())
}

fn editor() -> Option<String> {
    let of = |name: &str| std::env::var_os(name)?.into_string().ok();
    let set = of("VISUAL").filter(|editor| !editor.trim().is_empty());
    set.or_else(|| of("EDITOR").filter(|editor| !editor.trim().is_empty()))
}

/// The file is the person's own and gone afterwards.
fn in_editor(editor: &str, text: &str) -> Result<String> {
    let mut file = tempfile::Builder::new().prefix("lazaret-").tempfile()?;
    writeln!(file, "{text}")?;
    file.flush()?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let ended = Command::new(program).args(words).arg(file.path()).status();
    let ended = ended.with_context(|| format!("cannot start the editor `{editor}`"))?;
    if !ended.success() {
        bail!("the editor `{editor}` ended with {ended}");
    }
    Ok(without_end(&std::fs::read_to_string(file.path())?))
}

/// Editors end a file with an end of line, which is nobody's wish.
fn without_end(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).to_owned()
}
