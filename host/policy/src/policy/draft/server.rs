//! Reading what `[tool.NAME]` says of an MCP server, and of a function's answer.

use super::read::{label, list};
use super::web::pairs;
use super::{FieldDraft, TrustedIfDraft};
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{Section, TextOrList};
use lazaret_manifest::text::{At, Report};

/// The longest time of one call.
const MAX_TIMEOUT_MS: u64 = 3_600_000;
const DEFAULT_TIMEOUT_MS: u64 = 60_000;

/// The keys of a `[tool.NAME]` that is an MCP server.
#[derive(Debug)]
pub(in crate::policy) struct ServerDraft {
    pub(in crate::policy) mcp: Option<TextOrList>,
    pub(in crate::policy) pin: Option<At<String>>,
    pub(in crate::policy) variables: Vec<At<String>>,
    pub(in crate::policy) secrets: Vec<(At<String>, At<String>)>,
    pub(in crate::policy) headers: Vec<(At<String>, At<String>)>,
    pub(in crate::policy) timeout_ms: u64,
}

/// The keys of a function that say what its answer is.
#[derive(Debug)]
pub(in crate::policy) struct AnswerDraft {
    pub(in crate::policy) parse: Option<At<String>>,
    pub(in crate::policy) items: Option<At<String>>,
    pub(in crate::policy) fields: Vec<FieldDraft>,
    pub(in crate::policy) trusted_if: Option<TrustedIfDraft>,
}

/// Reads what a tool's section says of a server.
pub(super) fn server(section: &mut Section<'_>, report: &mut Report) -> ServerDraft {
    ServerDraft {
        mcp: section.text_or_list(report, "mcp"),
        pin: section.text(report, "pin"),
        variables: list(section, report, "env", Name::Variable),
        secrets: pairs(section, report, "secrets"),
        headers: pairs(section, report, "headers"),
        timeout_ms: section
            .number(report, "timeout_ms", 1..=MAX_TIMEOUT_MS)
            .unwrap_or(DEFAULT_TIMEOUT_MS),
    }
}

/// Reads what a function's section says of its answer.
pub(super) fn answer(section: &mut Section<'_>, report: &mut Report) -> AnswerDraft {
    AnswerDraft {
        parse: section.text(report, "parse"),
        items: section.text(report, "items"),
        fields: fields(section, report),
        trusted_if: trusted_if(section, report),
    }
}

/// Reads `trusted_if`.
pub(super) fn trusted_if(section: &mut Section<'_>, report: &mut Report) -> Option<TrustedIfDraft> {
    let mut section = section.section(report, "trusted_if")?;
    let draft = TrustedIfDraft {
        span: section.span().clone(),
        field: section.required_text(report, "field"),
        member_of: section.required_text(report, "member_of"),
    };
    section.finish(report);
    Some(draft)
}

/// Reads `[[….field]]`.
pub(super) fn fields(section: &mut Section<'_>, report: &mut Report) -> Vec<FieldDraft> {
    let mut fields = Vec::new();
    for mut field in section.sections(report, "field") {
        fields.push(FieldDraft {
            pointer: field.required_text(report, "pointer"),
            label: label(&mut field, report),
        });
        field.finish(report);
    }
    fields
}
