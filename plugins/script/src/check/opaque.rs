//! Uses of opaque values that JavaScript lets nobody intercept: comparison, truth, `typeof`.
//!
//! It follows `const x = await agent(…)` and `const { a } = await agent(…)` by name, through the
//! schema if it is written out. `x` itself may be tested for `null`: the outcome is a plain value.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::Findings;
use crate::check::scan::{Call, Scan};
use crate::view::View;

/// What a name stands for.
enum Held {
    /// An answer without a schema: opaque as a whole.
    Text,
    /// An answer, with what its schema shows.
    Record(View),
    /// An opaque field of an answer.
    Field,
}

/// Looks at every use of a name that holds an answer.
pub(super) fn check(scan: &Scan<'_>, findings: &mut Findings<'_>) {
    let held = names(scan);
    for index in 0..scan.len() {
        let Some(held) = scan.token(index).and_then(|token| held.get(token.text)) else {
            continue;
        };
        if scan.after(index, ".") || scan.after(index, "?.") || scan.is(index + 1, ":") {
            continue;
        }
        match held {
            Held::Text => used(scan, index, index, true, findings),
            Held::Field => used(scan, index, index, false, findings),
            Held::Record(view) if is_opaque_field(scan, index, view) => {
                used(scan, index, index + 2, false, findings);
            }
            Held::Record(_) => {}
        }
    }
}

fn is_opaque_field(scan: &Scan<'_>, index: usize, view: &View) -> bool {
    let dotted = scan.is(index + 1, ".") || scan.is(index + 1, "?.");
    let Some(name) = scan.token(index + 2).filter(|_| dotted) else {
        return false;
    };
    opaque_field(view, name.text)
}

fn opaque_field(view: &View, name: &str) -> bool {
    let View::Record { fields, .. } = view else {
        return false;
    };
    fields
        .iter()
        .any(|field| field.name == name && field.view == Some(View::Opaque))
}

/// Warns where the value of the tokens `first..=last` is compared, tested or asked for its type.
fn used(
    scan: &Scan<'_>,
    first: usize,
    last: usize,
    may_be_null: bool,
    findings: &mut Findings<'_>,
) {
    let marks = ["===", "!==", "==", "!="];
    let with_null = |index: usize| {
        ["null", "undefined"]
            .iter()
            .any(|word| scan.is(index, word))
    };
    let right = marks.iter().any(|mark| scan.is(last + 1, mark)) && !with_null(last + 2);
    let left = marks.iter().any(|mark| scan.after(first, mark))
        && first.checked_sub(2).is_none_or(|index| !with_null(index));
    let asked = scan.after(first, "typeof");
    let tested = !may_be_null
        && (scan.after(first, "!")
            || scan.is(last + 1, "?")
            || scan.is(last + 1, "&&")
            || scan.is(last + 1, "||")
            || is_condition(scan, first, last));
    let what = match () {
        () if left || right => "a comparison with an opaque value is never true",
        () if asked => "`typeof` an opaque value is always \"object\"",
        () if tested => "an opaque value is always true",
        () => return,
    };
    let hint = "give the field a closed type in the schema (an enum, a boolean, an integer with bounds), or use `await reveal(value)`";
    findings.warning(scan.start(first), "opaque-use", what, hint);
}

/// `if (x)` and `while (x)`, with nothing else between the parentheses.
fn is_condition(scan: &Scan<'_>, first: usize, last: usize) -> bool {
    let keyword = first
        .checked_sub(1)
        .is_some_and(|open| scan.after(open, "if") || scan.after(open, "while"));
    keyword && scan.after(first, "(") && scan.is(last + 1, ")")
}

/// Finds the names that answers are given to. A name that is declared twice is left alone.
fn names<'s>(scan: &Scan<'s>) -> BTreeMap<&'s str, Held> {
    let mut held = BTreeMap::new();
    let mut twice = Vec::new();
    for call in scan.calls("agent") {
        for (name, what) in declared(scan, &call) {
            if held.insert(name, what).is_some() {
                twice.push(name);
            }
        }
    }
    held.retain(|name, _| !twice.contains(name));
    held
}

/// The names in `const NAME = await agent(…)`, or `const { NAME, … } = await agent(…)`.
fn declared<'s>(scan: &Scan<'s>, call: &Call) -> Vec<(&'s str, Held)> {
    let Some(end) = call
        .name
        .checked_sub(3)
        .filter(|_| scan.after(call.name, "await") && scan.after(call.name - 1, "="))
    else {
        return Vec::new();
    };
    let view = schema(scan, call).map(|schema| View::of(&schema, 0));
    let single = scan.after(end, "const") || scan.after(end, "let");
    if let Some(token) = scan.token(end).filter(|_| single) {
        let what = match view {
            Some(view) => Held::Record(view),
            None if call.arguments.len() > 1 && has_schema(scan, call) => return Vec::new(),
            None => Held::Text,
        };
        return vec![(token.text, what)];
    }
    let Some(view) = view else { return Vec::new() };
    let open = (0..end).rev().find(|open| scan.closing(*open) == Some(end));
    let Some(open) = open.filter(|open| scan.is(*open, "{")) else {
        return Vec::new();
    };
    let fields = scan
        .fields(open)
        .into_iter()
        .filter(|field| opaque_field(&view, &field.name));
    fields
        .map(|field| (field.first.text, Held::Field))
        .collect()
}

fn has_schema(scan: &Scan<'_>, call: &Call) -> bool {
    // Options that are not written out may hold one.
    let Some((from, _)) = call.arguments.get(1) else {
        return false;
    };
    !scan.is(*from, "{")
        || scan
            .fields(*from)
            .iter()
            .any(|field| field.name == "schema")
}

fn schema(scan: &Scan<'_>, call: &Call) -> Option<Value> {
    let (from, _) = *call.arguments.get(1)?;
    let field = scan
        .fields(from)
        .into_iter()
        .find(|field| field.name == "schema")?;
    scan.literal(field.value.0, field.value.1)
}
