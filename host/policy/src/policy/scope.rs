//! The tags and principals of a policy, and what its words for them stand for.

use std::collections::BTreeMap;

use lazaret_kernel::label::{Label, MAX_READERS, MAX_TAGS, Readers, TagSet};
use lazaret_kernel::names::{Names, UNKNOWN_TAG};

use super::draft::{Draft, LabelDraft, SetDraft};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// The principal whose machine this is; one of every set of readers.
pub(super) const OPERATOR: &str = "operator";

/// The principal that stands for the providers of the configured models.
pub(super) const MODELS: &str = "models";

/// The set of readers that stands for everybody.
const PUBLIC: &str = "public";

/// The set of readers that is meant where none is written.
const PRIVATE: &str = "private";

/// What the policy's words for tags and readers stand for.
#[derive(Debug)]
pub(super) struct Scope {
    names: Names,
    tags: Vec<String>,
    principals: Vec<String>,
    sets: BTreeMap<String, Readers>,
    operator: Readers,
    models: Readers,
}

impl Scope {
    /// Collects the sets of readers, and the tags of everything that content comes from.
    pub(super) fn new(draft: &Draft, report: &mut Report) -> Self {
        let mut names = Names::default();
        let operator = names.reader(OPERATOR);
        let models = names.reader(MODELS);
        let mut scope = Self {
            names,
            tags: vec![UNKNOWN_TAG.to_owned()],
            principals: vec![OPERATOR.to_owned(), MODELS.to_owned()],
            sets: BTreeMap::new(),
            operator,
            models,
        };
        scope.define_sets(draft, report);
        for label in sources(draft) {
            for tag in &label.tags {
                scope.declare_tag(tag, report);
            }
        }
        scope
    }

    pub(super) fn into_names(self) -> Names {
        self.names
    }

    /// Returns the tags of a list; each must be one that some source carries.
    pub(super) fn tags(&self, list: &[At<String>], report: &mut Report) -> TagSet {
        list.iter().fold(TagSet::EMPTY, |set, tag| {
            set | self.find_tag(tag, report).unwrap_or(TagSet::EMPTY)
        })
    }

    /// Returns what a list of tags or `"*"` stands for.
    pub(super) fn tolerance(&self, written: &TextOrList, report: &mut Report) -> TagSet {
        match written {
            TextOrList::Text(text) if text.value == "*" => TagSet::ALL,
            TextOrList::Text(text) => {
                let message = format!("{} is no list of tags", quote(&text.value));
                let hint = "write a list of tags, or `\"*\"` for all".to_owned();
                report.hinted(codes::INVALID_VALUE, &text.span, message, hint);
                TagSet::EMPTY
            }
            TextOrList::List(list) => self.tags(&list.value, report),
        }
    }

    /// Returns who may read: always the operator too.
    pub(super) fn readers(&mut self, written: &TextOrList, report: &mut Report) -> Readers {
        self.principals(written, report) | self.operator
    }

    /// Returns whom an effect reaches: exactly those written.
    pub(super) fn recipients(
        &mut self,
        written: Option<&TextOrList>,
        otherwise: Readers,
        report: &mut Report,
    ) -> Readers {
        written.map_or(otherwise, |written| self.principals(written, report))
    }

    /// Returns the readers that are meant where none are written.
    pub(super) fn default_readers(&self) -> Readers {
        self.sets.get(PRIVATE).copied().unwrap_or(self.operator)
    }

    pub(super) fn operator(&self) -> Readers {
        self.operator
    }

    pub(super) fn models(&self) -> Readers {
        self.models
    }

    /// Returns the label of a source; readers that are not written are `otherwise`.
    pub(super) fn label(
        &mut self,
        draft: &LabelDraft,
        otherwise: Readers,
        report: &mut Report,
    ) -> Label {
        let readers = match &draft.readers {
            Some(written) => self.readers(written, report),
            None => otherwise,
        };
        Label {
            taint: self.tags(&draft.tags, report),
            readers,
        }
    }

    fn define_sets(&mut self, draft: &Draft, report: &mut Report) {
        for SetDraft { name, .. } in &draft.readers {
            if name.value == PUBLIC || name.value == OPERATOR || name.value == MODELS {
                let message = format!("{} cannot be defined anew", quote(&name.value));
                report.error(codes::RESERVED_NAME, &name.span, message);
            }
            self.sets.insert(name.value.clone(), self.operator);
        }
        for SetDraft { name, principals } in &draft.readers {
            let set = self.listed(principals, report) | self.operator;
            self.sets.insert(name.value.clone(), set);
        }
    }

    fn declare_tag(&mut self, tag: &At<String>, report: &mut Report) {
        if self.tags.contains(&tag.value) {
            return;
        }
        if self.tags.len() > usize::from(MAX_TAGS) {
            let message = format!("{} is one tag too many", quote(&tag.value));
            let hint = format!("name at most {MAX_TAGS} tags");
            report.hinted(codes::TOO_MANY, &tag.span, message, hint);
            return;
        }
        self.names.tag(&tag.value);
        self.tags.push(tag.value.clone());
    }

    fn find_tag(&self, tag: &At<String>, report: &mut Report) -> Option<TagSet> {
        let found = self.names.find_tag(&tag.value);
        if found.is_none() {
            let message = format!("no source carries the tag {}", quote(&tag.value));
            let known = self.tags.iter().map(String::as_str);
            let hint = did_you_mean(&tag.value, known);
            report.hinted(codes::UNKNOWN_LABEL, &tag.span, message, hint);
        }
        found
    }

    fn principals(&mut self, written: &TextOrList, report: &mut Report) -> Readers {
        match written {
            TextOrList::Text(text) if text.value == PUBLIC => Readers::PUBLIC,
            TextOrList::Text(text) => self.set(text, report),
            TextOrList::List(list) => self.listed(&list.value, report),
        }
    }

    fn set(&self, name: &At<String>, report: &mut Report) -> Readers {
        if let Some(set) = self.sets.get(&name.value) {
            return *set;
        }
        let message = format!("there is no set of readers {}", quote(&name.value));
        let known = self.sets.keys().map(String::as_str).chain([PUBLIC]);
        let hint = if self.principals.contains(&name.value) {
            Some(format!(
                "for one principal write a list: `[\"{}\"]`",
                name.value
            ))
        } else {
            did_you_mean(&name.value, known)
        };
        report.hinted(codes::UNKNOWN_READERS, &name.span, message, hint);
        Readers::NOBODY
    }

    fn listed(&mut self, list: &[At<String>], report: &mut Report) -> Readers {
        list.iter().fold(Readers::NOBODY, |all, name| {
            all | self.principal(name, report)
        })
    }

    /// Interns a principal. Past the maximum it would be nobody, which as a recipient
    /// would be everybody's permission; so that is an error and never folds.
    fn principal(&mut self, name: &At<String>, report: &mut Report) -> Readers {
        if !Name::Principal.check(report, name) {
            return Readers::NOBODY;
        }
        if name.value == PUBLIC || self.sets.contains_key(&name.value) {
            let message = format!(
                "{} is a set of readers in a list of principals",
                quote(&name.value)
            );
            let hint = format!(
                "write `\"{}\"` without a list, or its principals",
                name.value
            );
            report.hinted(codes::UNKNOWN_READERS, &name.span, message, hint);
            return Readers::NOBODY;
        }
        if !self.principals.contains(&name.value) {
            if self.principals.len() >= usize::from(MAX_READERS) {
                let message = format!("{} is one principal too many", quote(&name.value));
                let hint = format!("name at most {MAX_READERS} principals");
                report.hinted(codes::TOO_MANY, &name.span, message, hint);
            }
            self.principals.push(name.value.clone());
        }
        self.names.reader(&name.value)
    }
}

/// Everything that content comes from, in the file's usual order.
fn sources(draft: &Draft) -> impl Iterator<Item = &LabelDraft> {
    let args = draft.args.iter().flat_map(|args| {
        let fields = args.fields.iter().map(|field| &field.label);
        std::iter::once(&args.label).chain(fields)
    });
    let files = draft.files.iter().map(|files| &files.label);
    let answers = draft
        .tools
        .iter()
        .flat_map(|tool| &tool.functions)
        .flat_map(|function| {
            let fields = function.answer.fields.iter().map(|field| &field.label);
            function.label.iter().chain(fields)
        });
    let sites = draft.sites.iter().map(|site| &site.shared.label);
    let search = draft.search.iter().map(|search| &search.shared.label);
    let named = draft.sources.iter().map(|source| &source.label);
    let all = args.chain(files).chain(answers).chain(sites);
    all.chain(search).chain(named)
}
