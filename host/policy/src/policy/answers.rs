//! What the answers of a tool's functions are: how they are read, and what their fields carry.

use lazaret_kernel::tables::FunctionRule;
use lazaret_kernel::tree::LabelTree;

use super::args;
use super::draft::server::AnswerDraft;
use super::principals::Principals;
use super::scope::Scope;
use crate::compiled::AnswerRule;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::text::Report;

/// Returns what the answer is. What a field may carry belongs to the function's label: how
/// a call ended is told by all of it.
pub(super) fn resolve(
    draft: &AnswerDraft,
    rule: &mut FunctionRule,
    principals: &Principals,
    scope: &mut Scope,
    report: &mut Report,
) -> AnswerRule {
    let parse = draft.parse.as_ref();
    if let Some(other) = parse.filter(|parse| parse.value != "json") {
        let message = format!("`parse` is {}", quote(&other.value));
        let hint = "write `json`, or leave it out".to_owned();
        report.hinted(codes::INVALID_VALUE, &other.span, message, hint);
    }
    let fields = args::fields(&draft.fields, rule.source.readers, scope, report);
    let labels = (!fields.is_empty()).then(|| LabelTree::declared(rule.source, fields));
    if let Some(labels) = &labels {
        rule.source = labels.joined();
    }
    let items = draft.items.as_ref();
    let items = items.and_then(|written| args::pointer(written, report));
    let flat = LabelTree::flat(rule.source);
    let trusted_if = principals.trusted_if(
        draft.trusted_if.as_ref(),
        items.as_ref(),
        labels.as_ref().unwrap_or(&flat),
        report,
    );
    AnswerRule {
        parse: parse.is_some(),
        labels,
        items,
        trusted_if,
    }
}
