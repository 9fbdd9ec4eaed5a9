//! A policy and its plugins' manifests become tables: request ∩ grant, limits within limits.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::tables::{FunctionId, GateId, Grants, MAX_GATES, ProfileRule, Tables};

use crate::compiled::{Compiled, FunctionKind, Profile, Tool, Workflow};
use crate::policy::{Grant, Policy, ProfileEntry, ToolEntry, WorkflowEntry};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::{Diagnostic, quote, quote_all};
use lazaret_manifest::limits::Limits;
use lazaret_manifest::manifest::{Manifest, Reads, World};
use lazaret_manifest::text::{At, Report};

/// Compiles a policy with its plugins' manifests, by the names that the policy gives them.
pub fn compile(
    policy: &Policy,
    manifests: &BTreeMap<String, Manifest>,
) -> Result<Compiled, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        policy,
        manifests,
        report: Report::new(policy.text.clone()),
        notes: Report::new(policy.text.clone()),
    };
    let compiled = compiler.compile();
    let notes = compiler.notes.into_problems();
    let compiled = compiler.report.finish(compiled)?;
    let problems = compiled.check_own_rules();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Compiled { notes, ..compiled })
}

struct Compiler<'a> {
    policy: &'a Policy,
    manifests: &'a BTreeMap<String, Manifest>,
    report: Report,
    notes: Report,
}

impl<'a> Compiler<'a> {
    fn compile(&mut self) -> Option<Compiled> {
        let policy = self.policy;
        let (profiles, rules): (Vec<_>, Vec<_>) = policy
            .profiles
            .iter()
            .filter_map(|entry| self.profile(entry))
            .unzip();
        let tools = policy
            .tools
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), self.tool(entry)?)))
            .collect();
        let workflow = match &policy.workflow {
            Some(entry) => Some(self.workflow(entry, &rules)?),
            None => None,
        };
        Some(Compiled {
            names: policy.names.clone(),
            tables: Tables {
                functions: policy.functions.rules.clone(),
                gates: policy.gates.iter().map(|(_, rule)| *rule).collect(),
                profiles: rules,
                limits: policy.kernel,
            },
            functions: policy.functions.list.clone(),
            call_rules: policy.functions.call_rules.clone(),
            gates: policy.gates.iter().map(|(name, _)| name.clone()).collect(),
            profiles,
            tools,
            mounts: policy
                .mounts
                .iter()
                .map(|entry| (entry.name.clone(), entry.mount.clone()))
                .collect(),
            providers: policy.models.providers.clone(),
            routes: policy.models.routes.clone(),
            prices: policy.models.prices.clone(),
            servers: policy.servers.iter().cloned().collect(),
            sites: policy.sites.iter().cloned().collect(),
            search: policy.search.clone(),
            secrets: policy.secrets.iter().cloned().collect(),
            tree: policy.tree.clone(),
            commands: policy.commands.clone(),
            code: match &policy.code {
                Some(plugin) => Some(self.code(plugin)?),
                None => None,
            },
            args: policy.args.clone(),
            private: policy.private,
            workflow,
            print: policy.functions.print,
            budget: policy.budget.clone(),
            ceiling: policy.ceiling,
            notes: Vec::new(),
        })
    }

    fn profile(&mut self, entry: &ProfileEntry) -> Option<(Profile, ProfileRule)> {
        let manifest = self.manifest(&entry.plugin, World::Agent)?;
        let mut grants = self.grants(&entry.grants, &entry.plugin, manifest);
        self.gates(&entry.gates, &entry.plugin, manifest, &mut grants);
        let clearance = Label {
            taint: self.reads(entry, manifest),
            readers: entry.readers,
        };
        let profile = Profile {
            name: entry.name.clone(),
            plugin: entry.plugin.value.clone(),
            limits: self.limits(manifest),
            advice: entry.advice.clone(),
        };
        let rule = ProfileRule {
            grants,
            clearance,
            reserve: entry.bits.unwrap_or_else(|| self.share()),
        };
        Some((profile, rule))
    }

    /// An agent's share where the policy says nothing: half of the run's bits are its own, the
    /// other half is that of as many agents as it may start.
    fn share(&self) -> Bits {
        let half = self.policy.kernel.gate_bits.thousandths() / 2;
        let agents = self.policy.budget.agents.max(1);
        Bits::from_thousandths(half / agents)
    }

    fn tool(&mut self, entry: &ToolEntry) -> Option<Tool> {
        let manifest = self.manifest(&entry.plugin, World::Tool)?;
        let grants = self.grants(&entry.grants, &entry.plugin, manifest);
        self.check_answers(entry, &grants);
        Some(Tool {
            plugin: entry.plugin.value.clone(),
            grants,
            limits: self.limits(manifest),
        })
    }

    /// A function's answer carries its arguments' labels and what its rule declares. Where the
    /// tool can read labelled content of its own, leaving the declaration out would lose it.
    fn check_answers(&mut self, entry: &ToolEntry, grants: &Grants) {
        let functions = &self.policy.functions;
        let own = grants.functions();
        let own = own.filter_map(|id| functions.rules.get(usize::from(id.0)));
        let brought = own.fold(Label::BOTTOM, |all, rule| all.join(rule.source));
        if brought == Label::BOTTOM {
            return;
        }
        let answers = functions.list.iter().zip(&functions.places);
        for (function, place) in answers {
            let is_own =
                matches!(&function.kind, FunctionKind::Tool { tool, .. } if *tool == entry.name);
            if !is_own || place.labelled {
                continue;
            }
            let what = match quote_all(&self.policy.names.tag_names(brought.taint)) {
                tags if tags.is_empty() => "what not everybody may read".to_owned(),
                tags => format!("what carries {tags}"),
            };
            let message = format!(
                "{} says nothing of its answer, and its tool reads {what}",
                quote(&function.name)
            );
            let hint = "write `label = { tags = […] }`: the tags that it may repeat, or `[]` where it repeats nothing that it reads".to_owned();
            self.report
                .hinted(codes::ANSWER_UNLABELLED, &place.span, message, hint);
        }
    }

    /// The engine of workflow scripts runs code too; it is granted nothing.
    fn code(&mut self, plugin: &At<String>) -> Option<Tool> {
        let manifest = self.manifest(plugin, World::Orchestrator)?;
        Some(Tool {
            plugin: plugin.value.clone(),
            grants: Grants::NONE,
            limits: self.limits(manifest),
        })
    }

    /// An orchestrator holds what its children hold, or it could not start them.
    fn workflow(&mut self, entry: &WorkflowEntry, children: &[ProfileRule]) -> Option<Workflow> {
        let manifest = self.manifest(&entry.plugin, World::Orchestrator)?;
        let mut grants = Grants::NONE;
        for child in children {
            add_all(&mut grants, &child.grants);
        }
        self.gates(&entry.gates, &entry.plugin, manifest, &mut grants);
        if entry.asks {
            self.asks(&entry.plugin, manifest, &mut grants);
        }
        if let Some(apply) = self.policy.functions.apply() {
            grants.allow_function(apply);
        }
        if entry.print {
            grants.allow_function(self.policy.functions.print);
        }
        Some(Workflow {
            name: entry.name.clone(),
            description: entry.description.clone(),
            plugin: entry.plugin.value.clone(),
            clearance: entry.clearance,
            order: entry.order,
            grants,
            limits: self.limits(manifest),
        })
    }

    /// Lets an orchestrator ask a person, where it requests that.
    fn asks(&mut self, plugin: &At<String>, manifest: &Manifest, grants: &mut Grants) {
        let functions = self.policy.functions.list.iter().zip(0..);
        for (function, id) in functions {
            if function.kind != FunctionKind::Person {
                continue;
            }
            if manifest.requests_function(&function.name) {
                grants.allow_function(FunctionId(id));
            } else {
                note(&mut self.notes, plugin, plugin, &quote(&function.name));
            }
        }
    }

    /// Returns the manifest of a plugin, which must be of the world.
    fn manifest(&mut self, plugin: &At<String>, world: World) -> Option<&'a Manifest> {
        let name = quote(&plugin.value);
        let Some(manifest) = self.manifests.get(&plugin.value) else {
            let message = format!("the plugin {name} was not found");
            let hint = "build or install it, or correct `file` of the plugin".to_owned();
            self.report
                .hinted(codes::PLUGIN_MISSING, &plugin.span, message, hint);
            return None;
        };
        if manifest.world() == world {
            return Some(manifest);
        }
        let found = manifest.world().name();
        let wanted = world.name();
        let message = format!("the plugin {name} is of the world `{found}`, not `{wanted}`");
        self.report
            .error(codes::PLUGIN_WORLD, &plugin.span, message);
        None
    }

    /// Returns what is both granted and requested, and notes what is only granted.
    fn grants(&mut self, grants: &[Grant], plugin: &At<String>, manifest: &Manifest) -> Grants {
        let functions = &self.policy.functions.list;
        let mut both = Grants::NONE;
        for grant in grants {
            let mut unrequested = Vec::new();
            for id in &grant.functions {
                let name = functions
                    .get(usize::from(id.0))
                    .map(|one| one.name.as_str());
                match name {
                    Some(name) if manifest.requests_function(name) => {
                        self.allow(&mut both, *id);
                    }
                    Some(name) => unrequested.push(name),
                    None => {}
                }
            }
            if !unrequested.is_empty() {
                let what = quote_all(&unrequested);
                note(&mut self.notes, &grant.written, plugin, &what);
            }
        }
        both
    }

    /// Allows a function and, where it is a model's, those that are asked instead.
    fn allow(&self, grants: &mut Grants, function: FunctionId) {
        let mut next = Some(function);
        while let Some(id) = next.take() {
            grants.allow_function(id);
            let kind = self.policy.functions.list.get(usize::from(id.0));
            if let Some(FunctionKind::Model { next: after, .. }) = kind.map(|one| &one.kind) {
                next = *after;
            }
        }
    }

    /// Adds the gate rules that are both granted and requested.
    fn gates(
        &mut self,
        granted: &[(At<String>, GateId)],
        plugin: &At<String>,
        manifest: &Manifest,
        grants: &mut Grants,
    ) {
        for (written, id) in granted {
            if manifest.gates().contains(&written.value) {
                grants.allow_gate(*id);
            } else {
                let what = format!("the gate {}", quote(&written.value));
                note(&mut self.notes, written, plugin, &what);
            }
        }
    }

    /// Returns the tags that may be read and that the plugin asks to read.
    fn reads(&mut self, entry: &ProfileEntry, manifest: &Manifest) -> TagSet {
        let Reads::Tags(requested) = manifest.reads() else {
            return entry.reads;
        };
        for written in &entry.read_tags {
            if !requested.contains(&written.value) {
                let what = format!("to read {}", quote(&written.value));
                note(&mut self.notes, written, &entry.plugin, &what);
            }
        }
        let known = requested
            .iter()
            .filter_map(|tag| self.policy.names.find_tag(tag))
            .fold(TagSet::EMPTY, |all, tag| all | tag);
        entry.reads & known
    }

    fn limits(&self, manifest: &Manifest) -> Limits {
        manifest.limits().within(self.policy.ceiling)
    }
}

fn note(notes: &mut Report, at: &At<String>, plugin: &At<String>, what: &str) {
    let plugin = quote(&plugin.value);
    let message = format!("the policy grants {what}, which the plugin {plugin} does not request");
    let hint = "it is not granted; take it out of the policy, or ask the author".to_owned();
    notes.hinted(codes::GRANT_NOT_REQUESTED, &at.span, message, hint);
}

fn add_all(grants: &mut Grants, more: &Grants) {
    for function in more.functions() {
        grants.allow_function(function);
    }
    for gate in (0..MAX_GATES).map(GateId) {
        if more.has_gate(gate) {
            grants.allow_gate(gate);
        }
    }
}
