//! How launch arguments are labelled: one label, others for fields, and a list of items.

use std::ops::Range;

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tree::{LabelTree, MAX_LABELLED_FIELDS};
use serde_json::Value;

use super::draft::{FieldDraft, SourceDraft};
use super::principals::Principals;
use super::scope::Scope;
use crate::compiled::ArgsRule;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::text::{At, Report};

/// The most items and bytes of an item where the policy has no `[source.args]`.
const UNDECLARED_ITEMS: u64 = 1_000;
const UNDECLARED_ITEM_BYTES: u64 = 1024 * 1024;

/// Returns the rule; arguments that nobody labelled are `unknown` and private.
pub(super) fn resolve(
    draft: Option<&SourceDraft>,
    principals: &Principals,
    scope: &mut Scope,
    report: &mut Report,
) -> ArgsRule {
    let private = scope.default_readers();
    let Some(draft) = draft else {
        return ArgsRule {
            labels: LabelTree::flat(Label {
                taint: TagSet::UNKNOWN,
                readers: private,
            }),
            items: None,
            trusted_if: None,
            item_schema: None,
            max_items: UNDECLARED_ITEMS,
            max_item_bytes: UNDECLARED_ITEM_BYTES,
        };
    };
    let root = scope.label(&draft.label, private, report);
    let fields = fields(&draft.fields, root.readers, scope, report);
    let items = draft
        .items
        .as_ref()
        .and_then(|written| pointer(written, report));
    let item_schema = draft
        .item_schema
        .as_ref()
        .and_then(|written| schema(written, draft.items.is_some(), report));
    let labels = LabelTree::declared(root, fields);
    let trusted = draft.trusted_if.as_ref();
    ArgsRule {
        trusted_if: principals.trusted_if(trusted, items.as_ref(), &labels, report),
        labels,
        items,
        item_schema,
        max_items: draft.max_items,
        max_item_bytes: draft.max_item_bytes,
    }
}

pub(super) fn fields(
    drafts: &[FieldDraft],
    otherwise: Readers,
    scope: &mut Scope,
    report: &mut Report,
) -> Vec<(Pointer, Label)> {
    let mut all: Vec<(Pointer, Label)> = Vec::new();
    for draft in drafts {
        let label = scope.label(&draft.label, otherwise, report);
        let Some(written) = &draft.pointer else {
            continue;
        };
        let Some(pointer) = pointer(written, report) else {
            continue;
        };
        if all.iter().any(|(other, _)| *other == pointer) {
            let message = format!("the field {} is labelled twice", quote(&written.value));
            report.error(codes::DUPLICATE, &written.span, message);
        }
        if all.len() == MAX_LABELLED_FIELDS {
            let message = format!("{} is one field too many", quote(&written.value));
            let hint = format!("label at most {MAX_LABELLED_FIELDS} fields");
            report.hinted(codes::TOO_MANY, &written.span, message, hint);
            break;
        }
        all.push((pointer, label));
    }
    all
}

pub(super) fn pointer(written: &At<String>, report: &mut Report) -> Option<Pointer> {
    match Pointer::parse(&written.value) {
        Ok(pointer) => Some(pointer),
        Err(error) => {
            let message = format!("{} is no JSON pointer", quote(&written.value));
            report.hinted(
                codes::INVALID_POINTER,
                &written.span,
                message,
                error.to_string(),
            );
            None
        }
    }
}

fn schema(written: &At<String>, has_items: bool, report: &mut Report) -> Option<Value> {
    if !has_items {
        let message = "there is an `item_schema`, but no list of items".to_owned();
        let hint = "say with `items` where the list is".to_owned();
        report.hinted(codes::MISSING_FIELD, &written.span, message, hint);
    }
    json_object("item_schema", written, report)
}

/// Reads a text that is a JSON object.
pub(super) fn json_object(key: &str, written: &At<String>, report: &mut Report) -> Option<Value> {
    match serde_json::from_str::<Value>(&written.value) {
        Ok(schema) if schema.is_object() => Some(schema),
        Ok(_) => {
            let message = format!("`{key}` is no JSON object");
            report.error(codes::INVALID_SCHEMA, &written.span, message);
            None
        }
        Err(error) => {
            let raw = report.text().as_str().get(written.span.clone());
            let span = place(raw, written, &error).unwrap_or_else(|| written.span.clone());
            let message = format!("`{key}` is no JSON: {}", cause(&error));
            report.error(codes::INVALID_SCHEMA, &span, message);
            None
        }
    }
}

/// Finds the byte of the file at which the JSON is wrong. Only in a literal string is
/// what is written what is meant; for another the whole string is the place.
fn place(
    raw: Option<&str>,
    written: &At<String>,
    error: &serde_json::Error,
) -> Option<Range<usize>> {
    let raw = raw?;
    let opening = ["'''\r\n", "'''\n", "'''", "'"]
        .into_iter()
        .find(|opening| raw.starts_with(opening))?;
    let lines_before = error.line().checked_sub(1)?;
    let line_start: usize = written
        .value
        .split_inclusive('\n')
        .take(lines_before)
        .map(str::len)
        .sum();
    let at = written.span.start + opening.len() + line_start + error.column().saturating_sub(1);
    Some(at..at + 1).filter(|place| place.end <= written.span.end)
}

/// The message without the place, which the diagnostic has.
fn cause(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rsplit_once(" at line ") {
        Some((cause, _)) => cause.to_owned(),
        None => message,
    }
}
