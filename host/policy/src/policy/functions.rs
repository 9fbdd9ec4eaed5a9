//! From sections to functions: each with its name, its arguments and its rule.

use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::tables::{
    ArgumentRule, FunctionId, FunctionRule, MAX_ARGUMENTS, MAX_FUNCTIONS, Verdict,
};

use super::draft::{FunctionDraft, ModelDraft, ToolDraft};
use super::mounts::MountEntry;
use super::scope::Scope;
use crate::codes;
use crate::compiled::{Function, FunctionKind};
use crate::diagnostic::quote;
use crate::grant;
use crate::suggest::did_you_mean;
use crate::text::{At, Report};

/// The function by which the result is printed.
pub(super) const PRINT: &str = "run.print";

/// First segments of function names that are the host's own.
const RESERVED: [&str; 3] = ["files", "model", "run"];

/// Functions and their rules, in the order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    pub(crate) list: Vec<Function>,
    pub(crate) rules: Vec<FunctionRule>,
    pub(crate) print: FunctionId,
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
            print: FunctionId(0),
        };
        let function = function(PRINT.to_owned(), &["value"], FunctionKind::Print);
        all.list.push(function);
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
            name,
            mount: rule,
            tolerates,
        } = &mount.value;
        let path = ArgumentRule {
            tolerates: TagSet::ALL,
        };
        self.add(
            function(
                format!("files.{name}.read"),
                &["path"],
                FunctionKind::FilesRead {
                    mount: name.clone(),
                },
            ),
            FunctionRule {
                arguments: vec![path],
                caller: TagSet::ALL,
                recipients: Readers::NOBODY,
                source: rule.label,
                verdict: Verdict::Allow,
            },
            mount,
            report,
        );
        if !rule.write {
            return;
        }
        let argument = ArgumentRule {
            tolerates: *tolerates,
        };
        self.add(
            function(
                format!("files.{name}.write"),
                &["path", "content"],
                FunctionKind::FilesWrite {
                    mount: name.clone(),
                },
            ),
            FunctionRule {
                arguments: vec![argument, argument],
                caller: *tolerates,
                recipients: rule.label.readers,
                source: Label::BOTTOM,
                verdict: Verdict::Allow,
            },
            mount,
            report,
        );
    }

    /// Adds the functions of a tool.
    pub(super) fn add_tool(&mut self, tool: &ToolDraft, scope: &mut Scope, report: &mut Report) {
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
            let function = function(
                format!("{}.{}", tool.name.value, draft.name.value),
                &arguments,
                FunctionKind::Tool {
                    tool: tool.name.value.clone(),
                    function: draft.name.value.clone(),
                },
            );
            let rule = tool_rule(draft, scope, report);
            self.add(function, rule, &draft.name, report);
        }
    }

    /// Adds the function of a model: whoever serves it reads what it is asked.
    pub(super) fn add_model(&mut self, model: &ModelDraft, scope: &mut Scope, report: &mut Report) {
        let tolerates = match &model.tolerate {
            Some(written) => scope.tolerance(written, report),
            None => TagSet::ALL,
        };
        let alias = model.name.value.clone();
        let function = function(
            format!("model.{alias}"),
            &["request"],
            FunctionKind::Model { alias },
        );
        let rule = FunctionRule {
            arguments: vec![ArgumentRule { tolerates }],
            caller: tolerates,
            recipients: scope.recipients(model.recipients.as_ref(), scope.models(), report),
            source: Label::BOTTOM,
            verdict: Verdict::Allow,
        };
        self.add(function, rule, &model.name, report);
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
            .filter(|(one, _)| one.kind != FunctionKind::Print)
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
        let readable = wanted
            .strip_suffix(".write")
            .map(|mount| format!("{mount}.read"));
        if readable.is_some_and(|name| self.list.iter().any(|one| one.name == name)) {
            return Some(
                "the directory is read only; set `write = true` to write to it".to_owned(),
            );
        }
        let known = self
            .list
            .iter()
            .filter(|one| one.kind != FunctionKind::Print);
        did_you_mean(wanted, known.map(|one| one.name.as_str()))
    }

    fn add<T>(&mut self, function: Function, rule: FunctionRule, at: &At<T>, report: &mut Report) {
        if self.list.len() >= usize::from(MAX_FUNCTIONS) {
            let message = format!("{} is one function too many", quote(&function.name));
            let hint = format!("define at most {MAX_FUNCTIONS} functions");
            report.hinted(codes::TOO_MANY, &at.span, message, hint);
            return;
        }
        self.list.push(function);
        self.rules.push(rule);
    }
}

fn function(name: String, arguments: &[&str], kind: FunctionKind) -> Function {
    Function {
        name,
        arguments: arguments.iter().map(|&name| name.to_owned()).collect(),
        kind,
    }
}

fn tool_rule(draft: &FunctionDraft, scope: &mut Scope, report: &mut Report) -> FunctionRule {
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
    FunctionRule {
        caller,
        recipients: scope.recipients(draft.recipients.as_ref(), operator, report),
        source: draft
            .label
            .as_ref()
            .map_or(Label::BOTTOM, |label| scope.label(label, private, report)),
        verdict: verdict(draft.decide.as_ref(), report),
        arguments,
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

fn verdict(decide: Option<&At<String>>, report: &mut Report) -> Verdict {
    let Some(written) = decide else {
        return Verdict::Allow;
    };
    match written.value.as_str() {
        "allow" => Verdict::Allow,
        "ask" => Verdict::Ask,
        other => {
            let message = format!("`decide` is {}", quote(other));
            let hint = "write `allow` or `ask`".to_owned();
            report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
            Verdict::Ask
        }
    }
}
