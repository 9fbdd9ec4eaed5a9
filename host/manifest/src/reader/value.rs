//! Reading one TOML value: its type is checked, what is wrong is reported.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{MAX_ENTRIES, TextOrList};
use crate::codes;
use crate::diagnostic::quote;
use crate::text::{At, Report};

/// Reads a string or a list of strings from a value.
pub fn text_or_list(
    report: &mut Report,
    value: &DeValue<'_>,
    span: &Range<usize>,
    key: &str,
) -> Option<TextOrList> {
    if value.is_str() {
        return text_of(report, value, span, key).map(TextOrList::Text);
    }
    if value.is_array() {
        return list_of(report, value, span, key).map(TextOrList::List);
    }
    wrong_type(report, value, span, key, "a string or a list of strings")
}

/// Reads a string from a value.
pub fn text_of(
    report: &mut Report,
    value: &DeValue<'_>,
    span: &Range<usize>,
    key: &str,
) -> Option<At<String>> {
    match value.as_str() {
        Some(text) => Some(At::new(text.to_owned(), span.clone())),
        None => wrong_type(report, value, span, key, "a string"),
    }
}

/// Reads a list of strings from a value.
pub fn list_of(
    report: &mut Report,
    value: &DeValue<'_>,
    span: &Range<usize>,
    key: &str,
) -> Option<At<Vec<At<String>>>> {
    let Some(list) = value.as_array() else {
        return wrong_type(report, value, span, key, "a list of strings");
    };
    too_many(report, list.len(), span, key);
    let texts = list
        .iter()
        .take(MAX_ENTRIES)
        .filter_map(|item| text_of(report, item.get_ref(), &item.span(), key))
        .collect();
    Some(At::new(texts, span.clone()))
}

/// Reads a table from a value.
pub(super) fn table_of<'a>(
    report: &mut Report,
    value: &'a DeValue<'a>,
    span: &Range<usize>,
    key: &str,
) -> Option<&'a DeTable<'a>> {
    value
        .as_table()
        .or_else(|| wrong_type(report, value, span, key, "a table"))
}

/// Reports a value of the wrong type.
pub(super) fn wrong_type<T>(
    report: &mut Report,
    value: &DeValue<'_>,
    span: &Range<usize>,
    key: &str,
    wanted: &str,
) -> Option<T> {
    let found = value.type_str();
    let message = format!("{} is of type {found}", quote(key));
    report.hinted(codes::WRONG_TYPE, span, message, format!("write {wanted}"));
    None
}

/// Reports a list or table that is too long; what is past the maximum is not read.
pub(super) fn too_many(report: &mut Report, length: usize, span: &Range<usize>, what: &str) {
    if length > MAX_ENTRIES {
        let message = format!("{} has {length} entries", quote(what));
        let hint = format!("write at most {MAX_ENTRIES}");
        report.hinted(codes::TOO_MANY, span, message, hint);
    }
}

/// Returns the thousandths of a decimal number, without rounding.
pub(super) fn thousandths(written: &str) -> Option<u64> {
    scaled(written, 3)
}

/// Reads a number below 10⁹ with at most six decimals, as millionths.
pub(super) fn millionths(written: &str) -> Option<u64> {
    scaled(written, 6)
}

fn scaled(written: &str, places: usize) -> Option<u64> {
    let (whole, decimals) = written.split_once('.').unwrap_or((written, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || decimals.len() > places {
        return None;
    }
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    format!("{whole}{decimals:0<places$}").parse().ok()
}
