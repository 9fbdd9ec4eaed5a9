//! The administrator's word: what no policy of this machine may allow, whoever wrote it.
//!
//! It only forbids. A policy that grants what it forbids is refused, with the places in both
//! files; a site whose addresses cover a forbidden host and others loses that host, and a group
//! of commands whose patterns cover a forbidden command and others loses that command.

use globset::{Glob, GlobMatcher};

use crate::command::{CommandGroup, CommandPattern};
use crate::compiled::{Compiled, FunctionKind};
use crate::policy::{Grant, Policy};
use crate::server::Reached;
use crate::web::{HostPattern, UrlPattern};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::{Diagnostic, quote};
use lazaret_manifest::grant;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::{self, Section};
use lazaret_manifest::text::{At, Report, Text};

/// The most bytes of the file.
pub const MAX_ADMIN_BYTES: usize = 256 * 1024;

/// The version of the file's form.
const VERSION: u64 = 1;

/// What is forbidden.
#[derive(Clone, Debug)]
pub struct Admin {
    text: Text,
    functions: Vec<At<String>>,
    hosts: Vec<At<HostPattern>>,
    providers: Vec<At<String>>,
    models: Vec<At<GlobMatcher>>,
    commands: Vec<At<CommandPattern>>,
}

impl Admin {
    /// Parses the file. `file` is what diagnostics call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let text = Text::new(file, text);
        reader::parse(&text, MAX_ADMIN_BYTES, |root, report| {
            Some(read(&text, root, report))
        })
    }

    /// Returns what a policy allows and this forbids, at the policy's lines.
    pub fn judge(&self, policy: &Policy) -> Vec<Diagnostic> {
        let mut report = Report::new(policy.text.clone());
        let profiles = policy.profiles.iter().flat_map(|entry| &entry.grants);
        let tools = policy.tools.iter().flat_map(|entry| &entry.grants);
        for grant in profiles.chain(tools) {
            self.judge_grant(policy, grant, &mut report);
        }
        self.judge_hosts(policy, &mut report);
        self.judge_models(policy, &mut report);
        self.judge_commands(policy, &mut report);
        report.into_problems()
    }

    /// Takes the forbidden hosts and commands out of what is left.
    pub fn restrict(&self, compiled: &mut Compiled) {
        let hosts: Vec<HostPattern> = self.hosts.iter().map(|host| host.value.clone()).collect();
        let commands: Vec<CommandPattern> =
            self.commands.iter().map(|one| one.value.clone()).collect();
        let groups = compiled.commands.iter_mut().flat_map(|all| &mut all.groups);
        for (_, group) in groups {
            group.never_reach.clone_from(&hosts);
            group.never_run.clone_from(&commands);
        }
        let search = compiled.search.as_mut().map(|search| &mut search.site);
        for site in compiled.sites.values_mut().chain(search) {
            site.deny.clone_from(&hosts);
        }
    }

    fn judge_grant(&self, policy: &Policy, grant: &Grant, report: &mut Report) {
        for id in &grant.functions {
            let Some(function) = policy.functions.list.get(usize::from(id.0)) else {
                continue;
            };
            let mut forbidden = self.functions.iter();
            let forbidden = forbidden.find(|one| grant::covers(&one.value, &function.name));
            if let Some(forbidden) = forbidden {
                self.forbids(report, &grant.written, forbidden, &function.name);
                return;
            }
        }
    }

    /// Addresses of sites, of the search, of servers and of providers.
    fn judge_hosts(&self, policy: &Policy, report: &mut Report) {
        for (function, place) in policy.functions.list.iter().zip(&policy.functions.places) {
            let site = match &function.kind {
                FunctionKind::WebFetch { site, .. } => {
                    let found = policy.sites.iter().find(|(name, _)| name == site);
                    found.map(|(_, site)| site)
                }
                FunctionKind::WebSearch => policy.search.as_ref().map(|search| &search.site),
                _ => None,
            };
            let hosts = site.into_iter().flat_map(|site| &site.allow);
            let at = At::new((), place.span.clone());
            self.judge_addresses(&at, hosts.map(UrlPattern::host), report);
            if let FunctionKind::Model { target, .. } = &function.kind {
                let provider = policy.models.providers.get(&target.provider);
                let address = provider.and_then(|provider| provider.base_url.as_deref());
                let host = address.and_then(host_of);
                self.judge_addresses(&at, host.iter(), report);
            }
        }
        for (name, server) in &policy.servers {
            let place = policy.places.tools.iter().find(|tool| tool.value == *name);
            if let (Reached::Address { url, .. }, Some(place)) = (&server.reached, place) {
                self.judge_addresses(place, host_of(url).iter(), report);
            }
        }
    }

    /// What the groups may run, and the hosts that their commands may reach, at the group's line.
    fn judge_commands(&self, policy: &Policy, report: &mut Report) {
        for (function, place) in policy.functions.list.iter().zip(&policy.functions.places) {
            let FunctionKind::Command { group: name } = &function.kind else {
                continue;
            };
            let commands = policy.commands.as_ref();
            let Some(group) = commands.and_then(|commands| commands.group(name)) else {
                continue;
            };
            let at = At::new((), place.span.clone());
            self.judge_addresses(&at, group.net.iter(), report);
            self.judge_patterns(&at, group, report);
        }
    }

    fn judge_patterns(&self, at: &At<()>, group: &CommandGroup, report: &mut Report) {
        for pattern in &group.run {
            let mut forbidden = self.commands.iter();
            if let Some(forbidden) = forbidden.find(|one| one.value.covers(pattern)) {
                self.forbids(report, at, forbidden, &pattern.to_string());
            }
        }
    }

    fn judge_addresses<'a, T>(
        &self,
        at: &At<T>,
        hosts: impl Iterator<Item = &'a HostPattern>,
        report: &mut Report,
    ) {
        for host in hosts {
            let mut forbidden = self.hosts.iter();
            if let Some(forbidden) = forbidden.find(|one| one.value.covers(host)) {
                self.forbids(report, at, forbidden, &shown(host));
                return;
            }
        }
    }

    /// Providers, and models by `PROVIDER/MODEL`. A provider that is granted with every model it
    /// has would give a forbidden one too.
    fn judge_models(&self, policy: &Policy, report: &mut Report) {
        for (function, place) in policy.functions.list.iter().zip(&policy.functions.places) {
            let FunctionKind::Model { target, .. } = &function.kind else {
                continue;
            };
            let at = At::new((), place.span.clone());
            let mut providers = self.providers.iter();
            if let Some(one) = providers.find(|one| one.value == target.provider) {
                self.forbids(report, &at, one, &target.provider);
                continue;
            }
            let Some(model) = &target.model else {
                self.judge_every_model(&at, &function.name, &target.provider, policy, report);
                continue;
            };
            let name = format!("{}/{model}", target.provider);
            let mut models = self.models.iter();
            if let Some(one) = models.find(|one| one.value.is_match(&name)) {
                self.forbids(report, &at, one, &name);
            }
        }
    }

    fn judge_every_model(
        &self,
        at: &At<()>,
        function: &str,
        provider: &str,
        policy: &Policy,
        report: &mut Report,
    ) {
        let grants = policy.profiles.iter().flat_map(|entry| &entry.grants);
        let granted = grants.flat_map(|grant| &grant.functions).any(|id| {
            let function_of = policy.functions.list.get(usize::from(id.0));
            function_of.is_some_and(|one| one.name == function)
        });
        let of_provider = |one: &&At<GlobMatcher>| {
            let pattern = one.value.glob().glob();
            pattern.split('/').next().is_some_and(|name| {
                Glob::new(name).is_ok_and(|name| name.compile_matcher().is_match(provider))
            })
        };
        if let (true, Some(one)) = (granted, self.models.iter().find(of_provider)) {
            let every = format!("every model of {provider}");
            self.forbids(report, at, one, &every);
        }
    }

    fn forbids<T, F>(&self, report: &mut Report, at: &At<T>, forbidden: &At<F>, what: &str) {
        let (line, _) = self.text.position(forbidden.span.start);
        let place = format!("{}:{line}", self.text.file());
        let message = format!("the administrator forbids {} ({place})", quote(what));
        let hint = "take it out of the policy, or ask whoever looks after this machine".to_owned();
        report.hinted(codes::FORBIDDEN, &at.span, message, hint);
    }
}

fn read(text: &Text, root: &mut Section<'_>, report: &mut Report) -> Admin {
    if let Some(version) = root.required_number(report, "version", 0..=u64::MAX)
        && version.value != VERSION
    {
        let message = format!("the file is of version {}", version.value);
        let hint = format!("this host reads version {VERSION}");
        report.hinted(codes::POLICY_VERSION, &version.span, message, hint);
    }
    let mut admin = Admin {
        text: text.clone(),
        functions: Vec::new(),
        hosts: Vec::new(),
        providers: Vec::new(),
        models: Vec::new(),
        commands: Vec::new(),
    };
    let Some(mut section) = root.section(report, "forbid") else {
        return admin;
    };
    let functions = section.names(report, "functions", Name::Capability);
    admin.functions = functions.unwrap_or_default();
    admin.providers = section
        .names(report, "providers", Name::Plain)
        .unwrap_or_default();
    for written in section.texts(report, "hosts").unwrap_or_default() {
        match HostPattern::parse(&written.value) {
            Ok(host) => admin.hosts.push(At::new(host, written.span)),
            Err(hint) => wrong(report, &written, "host", hint),
        }
    }
    for written in section.texts(report, "models").unwrap_or_default() {
        match Glob::new(&written.value) {
            Ok(glob) if written.value.contains('/') => {
                admin
                    .models
                    .push(At::new(glob.compile_matcher(), written.span));
            }
            _ => wrong(
                report,
                &written,
                "model",
                "write `PROVIDER/MODEL`, where `*` stands for any",
            ),
        }
    }
    for written in section.texts(report, "commands").unwrap_or_default() {
        match CommandPattern::parse(&written.value) {
            Ok(command) => admin.commands.push(At::new(command, written.span)),
            Err(hint) => wrong(report, &written, "command", hint),
        }
    }
    section.finish(report);
    admin
}

fn wrong(report: &mut Report, written: &At<String>, what: &str, hint: &str) {
    let message = format!("{} is no {what}", quote(&written.value));
    report.hinted(
        codes::INVALID_VALUE,
        &written.span,
        message,
        hint.to_owned(),
    );
}

/// The host of an address as it is written.
fn host_of(address: &str) -> Option<HostPattern> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    HostPattern::parse(&host.to_ascii_lowercase()).ok()
}

fn shown(host: &HostPattern) -> String {
    match host {
        HostPattern::Any => "*".to_owned(),
        HostPattern::Below(parent) => format!("*.{parent}"),
        HostPattern::One(host) => host.clone(),
    }
}
