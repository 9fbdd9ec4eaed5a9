//! The operator's word (`lazaret.toml`): who may do what, with labels and limits.
//!
//! Three steps, each in its own file: `draft` reads the sections, `scope`, `mounts`,
//! `functions`, `lookup` and others look names up and check what they mean together, and
//! [`compile`](crate::compile::compile) adds the plugins.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::{Readers, TagSet};
use lazaret_kernel::names::Names;
use lazaret_kernel::tables::{GateId, GateRule, KernelLimits};

use crate::command::{Commands, TreeRule};
use crate::compiled::{
    Advice, ArgsRule, Budget, Clearance, Function, FunctionKind, Mount, Order, Provider, Target,
};
use crate::secret::SecretRule;
use crate::server::Server;
use crate::web::{Search, Site};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::Diagnostic;
use lazaret_manifest::limits::Limits;
use lazaret_manifest::name;
use lazaret_manifest::reader::{self, Section};
use lazaret_manifest::text::{At, Report, Text};

mod answers;
mod args;
mod commands;
mod draft;
mod functions;
mod lookup;
mod models;
mod mounts;
mod places;
mod principals;
mod scope;
mod servers;
mod stores;
mod tools;
mod web;

pub(crate) use functions::{Functions, Grant};
pub(crate) use models::Models;
pub(crate) use mounts::MountEntry;
pub(crate) use places::Places;

/// The most bytes of a policy's text.
pub const MAX_POLICY_BYTES: usize = 1024 * 1024;

/// The version of the policy's form that this crate reads.
pub const POLICY_VERSION: u64 = 1;

/// A policy that is consistent in itself.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) text: Text,
    pub(crate) names: Names,
    pub(crate) functions: Functions,
    pub(crate) plugins: Vec<Plugin>,
    pub(crate) gates: Vec<(String, GateRule)>,
    pub(crate) profiles: Vec<ProfileEntry>,
    pub(crate) tools: Vec<ToolEntry>,
    pub(crate) mounts: Vec<MountEntry>,
    pub(crate) models: Models,
    pub(crate) servers: Vec<(String, Server)>,
    pub(crate) sites: Vec<(String, Site)>,
    pub(crate) search: Option<Search>,
    pub(crate) secrets: Vec<(String, SecretRule)>,
    pub(crate) tree: Option<TreeRule>,
    pub(crate) commands: Option<Commands>,
    pub(crate) code: Option<At<String>>,
    pub(crate) args: ArgsRule,
    /// Who may read what nobody labelled.
    pub(crate) private: Readers,
    pub(crate) workflow: Option<WorkflowEntry>,
    pub(crate) budget: Budget,
    pub(crate) ceiling: Limits,
    pub(crate) kernel: KernelLimits,
    pub(crate) places: Places,
}

/// A plugin that the policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name in the policy.
    pub name: String,
    /// Its file, which the host looks for.
    pub file: String,
}

/// A profile before its plugin is known.
#[derive(Clone, Debug)]
pub(crate) struct ProfileEntry {
    pub(crate) name: String,
    pub(crate) plugin: At<String>,
    /// The tags as one set, and one by one with their names.
    pub(crate) reads: TagSet,
    pub(crate) read_tags: Vec<At<String>>,
    pub(crate) readers: Readers,
    pub(crate) grants: Vec<Grant>,
    pub(crate) gates: Vec<(At<String>, GateId)>,
    /// The bits that are set aside for each instance, where the policy says so.
    pub(crate) bits: Option<Bits>,
    pub(crate) advice: Advice,
}

/// A tool before its plugin is known.
#[derive(Clone, Debug)]
pub(crate) struct ToolEntry {
    pub(crate) name: String,
    pub(crate) plugin: At<String>,
    pub(crate) grants: Vec<Grant>,
}

/// A workflow before its plugin is known.
#[derive(Clone, Debug)]
pub(crate) struct WorkflowEntry {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) plugin: At<String>,
    pub(crate) clearance: Clearance,
    pub(crate) gates: Vec<(At<String>, GateId)>,
    pub(crate) order: Order,
    pub(crate) asks: bool,
    pub(crate) print: bool,
}

impl Policy {
    /// Parses a policy's text and reports everything that is wrong with it. `file` is
    /// what diagnostics call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let text = Text::new(file, text);
        reader::parse(&text, MAX_POLICY_BYTES, |root, report| {
            Some(read(&text, root, report))
        })
    }

    /// Returns the text that it was parsed from, whose digest names it.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Returns the plugins that the policy names, for the host to find.
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// Returns the providers of models, by name.
    pub fn providers(&self) -> &BTreeMap<String, Provider> {
        &self.models.providers
    }

    /// Returns the names by which models are asked, each with what is asked in turn.
    pub fn models(&self) -> Vec<(&str, Vec<&Target>)> {
        let mut all = Vec::new();
        for function in &self.functions.list {
            if let (Some(name), FunctionKind::Model { instead: false, .. }) =
                (function.name.strip_prefix("model."), &function.kind)
            {
                all.push((name, self.chain(function)));
            }
        }
        all
    }

    /// A function's target, and those of the functions that are asked instead.
    fn chain<'a>(&'a self, first: &'a Function) -> Vec<&'a Target> {
        let mut targets = Vec::new();
        let mut at = Some(first);
        while let Some(FunctionKind::Model { target, next, .. }) = at.map(|one| &one.kind) {
            targets.push(target);
            at = next.and_then(|next| self.functions.list.get(usize::from(next.0)));
        }
        targets
    }

    /// Returns the tools that are MCP servers.
    pub fn servers(&self) -> &[(String, Server)] {
        &self.servers
    }

    /// Returns where the secrets are.
    pub fn secrets(&self) -> &[(String, SecretRule)] {
        &self.secrets
    }

    /// Returns whether that is the whole name of a function that a `use` list can give.
    pub fn can_grant(&self, name: &str) -> bool {
        let mut functions = self.functions.list.iter();
        functions.any(|one| one.name == name && one.kind.can_be_granted())
    }

    /// Returns the profiles' names.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str())
    }

    /// Returns whether there is a profile of a name.
    pub fn has_profile(&self, name: &str) -> bool {
        self.profile_names().any(|own| own == name)
    }

    /// Returns from how many agents and dollars on a person is asked before a run.
    pub fn asks_from(&self) -> (Option<u64>, Option<u64>) {
        (self.budget.ask_agents, self.budget.ask_usd)
    }

    /// Returns the line on which the rule of a function, a gate or a profile stands.
    pub fn line_of(&self, name: &str) -> Option<usize> {
        let functions = self.functions.list.iter().zip(&self.functions.places);
        let mut function = functions.filter(|(one, _)| one.name == name);
        let function = function.next().map(|(_, place)| &place.span);
        let gates = self.places.gates.iter().map(|(gate, _)| gate);
        let mut named = gates.chain(&self.places.profiles);
        let span = function.or_else(|| Some(&named.find(|one| one.value == name)?.span))?;
        (span.end > 0).then(|| self.text.position(span.start).0)
    }

    /// Returns the run tree's rule, the directory of which it is a copy, and the names of labels.
    pub fn tree(&self) -> Option<(&TreeRule, &Mount, &Names)> {
        let rule = self.tree.as_ref()?;
        let entry = self.mounts.iter().find(|one| one.name == rule.source)?;
        Some((rule, &entry.mount, &self.names))
    }

    /// Returns the name of the workflow whose own policy this is.
    pub fn workflow_name(&self) -> Option<&str> {
        Some(self.workflow.as_ref()?.name.as_str())
    }
}

fn read(text: &Text, root: &mut Section<'_>, report: &mut Report) -> Policy {
    let draft = draft::read(root, report);
    check_version(draft.version.as_ref(), report);
    let mut scope = scope::Scope::new(&draft, report);
    let principals = principals::Principals::new(&draft.principals);
    let args = args::resolve(draft.args.as_ref(), &principals, &mut scope, report);
    let tree = commands::tree(&draft, report);
    let mounts = mounts::resolve(&draft, tree.as_ref(), &mut scope, report);
    let (mut functions, models) = functions_of(&draft, &mounts, &principals, &mut scope, report);
    let secrets = web::secrets(&draft.secrets, report);
    let project = tree
        .as_ref()
        .and_then(|tree| mounts.iter().find(|mount| mount.value.name == tree.source));
    let commands = add_work(
        &mut functions,
        &draft,
        project,
        &secrets,
        &mut scope,
        report,
    );
    stores::check(&draft, &secrets, &mut functions, report);
    let plugins = lookup::plugins(&draft.plugins, report);
    let gates = lookup::gates(&draft.gates, &mut scope, report);
    let mut lookup = lookup::Lookup {
        plugins: &plugins,
        gates: &gates,
        functions: &functions,
        scope: &mut scope,
        report,
    };
    let mut profiles = lookup.profiles(&draft.profiles);
    let tools = lookup.tools(&draft.tools);
    let code = draft.code.as_ref().and_then(|name| lookup.plugin(name));
    let workflow = draft.workflow.as_ref();
    let workflow = workflow.and_then(|draft| lookup.workflow(draft));
    let constraints = constraints(&draft.constraints, report);
    for profile in &mut profiles {
        profile.advice.constraints.clone_from(&constraints);
    }
    Policy {
        text: text.clone(),
        models,
        servers: servers::resolve(&draft.tools, &secrets, report),
        sites: web::sites(&draft.sites, &secrets, report),
        search: draft
            .search
            .as_ref()
            .and_then(|search| web::search(search, &secrets, report)),
        secrets,
        private: scope.default_readers(),
        tree,
        commands,
        code,
        names: scope.into_names(),
        functions,
        plugins,
        gates,
        profiles,
        tools,
        mounts: mounts.into_iter().map(|mount| mount.value).collect(),
        args,
        workflow,
        budget: budget(&draft),
        ceiling: draft.ceiling,
        kernel: draft.budget.kernel,
        places: Places::of(&draft),
    }
}

/// Returns the functions of mounts, tools, models, the web and the person, and the models.
fn functions_of(
    draft: &draft::Draft,
    mounts: &[At<MountEntry>],
    principals: &principals::Principals,
    scope: &mut scope::Scope,
    report: &mut Report,
) -> (Functions, Models) {
    let mut functions = Functions::new(scope);
    for mount in mounts {
        functions.add_mount(mount, report);
    }
    for tool in &draft.tools {
        functions.add_tool(tool, principals, scope, report);
    }
    let models = models::resolve(&draft.models, &mut functions, scope, report);
    for site in &draft.sites {
        let methods = web::methods(site, report);
        functions.add_site(site, &methods, scope, report);
    }
    if let Some(search) = &draft.search {
        functions.add_search(search, scope, report);
    }
    functions.add_person(scope);
    (functions, models)
}

/// Adds the functions of the run tree, of commands and of code. Returns the commands.
fn add_work(
    functions: &mut Functions,
    draft: &draft::Draft,
    project: Option<&At<MountEntry>>,
    secrets: &[(String, SecretRule)],
    scope: &mut scope::Scope,
    report: &mut Report,
) -> Option<Commands> {
    if let (Some(tree), Some(project)) = (&draft.tree, project) {
        functions.add_apply(tree, project, scope, report);
        functions.add_worktrees(project, report);
    }
    let commands = commands::resolve(draft, secrets, report);
    functions.add_commands(draft, project, scope, report);
    if let Some(plugin) = &draft.code {
        functions.add_code(plugin, report);
    }
    commands::unused_sources(draft, report);
    commands
}

fn budget(draft: &draft::Draft) -> Budget {
    Budget {
        agents: draft.budget.agents,
        agents_at_once: draft.agents_at_once,
        ask_agents: draft.budget.ask_agents,
        ask_usd: draft.budget.ask_usd,
        run: draft.budget.run,
        agent: draft.budget.agent,
        phases: draft.budget.phases.clone(),
        answer_tokens: draft.budget.answer_tokens,
    }
}

/// The most constraints of a run: each stands in every request of every agent.
const MAX_CONSTRAINTS: usize = 20;

/// What every agent of the run is told to keep to.
fn constraints(written: &[At<String>], report: &mut Report) -> Vec<String> {
    for text in written {
        name::check_line(report, "constraints", text);
    }
    if let Some(extra) = written.get(MAX_CONSTRAINTS) {
        let message = format!("there are {} constraints", written.len());
        let hint = format!("write at most {MAX_CONSTRAINTS}: every agent reads them all");
        report.hinted(codes::TOO_MANY, &extra.span, message, hint);
    }
    written.iter().map(|text| text.value.clone()).collect()
}

fn check_version(version: Option<&At<u64>>, report: &mut Report) {
    if let Some(version) = version.filter(|version| version.value != POLICY_VERSION) {
        let message = format!("the policy is of version {}", version.value);
        let hint = format!("this host reads version {POLICY_VERSION}");
        report.hinted(codes::POLICY_VERSION, &version.span, message, hint);
    }
}
