//! From sections to functions: each with its name, its arguments and its rule.

use std::collections::BTreeMap;
use std::ops::Range;

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::tables::{ArgumentRule, FunctionId, FunctionRule, MAX_FUNCTIONS, Verdict};

use super::draft::web::{SearchDraft, SiteDraft, WebDraft};
use super::mounts::MountEntry;
use super::scope::Scope;
use crate::compiled::{AnswerRule, FilesAct, Function, FunctionKind};
use crate::rules::CallRule;
use crate::web::Method;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::grant;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// The function by which the result is printed.
pub(super) const PRINT: &str = "run.print";

/// The function by which a person is asked.
pub(super) const ASK: &str = "person.ask";

/// What the names of models begin with.
const MODELS: &str = "model.";

/// The most functions besides the one by which a person is asked, which comes last.
const MOST: usize = MAX_FUNCTIONS as usize - 1;

/// Functions and their rules, in the order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    pub(crate) list: Vec<Function>,
    pub(crate) rules: Vec<FunctionRule>,
    /// Where each stands in the policy.
    pub(crate) places: Vec<Place>,
    /// The rules over arguments.
    pub(crate) call_rules: BTreeMap<FunctionId, CallRule>,
    pub(crate) print: FunctionId,
}

/// Where a function stands in the policy, and what was written of it there.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The name of its own section, or of the one that makes it.
    pub(crate) span: Range<usize>,
    /// Whether the label of its answer was written.
    pub(crate) labelled: bool,
}

/// What one item of a `use` list grants.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) written: At<String>,
    pub(crate) functions: Vec<FunctionId>,
}

impl Functions {
    /// Returns the one function that every policy has.
    pub(super) fn new(scope: &Scope) -> Self {
        let mut all = Self {
            list: Vec::new(),
            rules: Vec::new(),
            places: Vec::new(),
            call_rules: BTreeMap::new(),
            print: FunctionId(0),
        };
        let function = function(PRINT.to_owned(), &["value"], FunctionKind::Print);
        all.list.push(function);
        all.places.push(Place {
            span: 0..0,
            labelled: true,
        });
        all.rules.push(FunctionRule {
            arguments: vec![ArgumentRule {
                tolerates: TagSet::ALL,
            }],
            caller: TagSet::ALL,
            recipients: scope.operator(),
            source: Label::BOTTOM,
            verdict: Verdict::Allow,
        });
        all
    }

    /// Adds the functions of a mount. A local read reaches nobody and tells nobody. What
    /// is written reaches everybody who may read the mount afterwards.
    pub(super) fn add_mount(&mut self, mount: &At<MountEntry>, report: &mut Report) {
        let MountEntry {
            mount: rule,
            tolerates,
            ..
        } = &mount.value;
        let looking = |arguments| FunctionRule {
            arguments: vec![tolerating(TagSet::ALL); arguments],
            caller: TagSet::ALL,
            recipients: Readers::NOBODY,
            source: rule.label,
            verdict: Verdict::Allow,
        };
        self.add_files(
            mount,
            FilesAct::Read,
            &["path", "lines"],
            looking(2),
            report,
        );
        self.add_files(mount, FilesAct::Find, &["path", "what"], looking(2), report);
        if !rule.write {
            return;
        }
        let changing = |arguments, source| FunctionRule {
            arguments: vec![tolerating(*tolerates); arguments],
            caller: *tolerates,
            // The run tree keeps for each file who may read it.
            recipients: if rule.tree {
                Readers::NOBODY
            } else {
                rule.label.readers
            },
            source,
            verdict: Verdict::Allow,
        };
        let write = changing(2, Label::BOTTOM);
        self.add_files(mount, FilesAct::Write, &["path", "content"], write, report);
        let edit = changing(3, rule.label);
        let arguments = ["path", "content", "change"];
        self.add_files(mount, FilesAct::Edit, &arguments, edit, report);
    }

    fn add_files(
        &mut self,
        mount: &At<MountEntry>,
        act: FilesAct,
        arguments: &[&str],
        rule: FunctionRule,
        report: &mut Report,
    ) {
        let name = &mount.value.name;
        let kind = FunctionKind::Files {
            mount: name.clone(),
            act,
        };
        let name = format!("files.{name}.{}", act.name());
        self.add(function(name, arguments, kind), rule, mount, report);
    }

    /// Adds a function for each method of a site. Where a request goes and what it carries
    /// is told to whoever listens there.
    pub(super) fn add_site(
        &mut self,
        site: &SiteDraft,
        methods: &[At<Method>],
        scope: &mut Scope,
        report: &mut Report,
    ) {
        let name = &site.name.value;
        for method in methods {
            let arguments = if method.value.has_body() {
                &["url", "headers", "body"][..]
            } else {
                &["url", "headers"][..]
            };
            let kind = FunctionKind::WebFetch {
                site: name.clone(),
                method: method.value,
            };
            let name = format!("web.{name}.{}", method.value.name());
            let rule = web_rule(&site.shared, arguments.len(), scope, report);
            self.add(function(name, arguments, kind), rule, method, report);
        }
    }

    /// Adds the function of the search service.
    pub(super) fn add_search(
        &mut self,
        search: &SearchDraft,
        scope: &mut Scope,
        report: &mut Report,
    ) {
        let rule = web_rule(&search.shared, 1, scope, report);
        let function = function("web.search".to_owned(), &["query"], FunctionKind::WebSearch);
        self.add(function, rule, &search.name, report);
    }

    /// Adds the function by which the operator is asked. Anything may be shown to a person who
    /// may read it: its taint is shown with it.
    pub(super) fn add_person(&mut self, scope: &Scope) {
        let function = function(ASK.to_owned(), &["question", "part"], FunctionKind::Person);
        let rule = FunctionRule {
            arguments: vec![tolerating(TagSet::ALL); 2],
            caller: TagSet::ALL,
            recipients: scope.operator(),
            source: Label::BOTTOM,
            verdict: Verdict::Ask {
                passes: TagSet::ALL,
            },
        };
        self.list.push(function);
        self.rules.push(rule);
        self.places.push(Place {
            span: 0..0,
            labelled: true,
        });
    }

    /// Returns the function by which the run tree reaches the operator's files.
    pub(crate) fn apply(&self) -> Option<FunctionId> {
        let at = self
            .list
            .iter()
            .position(|one| one.kind == FunctionKind::Apply)?;
        u16::try_from(at).ok().map(FunctionId)
    }

    /// Looks up a `use` list. Printing is granted by the workflow's own key only.
    pub(super) fn grants(&self, uses: &[At<String>], report: &mut Report) -> Vec<Grant> {
        uses.iter()
            .map(|written| Grant {
                written: written.clone(),
                functions: self.covered(written, report),
            })
            .collect()
    }

    fn covered(&self, written: &At<String>, report: &mut Report) -> Vec<FunctionId> {
        let found: Vec<FunctionId> = self
            .list
            .iter()
            .zip(0..)
            .filter(|(one, _)| one.kind.can_be_granted())
            .filter(|(one, _)| grant::covers(&written.value, &one.name))
            .map(|(_, id)| FunctionId(id))
            .collect();
        if found.is_empty() {
            let message = format!("the policy defines no function {}", quote(&written.value));
            report.hinted(
                codes::UNKNOWN_FUNCTION,
                &written.span,
                message,
                self.hint(&written.value),
            );
        }
        found
    }

    fn hint(&self, wanted: &str) -> Option<String> {
        let readable = [".write", ".edit"]
            .iter()
            .find_map(|act| wanted.strip_suffix(act))
            .map(|mount| format!("{mount}.read"));
        if readable.is_some_and(|name| self.list.iter().any(|one| one.name == name)) {
            return Some(
                "the directory is read only; set `write = true` to write to it".to_owned(),
            );
        }
        let known = self.list.iter().filter(|one| one.kind.can_be_granted());
        let has_models = known.clone().any(|one| one.name.starts_with(MODELS));
        if wanted.starts_with(MODELS) && !has_models {
            return Some(
                "no model is configured: write `[models]` with a provider and an alias, such as `ollama = {}` and `alias = { default = \"ollama/qwen3\" }`".to_owned(),
            );
        }
        did_you_mean(wanted, known.map(|one| one.name.as_str()))
    }

    pub(super) fn add<T>(
        &mut self,
        function: Function,
        rule: FunctionRule,
        at: &At<T>,
        report: &mut Report,
    ) {
        if self.list.len() >= MOST {
            let message = format!("{} is one function too many", quote(&function.name));
            let hint = format!("define at most {} functions", MOST - 1);
            report.hinted(codes::TOO_MANY, &at.span, message, hint);
            return;
        }
        self.list.push(function);
        self.rules.push(rule);
        self.places.push(Place {
            span: at.span.clone(),
            labelled: true,
        });
    }
}

fn tolerating(tolerates: TagSet) -> ArgumentRule {
    ArgumentRule { tolerates }
}

pub(super) fn function(name: String, arguments: &[&str], kind: FunctionKind) -> Function {
    Function {
        name,
        arguments: arguments.iter().map(|&name| name.to_owned()).collect(),
        kind,
        recipients: None,
        answer: AnswerRule::default(),
    }
}

fn web_rule(
    draft: &WebDraft,
    arguments: usize,
    scope: &mut Scope,
    report: &mut Report,
) -> FunctionRule {
    let tolerates = match &draft.tolerate {
        Some(written) => scope.tolerance(written, report),
        None => TagSet::EMPTY,
    };
    FunctionRule {
        arguments: vec![ArgumentRule { tolerates }; arguments],
        caller: tolerates,
        recipients: scope.recipients(draft.recipients.as_ref(), Readers::PUBLIC, report),
        source: scope.label(&draft.label, Readers::PUBLIC, report),
        verdict: verdict(draft.decide.as_ref(), report),
    }
}

/// A person may let any tag through to a tool: what the tool itself stores is judged
/// again when it writes to its mounts.
pub(super) fn verdict(decide: Option<&At<String>>, report: &mut Report) -> Verdict {
    let passes = TagSet::ALL;
    let Some(written) = decide else {
        return Verdict::Allow;
    };
    match written.value.as_str() {
        "allow" => Verdict::Allow,
        "ask" => Verdict::Ask { passes },
        "ask-otherwise" => Verdict::AskOtherwise { passes },
        other => {
            let message = format!("`decide` is {}", quote(other));
            let hint = "write `allow`, `ask-otherwise` or `ask`".to_owned();
            report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
            Verdict::Ask { passes }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn who_grants_models_and_has_none_is_told_how_to_name_one() {
        let told = |models: &str| {
            let text =
                format!("version = 1\n{models}[profile.p]\nplugin = \"a\"\nuse = [\"model.fast\"]");
            let problems = Policy::parse("lazaret.toml", &text).unwrap_err();
            let hints = problems.iter().filter_map(|one| one.hint.clone());
            hints.collect::<Vec<_>>().join("\n")
        };
        assert!(told("").contains("write `[models]`"));
        let some = told("[models]\nollama = {}\nalias = { fats = \"ollama/m\" }\n");
        assert!(
            some.contains("model.fats") && !some.contains("write `[models]`"),
            "{some}"
        );
    }
}
