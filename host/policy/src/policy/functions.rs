//! From sections to functions: each with its name, its arguments and its rule.

use std::collections::BTreeMap;
use std::ops::Range;

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{
    ArgumentRule, FunctionId, FunctionRule, MAX_ARGUMENTS, MAX_FUNCTIONS, Verdict,
};
use lazaret_kernel::tree::LabelTree;

use super::draft::web::{SearchDraft, SiteDraft, WebDraft};
use super::draft::{FunctionDraft, ToolDraft};
use super::mounts::MountEntry;
use super::principals::Principals;
use super::scope::Scope;
use super::stores;
use crate::compiled::{AnswerRule, FilesAct, Function, FunctionKind};
use crate::rules::{self, CALLS, CallRule};
use crate::web::Method;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::grant;
use lazaret_manifest::reader::TextOrList;
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

/// First segments of function names that are the host's own.
const RESERVED: [&str; 8] = [
    "code", "command", "files", "model", "person", "run", "tree", "web",
];

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

    /// Adds the functions of a tool.
    pub(super) fn add_tool(
        &mut self,
        tool: &ToolDraft,
        principals: &Principals,
        scope: &mut Scope,
        report: &mut Report,
    ) {
        if RESERVED.contains(&tool.name.value.as_str()) {
            let message = format!("no tool may be called {}", quote(&tool.name.value));
            report.error(codes::RESERVED_NAME, &tool.name.span, message);
        }
        for draft in &tool.functions {
            let arguments: Vec<&str> = draft
                .args
                .iter()
                .map(|(name, _)| name.value.as_str())
                .collect();
            let (name, function_name) = (tool.name.value.clone(), draft.name.value.clone());
            let kind = match &tool.server.mcp {
                Some(_) => FunctionKind::Mcp {
                    server: name,
                    function: function_name,
                },
                None => FunctionKind::Tool {
                    tool: name,
                    function: function_name,
                },
            };
            let function = function(
                format!("{}.{}", tool.name.value, draft.name.value),
                &arguments,
                kind,
            );
            let is_server = tool.server.mcp.is_some();
            let mut rule = tool_rule(draft, is_server, scope, report);
            let function = Function {
                recipients: named_recipients(draft, report),
                answer: answer_rule(draft, &mut rule, principals, scope, report),
                ..function
            };
            self.add(function, rule, &draft.name, report);
            if let Some(place) = self.places.last_mut() {
                place.labelled = draft.label.is_some();
            }
            self.add_call_rule(draft, report);
        }
    }

    /// Adds the rule over the arguments of the function that was added last.
    fn add_call_rule(&mut self, draft: &FunctionDraft, report: &mut Report) {
        let schema = draft.schema.as_ref();
        let schema = schema.and_then(|written| super::args::json_object("schema", written, report));
        let Some(written) = &draft.rule else {
            return;
        };
        if let Some((name, _)) = draft.args.iter().find(|(name, _)| name.value == CALLS) {
            let message = format!(
                "the argument {} is called as a rule calls the number of calls",
                quote(CALLS)
            );
            let hint = "leave `rule` out, or give the argument another name".to_owned();
            report.hinted(codes::RULE, &name.span, message, hint);
        }
        let last = u16::try_from(self.list.len().saturating_sub(1));
        if let (Some(rule), Ok(last)) = (rules::parse(written, schema, report), last) {
            self.call_rules.insert(FunctionId(last), rule);
        }
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
        stores::check_site(site, methods, self, report);
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

/// Returns where the arguments name whom a call reaches.
fn named_recipients(draft: &FunctionDraft, report: &mut Report) -> Option<Pointer> {
    let written = pointer_of(draft)?;
    let pointer = super::args::pointer(written, report)?;
    let argument = pointer.segments().first()?;
    if draft.args.iter().any(|(name, _)| name.value == *argument) {
        return Some(pointer);
    }
    let message = format!("the function has no argument {}", quote(argument));
    let hint = did_you_mean(
        argument,
        draft.args.iter().map(|(name, _)| name.value.as_str()),
    );
    report.hinted(codes::INVALID_POINTER, &written.span, message, hint);
    None
}

/// A pointer begins with a slash, and no set of readers does.
fn pointer_of(draft: &FunctionDraft) -> Option<&At<String>> {
    match &draft.recipients {
        Some(TextOrList::Text(text)) if text.value.starts_with('/') => Some(text),
        _ => None,
    }
}

/// Returns what the answer is. What a field may carry belongs to the function's label: how
/// a call ended is told by all of it.
fn answer_rule(
    draft: &FunctionDraft,
    rule: &mut FunctionRule,
    principals: &Principals,
    scope: &mut Scope,
    report: &mut Report,
) -> AnswerRule {
    let answer = &draft.answer;
    let parse = answer.parse.as_ref();
    if let Some(other) = parse.filter(|parse| parse.value != "json") {
        let message = format!("`parse` is {}", quote(&other.value));
        let hint = "write `json`, or leave it out".to_owned();
        report.hinted(codes::INVALID_VALUE, &other.span, message, hint);
    }
    let fields = super::args::fields(&answer.fields, rule.source.readers, scope, report);
    let labels = (!fields.is_empty()).then(|| LabelTree::declared(rule.source, fields));
    if let Some(labels) = &labels {
        rule.source = labels.joined();
    }
    let items = answer.items.as_ref();
    let items = items.and_then(|written| super::args::pointer(written, report));
    let flat = LabelTree::flat(rule.source);
    let trusted_if = principals.trusted_if(
        answer.trusted_if.as_ref(),
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

/// An answer that nobody labelled is trusted where a component gives it, which has nothing
/// but its arguments and what it was granted, and unknown where a server does. A server may
/// tell anybody what it was asked.
fn tool_rule(
    draft: &FunctionDraft,
    is_server: bool,
    scope: &mut Scope,
    report: &mut Report,
) -> FunctionRule {
    if draft.args.len() > MAX_ARGUMENTS {
        let message = format!("{} has too many arguments", quote(&draft.name.value));
        let hint = format!("a function has at most {MAX_ARGUMENTS} arguments");
        report.hinted(codes::TOO_MANY, &draft.args_span, message, hint);
    }
    let mut arguments = Vec::with_capacity(draft.args.len());
    for (_, written) in &draft.args {
        let tolerates = written
            .as_ref()
            .map_or(TagSet::EMPTY, |written| scope.tolerance(written, report));
        arguments.push(ArgumentRule { tolerates });
    }
    let caller = match &draft.caller {
        Some(written) => scope.tolerance(written, report),
        None => common(&arguments),
    };
    let operator = scope.operator();
    let private = scope.default_readers();
    let (reached, unlabelled) = if is_server {
        let unknown = Label {
            taint: TagSet::UNKNOWN,
            readers: private,
        };
        (Readers::PUBLIC, unknown)
    } else {
        (operator, Label::BOTTOM)
    };
    // Whom the arguments name comes on top of the operator, to whom every answer goes.
    let (written, reached) = match pointer_of(draft) {
        Some(_) => (None, operator),
        None => (draft.recipients.as_ref(), reached),
    };
    FunctionRule {
        caller,
        recipients: scope.recipients(written, reached, report),
        source: draft
            .label
            .as_ref()
            .map_or(unlabelled, |label| scope.label(label, private, report)),
        verdict: verdict(draft.decide.as_ref(), report),
        arguments,
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

/// What every argument tolerates; nothing where there is none.
fn common(arguments: &[ArgumentRule]) -> TagSet {
    arguments
        .iter()
        .map(|argument| argument.tolerates)
        .reduce(|all, one| all & one)
        .unwrap_or(TagSet::EMPTY)
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
