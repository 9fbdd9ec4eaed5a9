//! Labels by principal: the lists of those whom the policy trusts, and the field that names one.

use std::collections::{BTreeMap, BTreeSet};

use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tree::LabelTree;

use super::args::pointer;
use super::draft::{SetDraft, TrustedIfDraft};
use crate::compiled::TrustedIf;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// The lists of principals, by name.
#[derive(Clone, Debug)]
pub(super) struct Principals(BTreeMap<String, BTreeSet<String>>);

impl Principals {
    /// Collects `[principals]`.
    pub(super) fn new(drafts: &[SetDraft]) -> Self {
        let lists = drafts.iter().map(|SetDraft { name, principals }| {
            let names = principals.iter().map(|name| name.value.clone());
            (name.value.clone(), names.collect())
        });
        Self(lists.collect())
    }

    /// Returns whose items are trusted. The field that names a principal must be one that the
    /// policy declares to be the service's own: else whoever writes an item says who wrote it.
    pub(super) fn trusted_if(
        &self,
        draft: Option<&TrustedIfDraft>,
        items: Option<&Pointer>,
        labels: &LabelTree,
        report: &mut Report,
    ) -> Option<TrustedIf> {
        let draft = draft?;
        let Some(items) = items else {
            let message = "there is a `trusted_if`, but no list of items".to_owned();
            let hint = "say with `items` where the list is".to_owned();
            report.hinted(codes::MISSING_FIELD, &draft.span, message, hint);
            return None;
        };
        let members = self.list(draft.member_of.as_ref()?, report)?;
        let written = draft.field.as_ref()?;
        let field = pointer(written, report)?;
        let label = labels.project(items).item(0).project(&field).joined();
        if !label.taint.is_empty() {
            let message = format!(
                "the field {} may be written by strangers, who could then say who they are",
                quote(&written.value)
            );
            let hint = format!(
                "take a field that the service fills in, and declare it: `pointer = \"{items}/*{field}\"`, `tags = []`"
            );
            report.hinted(codes::UNTRUSTED_PRINCIPAL, &written.span, message, hint);
            return None;
        }
        Some(TrustedIf { field, members })
    }

    fn list(&self, name: &At<String>, report: &mut Report) -> Option<BTreeSet<String>> {
        if let Some(list) = self.0.get(&name.value) {
            return Some(list.clone());
        }
        let message = format!("there is no list of principals {}", quote(&name.value));
        let hint = did_you_mean(&name.value, self.0.keys().map(String::as_str));
        let hint = hint.or_else(|| Some("define it in `[principals]`".to_owned()));
        report.hinted(codes::UNKNOWN_PRINCIPALS, &name.span, message, hint);
        None
    }
}
