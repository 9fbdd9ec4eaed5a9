//! Profiles, tools and the workflow: the plugins, functions and gates they name.

use lazaret_kernel::label::{Readers, TagSet};
use lazaret_kernel::tables::{GateId, GateRule, MAX_GATES};

use super::draft::{AdviceDraft, GateDraft, ProfileDraft, ToolDraft, WorkflowDraft};
use super::functions::{Functions, Grant};
use super::scope::Scope;
use super::{Plugin, ProfileEntry, ToolEntry, WorkflowEntry};
use crate::channel::ChannelName;
use crate::compiled::{Advice, Clearance, FunctionKind, Order};
use crate::tools;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::name;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// How hard a model may be asked to think.
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// Everything that can be named, and where to report what cannot.
#[derive(Debug)]
pub(super) struct Lookup<'a> {
    pub(super) plugins: &'a [Plugin],
    pub(super) gates: &'a [(String, GateRule)],
    pub(super) functions: &'a Functions,
    pub(super) scope: &'a mut Scope,
    pub(super) report: &'a mut Report,
}

/// Returns the plugins; a file's name is the host's to resolve, so that it is only checked
/// to be one.
pub(super) fn plugins(
    drafts: &[(At<String>, Option<At<String>>)],
    report: &mut Report,
) -> Vec<Plugin> {
    for (_, file) in drafts {
        if let Some(file) = file.as_ref().filter(|file| !is_file_name(&file.value)) {
            let message = format!("{} is no file's name", quote(&file.value));
            report.error(codes::INVALID_VALUE, &file.span, message);
        }
    }
    drafts
        .iter()
        .map(|(name, file)| Plugin {
            name: name.value.clone(),
            file: file
                .as_ref()
                .map_or_else(String::new, |file| file.value.clone()),
        })
        .collect()
}

fn is_file_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4_096 && !text.chars().any(char::is_control)
}

/// Returns the gate rules in the order of their ids.
pub(super) fn gates(
    drafts: &[GateDraft],
    scope: &mut Scope,
    report: &mut Report,
) -> Vec<(String, GateRule)> {
    if let Some(draft) = drafts.get(usize::from(MAX_GATES)) {
        let message = format!("{} is one gate rule too many", quote(&draft.name.value));
        let hint = format!("define at most {MAX_GATES} gate rules");
        report.hinted(codes::TOO_MANY, &draft.name.span, message, hint);
    }
    let mut all = Vec::new();
    for draft in drafts {
        if !ChannelName::of(&draft.name.value).is_by_rule() {
            let name = quote(&draft.name.value);
            let message = format!("{name} is a channel of the host's own");
            let hint = "give the gate rule another name".to_owned();
            report.hinted(codes::RESERVED_NAME, &draft.name.span, message, hint);
        }
        let (removes, releases) = (draft.removes.as_deref(), draft.releases.as_ref());
        if removes.is_some() && releases.is_some() {
            let name = quote(&draft.name.value);
            let message = format!("the gate rule {name} removes tags and releases readers");
            let hint = "write two rules: each is granted, counted and judged by itself".to_owned();
            report.hinted(codes::INVALID_VALUE, &draft.name.span, message, hint);
        }
        let rule = GateRule {
            removes: scope.tags(removes.unwrap_or_default(), report),
            releases: scope.recipients(releases, Readers::NOBODY, report),
            per_item: draft.bits_per_item.unwrap_or_default(),
        };
        all.push((draft.name.value.clone(), rule));
    }
    all
}

impl Lookup<'_> {
    pub(super) fn profiles(&mut self, drafts: &[ProfileDraft]) -> Vec<ProfileEntry> {
        drafts
            .iter()
            .filter_map(|draft| match &draft.like {
                None => self.profile(draft),
                Some(like) => self.profile_like(like, draft, drafts),
            })
            .collect()
    }

    /// A copy of another profile with other advice, which can only hold less.
    fn profile_like(
        &mut self,
        like: &At<String>,
        draft: &ProfileDraft,
        all: &[ProfileDraft],
    ) -> Option<ProfileEntry> {
        let base = all.iter().find(|other| other.name.value == like.value);
        let Some(base) = base.filter(|base| base.like.is_none()) else {
            let message = format!("there is no profile {} to be like", quote(&like.value));
            let whole = all.iter().filter(|other| other.like.is_none());
            let hint = did_you_mean(&like.value, whole.map(|other| other.name.value.as_str()));
            self.report
                .hinted(codes::DENIED_UNKNOWN_PROFILE, &like.span, message, hint);
            return None;
        };
        if !draft.uses.is_empty() || draft.reads.is_some() || draft.readers.is_some() {
            let message = format!("the profile {} is like another", quote(&draft.name.value));
            let hint =
                "leave out `use`, `reads` and `readers`; `tools` makes it narrower".to_owned();
            self.report
                .hinted(codes::INVALID_VALUE, &like.span, message, hint);
        }
        let mut entry = self.profile(base)?;
        let own = self.advice(&draft.advice);
        let advice = entry.advice;
        entry.advice = Advice {
            system: own.system.or(advice.system),
            model: own.model.or(advice.model),
            effort: own.effort.or(advice.effort),
            token_budget: own.token_budget.or(advice.token_budget),
            constraints: own.constraints,
        };
        entry.name.clone_from(&draft.name.value);
        self.keep_tools(&mut entry.grants, draft.tools.as_deref());
        Some(entry)
    }

    /// Takes all but the named tools and the models out of what a profile uses.
    fn keep_tools(&self, grants: &mut [Grant], tools: Option<&[At<String>]>) {
        let Some(tools) = tools else {
            return;
        };
        for grant in grants {
            grant.functions.retain(|id| {
                let function = self.functions.list.get(usize::from(id.0));
                function.is_some_and(|function| {
                    matches!(function.kind, FunctionKind::Model { .. })
                        || tools
                            .iter()
                            .any(|tool| tools::covers(&tool.value, &function.name))
                })
            });
        }
    }

    fn profile(&mut self, draft: &ProfileDraft) -> Option<ProfileEntry> {
        let (reads, read_tags) = match &draft.reads {
            None => (TagSet::EMPTY, Vec::new()),
            Some(written @ TextOrList::Text(_)) => {
                (self.scope.tolerance(written, self.report), Vec::new())
            }
            Some(written @ TextOrList::List(list)) => (
                self.scope.tolerance(written, self.report),
                list.value.clone(),
            ),
        };
        let readers = match &draft.readers {
            Some(written) => self.scope.readers(written, self.report),
            None => self.scope.default_readers(),
        };
        let mut grants = self.functions.grants(&draft.uses, self.report);
        self.keep_tools(&mut grants, draft.tools.as_deref());
        let gates = self.gates(&draft.gates);
        Some(ProfileEntry {
            name: draft.name.value.clone(),
            plugin: self.plugin(draft.plugin.as_ref()?)?,
            reads,
            read_tags,
            readers,
            grants,
            gates,
            bits: draft.bits,
            advice: self.advice(&draft.advice),
        })
    }

    fn advice(&mut self, draft: &AdviceDraft) -> Advice {
        let text = |text: &Option<At<String>>| text.as_ref().map(|text| text.value.clone());
        if let Some(effort) = &draft.effort
            && !EFFORTS.contains(&effort.value.as_str())
        {
            let message = format!("`effort` is {}", quote(&effort.value));
            let hint = format!("write one of {}", EFFORTS.join(", "));
            self.report
                .hinted(codes::INVALID_VALUE, &effort.span, message, hint);
        }
        Advice {
            system: text(&draft.system),
            model: text(&draft.model),
            effort: text(&draft.effort),
            token_budget: draft.token_budget,
            constraints: Vec::new(),
        }
    }

    pub(super) fn tools(&mut self, drafts: &[ToolDraft]) -> Vec<ToolEntry> {
        drafts.iter().filter_map(|draft| self.tool(draft)).collect()
    }

    fn tool(&mut self, draft: &ToolDraft) -> Option<ToolEntry> {
        let grants = self.functions.grants(&draft.uses, self.report);
        for grant in &grants {
            self.check_tool_use(grant);
        }
        Some(ToolEntry {
            name: draft.name.value.clone(),
            plugin: self.plugin(draft.plugin.as_ref()?)?,
            grants,
        })
    }

    /// The tool world imports files and the web, and no other door to an effect.
    fn check_tool_use(&mut self, grant: &Grant) {
        let usable = grant
            .functions
            .iter()
            .filter_map(|id| self.functions.list.get(usize::from(id.0)))
            .all(|function| match function.kind {
                FunctionKind::Files { .. }
                | FunctionKind::WebFetch { .. }
                | FunctionKind::WebSearch => true,
                FunctionKind::Tool { .. }
                | FunctionKind::Mcp { .. }
                | FunctionKind::Command { .. }
                | FunctionKind::Worktree { .. }
                | FunctionKind::Apply
                | FunctionKind::Code
                | FunctionKind::Model { .. }
                | FunctionKind::Person
                | FunctionKind::Print => false,
            });
        if !usable {
            let message = format!("a tool cannot use {}", quote(&grant.written.value));
            let hint = "tools use `files.NAME.read`, `.find`, `.write` and `.edit`, `web.NAME.METHOD` and `web.search` only".to_owned();
            self.report
                .hinted(codes::TOOL_USE, &grant.written.span, message, hint);
        }
    }

    pub(super) fn workflow(&mut self, draft: &WorkflowDraft) -> Option<WorkflowEntry> {
        let clearance = self.clearance(draft.untrusted.as_ref());
        let gates = self.gates(&draft.gates);
        if let Some(description) = &draft.description {
            name::check_line(self.report, "description", description);
        }
        let plugin = self.plugin(draft.orchestrator.as_ref()?);
        Some(WorkflowEntry {
            name: draft.name.as_ref()?.value.clone(),
            description: draft
                .description
                .as_ref()
                .map_or_else(String::new, |text| text.value.clone()),
            plugin: plugin?,
            clearance,
            gates,
            order: self.order(draft.order.as_ref()),
            asks: draft.asks,
            print: draft.print,
        })
    }

    fn clearance(&mut self, written: Option<&At<String>>) -> Clearance {
        let Some(written) = written else {
            return Clearance::Opaque;
        };
        match written.value.as_str() {
            "opaque" => Clearance::Opaque,
            "float" => Clearance::Float,
            other => {
                let message = format!("`untrusted` is {}", quote(other));
                let hint = "write `opaque` or `float`".to_owned();
                self.report
                    .hinted(codes::INVALID_VALUE, &written.span, message, hint);
                Clearance::Opaque
            }
        }
    }

    fn order(&mut self, written: Option<&At<String>>) -> Order {
        let Some(written) = written else {
            return Order::Spawn;
        };
        match written.value.as_str() {
            "spawn" => Order::Spawn,
            "completion" => Order::Completion,
            other => {
                let message = format!("`order` is {}", quote(other));
                let hint = "write `spawn` or `completion`".to_owned();
                self.report
                    .hinted(codes::INVALID_VALUE, &written.span, message, hint);
                Order::Spawn
            }
        }
    }

    fn gates(&mut self, written: &[At<String>]) -> Vec<(At<String>, GateId)> {
        let mut all = Vec::new();
        for name in written {
            let found = self
                .gates
                .iter()
                .zip(0..)
                .find(|((gate, _), _)| *gate == name.value);
            if let Some((_, id)) = found {
                all.push((name.clone(), GateId(id)));
                continue;
            }
            let message = format!("there is no gate rule {}", quote(&name.value));
            let known = self.gates.iter().map(|(gate, _)| gate.as_str());
            let hint = did_you_mean(&name.value, known);
            self.report
                .hinted(codes::UNKNOWN_GATE, &name.span, message, hint);
        }
        all
    }

    pub(super) fn plugin(&mut self, name: &At<String>) -> Option<At<String>> {
        if self.plugins.iter().any(|plugin| plugin.name == name.value) {
            return Some(name.clone());
        }
        let message = format!("there is no plugin {}", quote(&name.value));
        let known = self.plugins.iter().map(|plugin| plugin.name.as_str());
        let hint = did_you_mean(&name.value, known);
        self.report
            .hinted(codes::UNKNOWN_PLUGIN, &name.span, message, hint);
        None
    }
}
