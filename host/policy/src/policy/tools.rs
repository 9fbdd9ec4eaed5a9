//! The functions of tools, components and servers alike: what each takes, reaches and answers.

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentRule, FunctionId, FunctionRule, MAX_ARGUMENTS};

use super::draft::{FunctionDraft, ToolDraft};
use super::functions::{Functions, function, verdict};
use super::principals::Principals;
use super::scope::Scope;
use super::{answers, args};
use crate::compiled::{Function, FunctionKind};
use crate::rules::{self, CALLS};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// First segments of function names that are the host's own.
const RESERVED: [&str; 8] = [
    "code", "command", "files", "model", "person", "run", "tree", "web",
];

impl Functions {
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
        let is_server = tool.server.mcp.is_some();
        for draft in &tool.functions {
            let mut rule = rule(draft, is_server, scope, report);
            let function = Function {
                recipients: named_recipients(draft, report),
                answer: answers::resolve(&draft.answer, &mut rule, principals, scope, report),
                ..named(tool, draft)
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
        let schema = schema.and_then(|written| args::json_object("schema", written, report));
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
}

/// The function as it is called, before anything else is known of it.
fn named(tool: &ToolDraft, draft: &FunctionDraft) -> Function {
    let (owner, name) = (tool.name.value.clone(), draft.name.value.clone());
    let full_name = format!("{owner}.{name}");
    let kind = match &tool.server.mcp {
        Some(_) => FunctionKind::Mcp {
            server: owner,
            function: name,
        },
        None => FunctionKind::Tool {
            tool: owner,
            function: name,
        },
    };
    let arguments = draft.args.iter().map(|(name, _)| name.value.as_str());
    function(full_name, &arguments.collect::<Vec<_>>(), kind)
}

/// Returns where the arguments name whom a call reaches.
fn named_recipients(draft: &FunctionDraft, report: &mut Report) -> Option<Pointer> {
    let written = pointer_of(draft)?;
    let pointer = args::pointer(written, report)?;
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

/// An answer that nobody labelled is trusted where a component gives it, which has nothing
/// but its arguments and what it was granted, and unknown where a server does. A server may
/// tell anybody what it was asked.
fn rule(
    draft: &FunctionDraft,
    is_server: bool,
    scope: &mut Scope,
    report: &mut Report,
) -> FunctionRule {
    let arguments = arguments(draft, scope, report);
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

/// What each argument tolerates; nothing where nothing is written.
fn arguments(draft: &FunctionDraft, scope: &mut Scope, report: &mut Report) -> Vec<ArgumentRule> {
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
    arguments
}

/// What every argument tolerates; nothing where there is none.
fn common(arguments: &[ArgumentRule]) -> TagSet {
    arguments
        .iter()
        .map(|argument| argument.tolerates)
        .reduce(|all, one| all & one)
        .unwrap_or(TagSet::EMPTY)
}
