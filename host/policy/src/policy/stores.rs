//! What is behind a server, a site or a command as a store: what is given to it may come back.
//!
//! Whoever is reached keeps no labels. What one function takes, another may bring back, under the
//! label that the policy declares for that one: another function of a server, another section for
//! the same site, a group of commands that reaches it, or a later call of the same function. So a
//! function takes only tags that the answers of all of these carry, also where a person says so.
//! Pages that are looked at (`get`, `head`) and searches are taken to keep nothing.

use std::iter;
use std::ops::Range;

use lazaret_kernel::label::TagSet;
use lazaret_kernel::tables::{FunctionRule, Verdict};

use super::draft::command::{GroupDraft, SecretsDraft};
use super::draft::web::WebDraft;
use super::draft::{Draft, ToolDraft};
use super::functions::Functions;
use crate::compiled::FunctionKind;
use crate::secret::{SecretRule, Template};
use crate::web::{HostPattern, Method, UrlPattern};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::{At, Report};

/// A function that reaches somebody who may keep what is given to him.
struct Door<'a> {
    /// Its place among the functions.
    at: usize,
    reach: Reach<'a>,
    /// Whether what it takes may be kept; every one may bring back what was.
    keeps: bool,
    /// Where the policy says what it takes.
    span: &'a Range<usize>,
    /// Where the policy says what its answers carry.
    labelled: String,
}

/// Whom a function reaches. What cannot be read here is reported where it is resolved.
#[derive(Default)]
struct Reach<'a> {
    /// Its own hosts, and those of the secrets that go along: they belong to one service.
    hosts: Vec<HostPattern>,
    /// The program of a server and its arguments.
    program: Vec<&'a str>,
}

/// Checks every function against all that reach the same, once all are there, and narrows what a
/// person may let through.
pub(super) fn check(
    draft: &Draft,
    secrets: &[(String, SecretRule)],
    functions: &mut Functions,
    report: &mut Report,
) {
    let kinds = functions.list.iter().map(|function| &function.kind);
    let kinds = kinds.enumerate();
    let doors: Vec<Door<'_>> = kinds
        .filter_map(|(at, kind)| door(at, kind, draft, secrets))
        .collect();
    let mut said: Vec<&Range<usize>> = Vec::new();
    for door in doors.iter().filter(|door| door.keeps) {
        // Its own later answers come last: another function is the better example.
        let others = doors.iter().filter(|other| other.at != door.at);
        let others = others.filter(|other| other.reach.meets(&door.reach));
        let sharing: Vec<&Door<'_>> = others.chain(iter::once(door)).collect();
        let all = sharing.iter().map(|one| carried(one, functions));
        let all = all.fold(TagSet::ALL, |all, carried| all & carried);
        let Some(rule) = functions.rules.get_mut(door.at) else {
            continue;
        };
        narrow(rule, all);
        let taken = taken(rule);
        let mut sharing = sharing.into_iter();
        let forgetful = sharing.find(|one| !taken.is_subset(carried(one, functions)));
        // The methods of a site are written in one place.
        if let Some(forgetful) = forgetful.filter(|_| !said.contains(&door.span)) {
            said.push(door.span);
            forgets(door, forgetful, functions, report);
        }
    }
}

/// What the answers of a function carry. Where fields have labels of their own this is their
/// join: that the service fills a field in by itself is the policy's word.
fn carried(door: &Door<'_>, functions: &Functions) -> TagSet {
    let rule = functions.rules.get(door.at);
    rule.map_or(TagSet::EMPTY, |rule| rule.source.taint)
}

/// What a function takes without asking anybody.
fn taken(rule: &FunctionRule) -> TagSet {
    let arguments = rule.arguments.iter();
    arguments.fold(rule.caller, |all, argument| all | argument.tolerates)
}

fn narrow(rule: &mut FunctionRule, carried: TagSet) {
    rule.verdict = match rule.verdict {
        Verdict::Allow => Verdict::Allow,
        Verdict::AskOtherwise { passes } => Verdict::AskOtherwise {
            passes: passes & carried,
        },
        Verdict::Ask { passes } => Verdict::Ask {
            passes: passes & carried,
        },
    };
}

fn forgets(door: &Door<'_>, forgetful: &Door<'_>, functions: &Functions, report: &mut Report) {
    let name = |door: &Door<'_>| {
        let function = functions.list.get(door.at);
        function.map_or_else(String::new, |function| quote(&function.name))
    };
    let from = if door.at == forgetful.at {
        "a later call of it".to_owned()
    } else {
        name(forgetful)
    };
    let message = format!(
        "what {} takes would come back from {from} without its tags: a server keeps no labels",
        name(door)
    );
    let hint = format!(
        "add the tags to {}, or do not tolerate them here",
        forgetful.labelled
    );
    report.hinted(codes::STORE_TOLERANCE, door.span, message, hint);
}

/// Returns a function as a door, where it reaches somebody outside of this host by itself. What a
/// component of the tool world does is judged at the doors that it uses.
fn door<'a>(
    at: usize,
    kind: &FunctionKind,
    draft: &'a Draft,
    secrets: &[(String, SecretRule)],
) -> Option<Door<'a>> {
    Some(match kind {
        FunctionKind::Mcp { server, function } => {
            let tool = draft.tools.iter().find(|one| one.name.value == *server)?;
            let mut own = tool.functions.iter();
            let own = own.find(|one| one.name.value == *function)?;
            Door {
                at,
                reach: Reach::of_server(tool, secrets),
                keeps: true,
                span: &own.args_span,
                labelled: format!("`label` of `{server}.{function}`"),
            }
        }
        FunctionKind::WebFetch { site, method } => {
            let site = draft.sites.iter().find(|one| one.name.value == *site)?;
            Door {
                at,
                reach: Reach::of_site(&site.allow, &site.shared, secrets),
                keeps: !matches!(method, Method::Get | Method::Head),
                span: tolerance(site.shared.tolerate.as_ref(), &site.name),
                labelled: format!("`tags` of `[web.{}]`", site.name.value),
            }
        }
        FunctionKind::WebSearch => {
            let search = draft.search.as_ref()?;
            Door {
                at,
                reach: Reach::of_site(search.url.as_slice(), &search.shared, secrets),
                keeps: false,
                span: &search.name.span,
                labelled: "`tags` of `[web.search]`".to_owned(),
            }
        }
        FunctionKind::Command { group } => {
            let groups = &draft.command.as_ref()?.groups;
            let group = groups.iter().find(|one| one.name.value == *group)?;
            if group.net.is_empty() {
                return None;
            }
            Door {
                at,
                reach: Reach::of_group(group, secrets),
                keeps: true,
                span: tolerance(group.tolerate.as_ref(), &group.name),
                labelled: label_of_group(group),
            }
        }
        FunctionKind::Tool { .. }
        | FunctionKind::Files { .. }
        | FunctionKind::Model { .. }
        | FunctionKind::Person
        | FunctionKind::Code
        | FunctionKind::Worktree { .. }
        | FunctionKind::Apply
        | FunctionKind::Print => return None,
    })
}

fn tolerance<'a>(written: Option<&'a TextOrList>, name: &'a At<String>) -> &'a Range<usize> {
    match written {
        Some(TextOrList::Text(text)) => &text.span,
        Some(TextOrList::List(list)) => &list.span,
        None => &name.span,
    }
}

fn label_of_group(group: &GroupDraft) -> String {
    match &group.label {
        Some(source) => format!("`tags` of `[source.{}]`", source.value),
        None => format!(
            "a source that is `label` of the group `{}`",
            group.name.value
        ),
    }
}

impl<'a> Reach<'a> {
    fn of_server(tool: &'a ToolDraft, secrets: &[(String, SecretRule)]) -> Self {
        let server = &tool.server;
        let mut reach = Self::default();
        match &server.mcp {
            Some(TextOrList::Text(url)) => reach.hosts.extend(host_of(url)),
            Some(TextOrList::List(list)) => {
                let words = list.value.iter();
                reach.program = words.map(|word| word.value.as_str()).collect();
            }
            None => {}
        }
        for (_, secret) in &server.secrets {
            reach.add_secret(&secret.value, secrets);
        }
        reach.add_headers(&server.headers, secrets);
        reach
    }

    fn of_site(
        addresses: &[At<String>],
        shared: &WebDraft,
        secrets: &[(String, SecretRule)],
    ) -> Self {
        let mut reach = Self::default();
        reach.hosts.extend(addresses.iter().filter_map(host_of));
        reach.add_headers(&shared.headers, secrets);
        reach
    }

    fn of_group(group: &GroupDraft, secrets: &[(String, SecretRule)]) -> Self {
        let mut reach = Self::default();
        let hosts = group.net.iter();
        let hosts = hosts.filter_map(|host| HostPattern::parse(&host.value).ok());
        reach.hosts.extend(hosts);
        let names: Vec<&At<String>> = match &group.secrets {
            SecretsDraft::Named(names) => names.iter().collect(),
            SecretsDraft::By(pairs) => pairs.iter().map(|(_, name)| name).collect(),
        };
        for name in names {
            reach.add_secret(&name.value, secrets);
        }
        reach
    }

    /// Adds the hosts of the secrets in headers.
    fn add_headers(
        &mut self,
        headers: &[(At<String>, At<String>)],
        secrets: &[(String, SecretRule)],
    ) {
        for (_, value) in headers {
            for secret in Template::parse(&value.value).secrets() {
                self.add_secret(secret, secrets);
            }
        }
    }

    /// Adds the hosts that a secret belongs to.
    fn add_secret(&mut self, name: &str, secrets: &[(String, SecretRule)]) {
        let found = secrets.iter().find(|(other, _)| other == name);
        if let Some((_, rule)) = found {
            self.hosts.extend(rule.hosts.iter().cloned());
        }
    }

    /// Whether both reach some host, or the same program.
    fn meets(&self, other: &Self) -> bool {
        // Of two patterns that have a host in common one covers the other; and who forbids one
        // name of this machine forbids all of them.
        let common = |one: &HostPattern, two: &HostPattern| one.forbids(two) || two.forbids(one);
        let mut hosts = self.hosts.iter();
        let program = !self.program.is_empty() && self.program == other.program;
        program || hosts.any(|one| other.hosts.iter().any(|two| common(one, two)))
    }
}

/// Returns the hosts of an address. Of a search's only what stands before the query is a pattern.
fn host_of(address: &At<String>) -> Option<HostPattern> {
    let text = address.value.as_str();
    let (pattern, _) = text.split_once('?').unwrap_or((text, ""));
    Some(UrlPattern::parse(pattern).ok()?.host().clone())
}
