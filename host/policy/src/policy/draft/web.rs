//! Reading `[web.NAME]`, `[web.search]` and `[secret.NAME]`.

use std::ops::Range;

use super::LabelDraft;
use super::read::{label, list};
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{Section, TextOrList, text_of_entry};
use lazaret_manifest::text::{At, Report};

/// The name of the section that is no site.
const SEARCH: &str = "search";

/// Most bytes of an answer: what is kept of it is bounded once more, as every content.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
const DEFAULT_BYTES: u64 = 5 * 1024 * 1024;

/// Longest time of a request.
const MAX_TIMEOUT_MS: u64 = 600_000;
const DEFAULT_TIMEOUT_MS: u64 = 30_000;

/// Most redirects of a request.
const MAX_REDIRECTS: u64 = 20;
const DEFAULT_REDIRECTS: u64 = 5;

/// `[web.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct SiteDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) allow: Vec<At<String>>,
    pub(in crate::policy) methods: Vec<At<String>>,
    pub(in crate::policy) shared: WebDraft,
}

/// `[web.search]`.
#[derive(Debug)]
pub(in crate::policy) struct SearchDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) url: Option<At<String>>,
    pub(in crate::policy) body: Option<At<String>>,
    pub(in crate::policy) results: Option<At<String>>,
    pub(in crate::policy) shared: WebDraft,
}

/// What a site and the search have in common.
#[derive(Debug)]
pub(in crate::policy) struct WebDraft {
    pub(in crate::policy) private: Vec<At<String>>,
    pub(in crate::policy) headers: Vec<(At<String>, At<String>)>,
    pub(in crate::policy) label: LabelDraft,
    pub(in crate::policy) tolerate: Option<TextOrList>,
    pub(in crate::policy) recipients: Option<TextOrList>,
    pub(in crate::policy) decide: Option<At<String>>,
    pub(in crate::policy) max_bytes: u64,
    pub(in crate::policy) timeout_ms: u64,
    pub(in crate::policy) redirects: u64,
}

/// `[secret.NAME]`.
#[derive(Debug)]
pub(in crate::policy) struct SecretDraft {
    pub(in crate::policy) name: At<String>,
    pub(in crate::policy) from: Option<At<String>>,
    pub(in crate::policy) hosts: Vec<At<String>>,
}

/// Reads the sites and the search.
pub(super) fn web(
    root: &mut Section<'_>,
    report: &mut Report,
) -> (Vec<SiteDraft>, Option<SearchDraft>) {
    let (mut sites, mut search) = (Vec::new(), None);
    for (name, mut section) in root.named(report, "web", Name::Plain) {
        if name.value == SEARCH {
            search = Some(SearchDraft {
                name,
                url: section.required_text(report, "url"),
                body: section.text(report, "body"),
                results: section.text(report, "results"),
                shared: shared(&mut section, report),
            });
        } else {
            sites.push(SiteDraft {
                name,
                allow: texts(&mut section, report, "allow"),
                methods: list(&mut section, report, "methods", Name::Loose),
                shared: shared(&mut section, report),
            });
        }
        section.finish(report);
    }
    (sites, search)
}

/// Reads the secrets.
pub(super) fn secrets(root: &mut Section<'_>, report: &mut Report) -> Vec<SecretDraft> {
    let mut all = Vec::new();
    for (name, mut section) in root.named(report, "secret", Name::Plain) {
        all.push(SecretDraft {
            name,
            from: section.required_text(report, "from"),
            hosts: texts(&mut section, report, "hosts"),
        });
        section.finish(report);
    }
    all
}

fn shared(section: &mut Section<'_>, report: &mut Report) -> WebDraft {
    let mut number =
        |key, most, otherwise| section.number(report, key, 1..=most).unwrap_or(otherwise);
    let max_bytes = number("max_bytes", MAX_BYTES, DEFAULT_BYTES);
    let timeout_ms = number("timeout_ms", MAX_TIMEOUT_MS, DEFAULT_TIMEOUT_MS);
    WebDraft {
        private: texts(section, report, "private"),
        headers: pairs(section, report, "headers"),
        label: label(section, report),
        tolerate: section.text_or_list(report, "tolerate"),
        recipients: section.text_or_list(report, "recipients"),
        decide: section.text(report, "decide"),
        max_bytes,
        timeout_ms,
        redirects: section
            .number(report, "redirects", 0..=MAX_REDIRECTS)
            .unwrap_or(DEFAULT_REDIRECTS),
    }
}

/// Reads a list of texts that are no names.
pub(super) fn texts(
    section: &mut Section<'_>,
    report: &mut Report,
    key: &'static str,
) -> Vec<At<String>> {
    section.texts(report, key).unwrap_or_default()
}

/// Reads a table of texts.
pub(super) fn pairs(
    section: &mut Section<'_>,
    report: &mut Report,
    key: &'static str,
) -> Vec<(At<String>, At<String>)> {
    let Some(table) = section.section(report, key) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, value) in table.entries(report, Name::Loose) {
        let span: Range<usize> = value.span();
        if let Some(text) = text_of_entry(report, value.get_ref(), &span, &name.value) {
            all.push((name, text));
        }
    }
    all
}
