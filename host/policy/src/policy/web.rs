//! Sites and the search service: their addresses, and whose keys go where.

use std::net::SocketAddr;

use lazaret_kernel::pointer::Pointer;

use super::draft::web::{SearchDraft, SecretDraft, SiteDraft, WebDraft};
use crate::secret::{SecretRule, SecretSource, Template};
use crate::web::{HostPattern, Method, Search, Site, UrlPattern, WebLimits};
use lazaret_manifest::codes::{self, Code};
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::suggest::did_you_mean;
use lazaret_manifest::text::{At, Report};

/// Where the query stands in the search's address or body.
const QUERY: &str = "{query}";

/// Headers that carry a key, and so never a text of the policy's own.
const KEY_HEADERS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
];

/// Headers that the client itself sets.
const FIXED_HEADERS: [&str; 5] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
];

/// Checks every secret's source and hosts.
pub(super) fn secrets(drafts: &[SecretDraft], report: &mut Report) -> Vec<(String, SecretRule)> {
    let mut all = Vec::new();
    for draft in drafts {
        let from = draft.from.as_ref().and_then(|from| source(from, report));
        let hosts = draft.hosts.iter();
        let hosts = hosts.filter_map(|host| parsed(host, HostPattern::parse(&host.value), report));
        let hosts = hosts.collect();
        if let Some(from) = from {
            all.push((draft.name.value.clone(), SecretRule { from, hosts }));
        }
    }
    all
}

/// Checks every site.
pub(super) fn sites(
    drafts: &[SiteDraft],
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Vec<(String, Site)> {
    let mut all = Vec::new();
    for draft in drafts {
        if draft.allow.is_empty() {
            let message = format!("the site {} has no addresses", quote(&draft.name.value));
            let hint = "write `allow = [\"https://HOST/**\"]`".to_owned();
            report.hinted(codes::MISSING_FIELD, &draft.name.span, message, hint);
        }
        let allow = draft.allow.iter();
        let allow = allow.filter_map(|one| parsed(one, UrlPattern::parse(&one.value), report));
        let allow = allow.collect();
        all.push((
            draft.name.value.clone(),
            site(&draft.shared, allow, secrets, report),
        ));
    }
    all
}

/// Returns the methods of a site that are methods; a site that says none can only be read.
pub(super) fn methods(draft: &SiteDraft, report: &mut Report) -> Vec<At<Method>> {
    if draft.methods.is_empty() {
        return vec![At::new(Method::Get, draft.name.span.clone())];
    }
    let mut all: Vec<At<Method>> = Vec::new();
    for written in &draft.methods {
        match Method::parse(&written.value) {
            Some(method) if all.iter().any(|other| other.value == method) => {
                let message = format!("the method {} is listed twice", quote(&written.value));
                report.error(codes::DUPLICATE, &written.span, message);
            }
            Some(method) => all.push(At::new(method, written.span.clone())),
            None => {
                let message = format!("{} is no method", quote(&written.value));
                let hint = did_you_mean(&written.value, Method::ALL.iter().map(|one| one.name()));
                report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
            }
        }
    }
    all
}

/// Checks the search service.
pub(super) fn search(
    draft: &SearchDraft,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Option<Search> {
    let body = draft.body.as_ref();
    let url = draft.url.as_ref()?;
    let asked = [Some(url), body];
    if !asked
        .iter()
        .flatten()
        .any(|text| text.value.contains(QUERY))
    {
        let message = "the search never sends the query".to_owned();
        let hint = format!("write `{QUERY}` in `url`, or in a text of `body`");
        report.hinted(codes::INVALID_VALUE, &url.span, message, hint);
    }
    // The one address that is granted: the query in it is escaped, so that it stays there.
    let (address, _) = url.value.split_once('?').unwrap_or((&url.value, ""));
    if address.contains(QUERY) || address.contains('*') {
        let message = "the query may stand behind the `?` of the address only".to_owned();
        report.error(codes::INVALID_VALUE, &url.span, message);
    }
    let pattern = parsed(url, UrlPattern::parse(address), report)?;
    let body = body.and_then(|written| match serde_json::from_str(&written.value) {
        Ok(body) => Some(body),
        Err(_error) => {
            let message = "`body` is no JSON".to_owned();
            report.error(codes::INVALID_VALUE, &written.span, message);
            None
        }
    });
    let results = draft.results.as_ref();
    let results = results.and_then(|written| super::args::pointer(written, report));
    Some(Search {
        url: url.value.clone(),
        body,
        results: results.unwrap_or(Pointer::ROOT),
        site: site(&draft.shared, vec![pattern], secrets, report),
    })
}

fn site(
    draft: &WebDraft,
    allow: Vec<UrlPattern>,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Site {
    let private = draft.private.iter();
    let private = private.filter_map(|written| {
        let address: Option<SocketAddr> = written.value.parse().ok();
        let problem = "write the number and the port, such as `127.0.0.1:8080`";
        parsed(written, address.ok_or(problem), report)
    });
    let private = private.collect();
    let headers = draft.headers.iter();
    let headers = headers.map(|(name, value)| {
        let template = Template::parse(&value.value);
        check_headers(name, value, &template, &allow, secrets, report);
        (name.value.clone(), template)
    });
    Site {
        headers: headers.collect(),
        private,
        limits: WebLimits {
            max_bytes: draft.max_bytes,
            timeout_ms: draft.timeout_ms,
            redirects: draft.redirects,
        },
        allow,
        deny: Vec::new(),
    }
}

/// Checks one header that the host adds, and that its secrets go where they belong.
pub(super) fn check_headers(
    name: &At<String>,
    value: &At<String>,
    template: &Template,
    allow: &[UrlPattern],
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) {
    check_header(name, value, template, report);
    for secret in template.secrets() {
        check_secret(secret, value, allow, secrets, report);
    }
}

/// The message does not repeat the value, which may be a key.
fn check_header(name: &At<String>, value: &At<String>, template: &Template, report: &mut Report) {
    let lower = name.value.to_ascii_lowercase();
    if FIXED_HEADERS.contains(&lower.as_str()) {
        let message = format!("the header {} is set by the host", quote(&name.value));
        report.error(codes::INVALID_VALUE, &name.span, message);
    }
    if KEY_HEADERS.contains(&lower.as_str()) && template.secrets().next().is_none() {
        let message = format!(
            "the header {} has a key in the policy itself",
            quote(&name.value)
        );
        let hint = "write `{secret.NAME}` for the key, and say in `[secret.NAME]` where it is";
        report.hinted(codes::INVALID_VALUE, &value.span, message, hint.to_owned());
    }
    if value.value.chars().any(char::is_control) {
        let message = "a header has control characters".to_owned();
        report.error(codes::INVALID_VALUE, &value.span, message);
    }
}

/// A key goes to the hosts it belongs to and to no other, and never in plain text.
fn check_secret(
    name: &str,
    written: &At<String>,
    allow: &[UrlPattern],
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) {
    let Some(rule) = find(name, written, secrets, report) else {
        return;
    };
    let bound = |pattern: &UrlPattern| rule.hosts.iter().any(|host| host.covers(pattern.host()));
    if !allow.iter().all(bound) {
        let message = format!(
            "the secret {} would go to hosts that it is not bound to",
            quote(name)
        );
        let hint = format!("list them in `hosts` of `[secret.{name}]`, or separate the sites");
        report.hinted(codes::SECRET_HOST, &written.span, message, hint);
    }
    if allow.iter().any(UrlPattern::is_plain_text) {
        let message = format!("the secret {} would go out in plain text", quote(name));
        let hint = "use `https`; `http` is enough for 127.0.0.1 alone".to_owned();
        report.hinted(codes::SECRET_HOST, &written.span, message, hint);
    }
}

/// Returns the secret of that name, or reports that there is none.
pub(super) fn find<'a>(
    name: &str,
    written: &At<String>,
    secrets: &'a [(String, SecretRule)],
    report: &mut Report,
) -> Option<&'a SecretRule> {
    let found = secrets.iter().find(|(other, _)| other == name);
    if found.is_none() {
        let message = format!("there is no secret {}", quote(name));
        let known = secrets.iter().map(|(name, _)| name.as_str());
        let hint = did_you_mean(name, known)
            .unwrap_or_else(|| format!("say in `[secret.{name}]` where it is"));
        report.hinted(codes::UNKNOWN_SECRET, &written.span, message, hint);
    }
    found.map(|(_, rule)| rule)
}

fn source(written: &At<String>, report: &mut Report) -> Option<SecretSource> {
    let source = SecretSource::parse(&written.value);
    if source.is_none() {
        // What was written may be the key itself.
        let message = "`from` does not say where the secret is".to_owned();
        let hint = "write `env:NAME` or `file:PATH`".to_owned();
        report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
    }
    source
}

fn parsed<T>(written: &At<String>, value: Result<T, &str>, report: &mut Report) -> Option<T> {
    const CODE: Code = codes::INVALID_VALUE;
    value
        .map_err(|hint| {
            let message = format!("{} is no such address", quote(&written.value));
            report.hinted(CODE, &written.span, message, hint.to_owned());
        })
        .ok()
}
