//! Servers and sites as stores: what is written to one may come back by another of its functions.
//!
//! A server keeps no labels. What one function takes, another may give, under the label that
//! the policy declares for that one. So a function takes only tags that every other function's
//! answer carries, also where a person says so.

use lazaret_kernel::label::TagSet;
use lazaret_kernel::tables::{FunctionRule, Verdict};

use super::draft::web::SiteDraft;
use super::draft::{FunctionDraft, ToolDraft};
use super::functions::Functions;
use crate::web::Method;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::{At, Report};

/// Checks every server's functions against each other, and narrows what a person may let through.
pub(super) fn check(tools: &[ToolDraft], functions: &mut Functions, report: &mut Report) {
    let servers = tools.iter().filter(|tool| tool.server.mcp.is_some());
    for server in servers {
        for draft in &server.functions {
            let Some((other, carried)) = least_carried(server, draft, functions) else {
                continue;
            };
            let name = full_name(server, draft);
            if let Some(rule) = rule_mut(functions, &name) {
                narrow(rule, carried);
                if !taken(rule).is_subset(carried) {
                    forgets(&name, &other, draft, report);
                }
            }
        }
    }
}

/// Checks a site that is both changed and read: what was sent to it may be on its next page.
pub(super) fn check_site(
    site: &SiteDraft,
    methods: &[At<Method>],
    functions: &mut Functions,
    report: &mut Report,
) {
    let changes = |method: &At<Method>| !matches!(method.value, Method::Get | Method::Head);
    if methods.len() < 2 {
        return;
    }
    for method in methods.iter().filter(|method| changes(method)) {
        let name = format!("web.{}.{}", site.name.value, method.value.name());
        let Some(rule) = rule_mut(functions, &name) else {
            continue;
        };
        let carried = rule.source.taint;
        narrow(rule, carried);
        if taken(rule).is_subset(carried) {
            continue;
        }
        let span = match &site.shared.tolerate {
            Some(TextOrList::Text(text)) => &text.span,
            Some(TextOrList::List(list)) => &list.span,
            None => &site.name.span,
        };
        let message = format!(
            "what {} takes would come back from the site without its tags",
            quote(&name)
        );
        let hint = "add the tags to `tags` of the site, or give what is sent and what is read sites of their own".to_owned();
        report.hinted(codes::STORE_TOLERANCE, span, message, hint);
        return;
    }
}

/// Returns the tags that the answers of all other functions carry, and one that carries no more.
fn least_carried(
    server: &ToolDraft,
    draft: &FunctionDraft,
    functions: &Functions,
) -> Option<(String, TagSet)> {
    let others = server.functions.iter();
    let others = others.filter(|other| other.name.value != draft.name.value);
    let mut least: Option<(String, TagSet)> = None;
    for other in others {
        let name = full_name(server, other);
        let Some(rule) = rule(functions, &name) else {
            continue;
        };
        // Where fields have labels of their own this is their join: that the service fills a
        // field in by itself is the policy's word.
        let carried = rule.source.taint;
        least = Some(match least {
            None => (name, carried),
            Some((first, all)) if all.is_subset(carried) => (first, all),
            Some((_, all)) => (name, all & carried),
        });
    }
    least
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

fn forgets(name: &str, other: &str, draft: &FunctionDraft, report: &mut Report) {
    let message = format!(
        "what {} takes would come back from {} without its tags: a server keeps no labels",
        quote(name),
        quote(other)
    );
    let hint = format!(
        "add the tags to `label` of {}, or do not tolerate them here",
        quote(other)
    );
    report.hinted(codes::STORE_TOLERANCE, &draft.args_span, message, hint);
}

fn full_name(tool: &ToolDraft, function: &FunctionDraft) -> String {
    format!("{}.{}", tool.name.value, function.name.value)
}

fn rule<'a>(functions: &'a Functions, name: &str) -> Option<&'a FunctionRule> {
    let at = functions.list.iter().position(|one| one.name == name)?;
    functions.rules.get(at)
}

fn rule_mut<'a>(functions: &'a mut Functions, name: &str) -> Option<&'a mut FunctionRule> {
    let at = functions.list.iter().position(|one| one.name == name)?;
    functions.rules.get_mut(at)
}
