//! Reading the administrator's file. What could never match is an error: whoever wrote it
//! believes that it forbids something.

use super::{Admin, ModelPattern};
use crate::command::CommandPattern;
use crate::web::{self, HostPattern, Method};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::grant;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::Section;
use lazaret_manifest::text::{At, Report, Text};

/// The version of the file's form.
const VERSION: u64 = 1;

/// Reads the file.
pub(super) fn read(text: &Text, root: &mut Section<'_>, report: &mut Report) -> Admin {
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
    if let Some(mut section) = root.section(report, "forbid") {
        forbid(&mut admin, &mut section, report);
        section.finish(report);
    }
    admin
}

fn forbid(admin: &mut Admin, section: &mut Section<'_>, report: &mut Report) {
    let functions = section.names(report, "functions", Name::Capability);
    admin.functions = functions.unwrap_or_default();
    for written in &admin.functions {
        if !can_match(&written.value) {
            let hint = "write `TOOL.FUNCTION`, `files.write`, `web.SITE.METHOD`, `web.search`, `command.GROUP`, `model.NAME`, `run.print`, `run.apply`, `person.ask`, `code.run`, or the beginning of one with a last `*`";
            wrong(report, written, "function", hint.to_owned());
        }
    }
    let providers = section.names(report, "providers", Name::Plain);
    admin.providers = providers.unwrap_or_default();
    admin.hosts = patterns(section, report, ("hosts", "host"), |text| {
        HostPattern::parse(text).map_err(|form| host_hint(text, form))
    });
    admin.models = patterns(section, report, ("models", "model"), |text| {
        ModelPattern::parse(text).map_err(str::to_owned)
    });
    admin.commands = patterns(section, report, ("commands", "command"), |text| {
        CommandPattern::parse(text).map_err(str::to_owned)
    });
}

/// Reads a list of patterns; those that are none are reported and left out.
fn patterns<T>(
    section: &mut Section<'_>,
    report: &mut Report,
    (key, what): (&'static str, &str),
    parse: impl Fn(&str) -> Result<T, String>,
) -> Vec<At<T>> {
    let mut all = Vec::new();
    for written in section.texts(report, key).unwrap_or_default() {
        match parse(&written.value) {
            Ok(pattern) => all.push(At::new(pattern, written.span)),
            Err(hint) => wrong(report, &written, what, hint),
        }
    }
    all
}

fn wrong(report: &mut Report, written: &At<String>, what: &str, hint: String) {
    let message = format!("{} is no {what}", quote(&written.value));
    report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
}

/// Says how the same host is written, where it is one.
fn host_hint(written: &str, form: &str) -> String {
    let (below, host) = match written.strip_prefix("*.") {
        Some(host) => ("*.", host),
        None => ("", written),
    };
    let spelled = web::spelled(host).map(|host| format!("{below}{host}"));
    let spelled = spelled.filter(|text| HostPattern::parse(text).is_ok());
    spelled.map_or_else(|| form.to_owned(), |text| format!("write `{text}`"))
}

/// Whether a policy can have a function that this covers.
fn can_match(pattern: &str) -> bool {
    if pattern == grant::ANYTHING {
        return true;
    }
    let parts: Vec<&str> = pattern.split('.').collect();
    match parts.as_slice() {
        ["run", last] => is_one_of(&["print", "apply"], last),
        ["person", last] => is_one_of(&["ask"], last),
        ["code", last] => is_one_of(&["run"], last),
        ["tree", last] => is_one_of(&["patch", "merge"], last),
        ["files", last] => is_one_of(&["read", "write"], last),
        ["files", _, last] => is_one_of(&["read", "find", "write", "edit"], last),
        ["web", last] => is_one_of(&["search"], last),
        ["web", _, last] => is_one_of(&Method::ALL.map(Method::name), last),
        // What an alias asks instead is its own function: `model.ALIAS.or-2`.
        ["model", _, _] => true,
        [first, _] => Name::Plain.accepts(first),
        _ => false,
    }
}

fn is_one_of(known: &[&str], last: &str) -> bool {
    last == "*" || known.contains(&last)
}
