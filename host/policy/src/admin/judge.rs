//! What a policy allows and the administrator forbids, each at its line of the policy.

use std::net::SocketAddr;

use lazaret_kernel::tables::FunctionId;

use super::{Admin, ModelPattern, provider};
use crate::command::CommandGroup;
use crate::compiled::{Function, FunctionKind, Target};
use crate::policy::{Grant, Policy};
use crate::server::{Reached, Server};
use crate::web::{self, HostPattern, Site, UrlPattern};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::{Diagnostic, quote};
use lazaret_manifest::grant;
use lazaret_manifest::text::{At, Report};

/// Holds a policy against what is forbidden.
pub(super) fn judge(admin: &Admin, policy: &Policy) -> Vec<Diagnostic> {
    let report = Report::new(policy.text.clone());
    let mut judge = Judge {
        admin,
        policy,
        report,
    };
    let profiles = policy.profiles.iter().flat_map(|entry| &entry.grants);
    let tools = policy.tools.iter().flat_map(|entry| &entry.grants);
    for grant in profiles.chain(tools) {
        judge.grant(grant);
    }
    let functions = policy.functions.list.iter().zip(&policy.functions.places);
    for ((function, place), id) in functions.zip(0..) {
        judge.function(function, FunctionId(id), &At::new((), place.span.clone()));
    }
    for (name, server) in &policy.servers {
        judge.server(name, server);
    }
    judge.report.into_problems()
}

struct Judge<'a> {
    admin: &'a Admin,
    policy: &'a Policy,
    report: Report,
}

impl Judge<'_> {
    /// A grant gives what it names, and with a model what is asked instead of it.
    fn grant(&mut self, grant: &Grant) {
        let (admin, policy) = (self.admin, self.policy);
        let given = grant.functions.iter();
        let mut given = given.flat_map(|id| with_what_is_asked_instead(policy, *id));
        let found = given.find_map(|function| Some((forbidden(admin, function)?, function)));
        if let Some((one, function)) = found {
            self.forbids(&grant.written, one, &function.name);
        }
    }

    fn function(&mut self, function: &Function, id: FunctionId, at: &At<()>) {
        self.ungranted(function, at);
        let hosts = hosts_of(self.policy, &function.kind);
        self.hosts(at, hosts.as_deref());
        match &function.kind {
            FunctionKind::Model { target, .. } => self.model(target, id, at),
            FunctionKind::Command { group } => self.group(group, at),
            FunctionKind::Tool { .. }
            | FunctionKind::Mcp { .. }
            | FunctionKind::Files { .. }
            | FunctionKind::WebFetch { .. }
            | FunctionKind::WebSearch
            | FunctionKind::Person
            | FunctionKind::Code
            | FunctionKind::Worktree { .. }
            | FunctionKind::Apply
            | FunctionKind::Print => {}
        }
    }

    /// What a run has though no `use` names it is judged where it comes from.
    fn ungranted(&mut self, function: &Function, at: &At<()>) {
        let workflow = self.policy.workflow.as_ref();
        let span = match &function.kind {
            FunctionKind::Apply => Some(&at.span),
            FunctionKind::Person => workflow.filter(|one| one.asks).map(|one| &one.plugin.span),
            FunctionKind::Print => workflow.filter(|one| one.print).map(|one| &one.plugin.span),
            FunctionKind::Tool { .. }
            | FunctionKind::Mcp { .. }
            | FunctionKind::Files { .. }
            | FunctionKind::Model { .. }
            | FunctionKind::WebFetch { .. }
            | FunctionKind::WebSearch
            | FunctionKind::Command { .. }
            | FunctionKind::Code
            | FunctionKind::Worktree { .. } => None,
        };
        if let (Some(span), Some(one)) = (span, forbidden(self.admin, function)) {
            self.forbids(&At::new((), span.clone()), one, &function.name);
        }
    }

    fn hosts(&mut self, at: &At<()>, reached: Option<&[HostPattern]>) {
        let admin = self.admin;
        let Some(reached) = reached else {
            // Whatever the client makes of it may be a forbidden one.
            if let Some(one) = admin.hosts.first() {
                self.forbids(at, one, "an address without a host");
            }
            return;
        };
        let found = reached.iter().find_map(|host| {
            let one = admin.hosts.iter().find(|one| one.value.forbids(host))?;
            Some((one, host))
        });
        if let Some((one, host)) = found {
            self.forbids(at, one, &host.to_string());
        }
    }

    /// Providers, and models by `PROVIDER/MODEL`, under each name that the provider has.
    fn model(&mut self, target: &Target, id: FunctionId, at: &At<()>) {
        let (admin, policy) = (self.admin, self.policy);
        let Some(provider) = policy.models.providers.get(&target.provider) else {
            return;
        };
        for command in provider::programs(provider) {
            self.program(at, command);
        }
        let names = provider::names(policy, &target.provider, provider);
        let mut providers = admin.providers.iter();
        if let Some(one) = providers.find(|one| names.contains(&one.value.as_str())) {
            self.forbids(at, one, &one.value);
            return;
        }
        let is_granted = self.is_granted(id);
        let has = |pattern: &ModelPattern, name: &str| match &target.model {
            Some(model) => {
                let sent = provider::sent(&provider.service, model);
                pattern.matches(name, model) || pattern.matches(name, sent)
            }
            // One that is granted with every model it has would give a forbidden one too.
            None => is_granted && pattern.has_some_of(name),
        };
        let mut models = admin.models.iter();
        if let Some(one) = models.find(|one| names.iter().any(|name| has(&one.value, name))) {
            let what = match &target.model {
                Some(model) => format!("{}/{model}", target.provider),
                None => format!("every model of {}", target.provider),
            };
            self.forbids(at, one, &what);
        }
    }

    fn is_granted(&self, id: FunctionId) -> bool {
        let grants = self.policy.profiles.iter().flat_map(|entry| &entry.grants);
        let mut granted = grants.flat_map(|grant| &grant.functions);
        granted.any(|one| *one == id)
    }

    fn group(&mut self, name: &str, at: &At<()>) {
        let admin = self.admin;
        let run = group_of(self.policy, name).map(|group| &group.run);
        for pattern in run.into_iter().flatten() {
            let mut commands = admin.commands.iter();
            if let Some(one) = commands.find(|one| one.value.covers(pattern)) {
                self.forbids(at, one, &pattern.to_string());
            }
        }
    }

    /// A server is reached or started, whoever may ask it.
    fn server(&mut self, name: &str, server: &Server) {
        let mut tools = self.policy.places.tools.iter();
        let place = tools.find(|tool| tool.value == name);
        let at = At::new((), place.map_or(0..0, |tool| tool.span.clone()));
        match &server.reached {
            Reached::Address { url, .. } => {
                let host = web::host_of(url).map(|host| vec![host]);
                self.hosts(&at, host.as_deref());
            }
            Reached::Process(program) => self.program(&at, &program.command),
        }
    }

    /// A program that the host itself starts may be named by its path; its arguments are shown to
    /// nobody, since people write keys into them.
    fn program(&mut self, at: &At<()>, command: &[String]) {
        let Some((program, arguments)) = command.split_first() else {
            return;
        };
        let name = program.rsplit('/').next().unwrap_or_default();
        let words: Vec<String> = std::iter::once(name.to_owned())
            .chain(arguments.iter().cloned())
            .collect();
        let mut commands = self.admin.commands.iter();
        if let Some(one) = commands.find(|one| one.value.matches(&words)) {
            self.forbids(at, one, name);
        }
    }

    fn forbids<T, F>(&mut self, at: &At<T>, forbidden: &At<F>, what: &str) {
        let text = &self.admin.text;
        let (line, _) = text.position(forbidden.span.start);
        let place = format!("{}:{line}", text.file());
        let message = format!("the administrator forbids {} ({place})", quote(what));
        let hint = "take it out of the policy, or ask whoever looks after this machine".to_owned();
        self.report
            .hinted(codes::FORBIDDEN, &at.span, message, hint);
    }
}

fn forbidden<'a>(admin: &'a Admin, function: &Function) -> Option<&'a At<String>> {
    let mut functions = admin.functions.iter();
    functions.find(|one| grant::covers(&one.value, &function.name))
}

/// Returns a function and, where it is a model's, those that are asked instead of it.
fn with_what_is_asked_instead(policy: &Policy, id: FunctionId) -> Vec<&Function> {
    let mut all = Vec::new();
    let mut next = Some(id);
    while let Some(function) = next.and_then(|id| policy.functions.list.get(usize::from(id.0))) {
        all.push(function);
        let FunctionKind::Model { next: after, .. } = &function.kind else {
            break;
        };
        next = *after;
    }
    all
}

/// Returns the hosts that a function reaches; `None` where one cannot be read.
fn hosts_of(policy: &Policy, kind: &FunctionKind) -> Option<Vec<HostPattern>> {
    match kind {
        FunctionKind::WebFetch { site: name, .. } => {
            let site = policy.sites.iter().find(|(other, _)| other == name);
            Some(site.map_or_else(Vec::new, |(_, site)| hosts_of_site(site)))
        }
        FunctionKind::WebSearch => {
            let search = policy.search.as_ref();
            Some(search.map_or_else(Vec::new, |search| hosts_of_site(&search.site)))
        }
        FunctionKind::Command { group } => {
            let group = group_of(policy, group);
            Some(group.map_or_else(Vec::new, |group| {
                let named = numbers(&group.private);
                group.net.iter().cloned().chain(named).collect()
            }))
        }
        FunctionKind::Model { target, .. } => {
            let provider = policy.models.providers.get(&target.provider)?;
            Some(vec![provider::host(provider)?])
        }
        // Servers are judged by themselves.
        FunctionKind::Mcp { .. }
        | FunctionKind::Tool { .. }
        | FunctionKind::Files { .. }
        | FunctionKind::Person
        | FunctionKind::Code
        | FunctionKind::Worktree { .. }
        | FunctionKind::Apply
        | FunctionKind::Print => Some(Vec::new()),
    }
}

fn hosts_of_site(site: &Site) -> Vec<HostPattern> {
    let named = numbers(&site.private);
    let hosts = site.allow.iter().map(UrlPattern::host).cloned();
    hosts.chain(named).collect()
}

/// What is named as an exception is there to be reached.
fn numbers(private: &[SocketAddr]) -> impl Iterator<Item = HostPattern> {
    private
        .iter()
        .map(|address| HostPattern::from(address.ip()))
}

fn group_of<'a>(policy: &'a Policy, name: &str) -> Option<&'a CommandGroup> {
    policy.commands.as_ref()?.group(name)
}
