//! MCP servers: a program or an address, whose keys go along, and the descriptions' digest.

use super::draft::ToolDraft;
use super::web::find;
use crate::secret::{SecretRule, Template};
use crate::server::{Program, Reached, Server};
use crate::web::UrlPattern;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::{At, Report};

/// Hexadecimal digits of a SHA-256.
const DIGEST_DIGITS: usize = 64;

/// Checks every tool that is a server.
pub(super) fn resolve(
    drafts: &[ToolDraft],
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Vec<(String, Server)> {
    let mut all = Vec::new();
    for draft in drafts {
        if let Some(mcp) = &draft.server.mcp {
            let reached = reached(draft, mcp, secrets, report);
            let pin = draft.server.pin.as_ref();
            let server = Server {
                reached,
                pin: pin.and_then(|pin| digest(pin, report)),
                timeout_ms: draft.server.timeout_ms,
            };
            check_uses(draft, report);
            all.push((draft.name.value.clone(), server));
        } else {
            check_no_server(draft, report);
        }
    }
    all
}

fn reached(
    draft: &ToolDraft,
    mcp: &TextOrList,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Reached {
    match mcp {
        TextOrList::List(command) => Reached::Process(program(draft, command, secrets, report)),
        TextOrList::Text(url) => address(draft, url, secrets, report),
    }
}

fn program(
    draft: &ToolDraft,
    command: &At<Vec<At<String>>>,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Program {
    if command
        .value
        .first()
        .is_none_or(|program| program.value.is_empty())
    {
        let message = "`mcp` names no program".to_owned();
        let hint = "write the program and its arguments, or one address".to_owned();
        report.hinted(codes::INVALID_VALUE, &command.span, message, hint);
    }
    for (_, secret) in &draft.server.secrets {
        find(&secret.value, secret, secrets, report);
    }
    let texts = |list: &[At<String>]| list.iter().map(|one| one.value.clone()).collect();
    let pairs = draft.server.secrets.iter();
    let pairs = pairs.map(|(variable, secret)| (variable.value.clone(), secret.value.clone()));
    Program {
        command: texts(&command.value),
        variables: texts(&draft.server.variables),
        secrets: pairs.collect(),
    }
}

fn address(
    draft: &ToolDraft,
    url: &At<String>,
    secrets: &[(String, SecretRule)],
    report: &mut Report,
) -> Reached {
    let pattern = match UrlPattern::parse(&url.value) {
        Ok(pattern) if !pattern.is_plain_text() => vec![pattern],
        Ok(_) | Err(_) => {
            let message = format!("{} is no server's address", quote(&url.value));
            let hint = "write `https://HOST/PATH`, `http://127.0.0.1:PORT/PATH`, or a list with a program and its arguments".to_owned();
            report.hinted(codes::INVALID_VALUE, &url.span, message, hint);
            Vec::new()
        }
    };
    let headers = draft.server.headers.iter();
    let headers = headers.map(|(name, value)| {
        let template = Template::parse(&value.value);
        super::web::check_headers(name, value, &template, &pattern, secrets, report);
        (name.value.clone(), template)
    });
    Reached::Address {
        url: url.value.clone(),
        headers: headers.collect(),
    }
}

fn digest(pin: &At<String>, report: &mut Report) -> Option<String> {
    let digits = pin.value.strip_prefix("sha256:");
    let digits = digits.filter(|digits| {
        digits.len() == DIGEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if digits.is_none() {
        let message = "`pin` is no digest".to_owned();
        let hint = "`lazaret tools pin NAME` prints it".to_owned();
        report.hinted(codes::INVALID_VALUE, &pin.span, message, hint);
    }
    digits.map(str::to_ascii_lowercase)
}

/// A server does what it does outside of this host: nothing of the policy can be granted to it.
fn check_uses(draft: &ToolDraft, report: &mut Report) {
    let component = draft.plugin.iter().chain(&draft.uses);
    for key in component {
        let message = format!(
            "the tool {} is a server and no plugin",
            quote(&draft.name.value)
        );
        let hint = "leave `plugin` and `use` out, or leave `mcp` out".to_owned();
        report.hinted(codes::TOOL_USE, &key.span, message, hint);
    }
}

/// A tool that is a component needs a plugin, and has none of a server's keys.
fn check_no_server(draft: &ToolDraft, report: &mut Report) {
    if draft.plugin.is_none() {
        let name = &draft.name.value;
        let message = format!("[tool.{name}] has neither `plugin` nor `mcp`");
        report.error(codes::MISSING_FIELD, &draft.name.span, message);
    }
    let server = &draft.server;
    let pairs = server.secrets.iter().chain(&server.headers);
    let keys = server.pin.iter().chain(&server.variables);
    for key in keys.chain(pairs.map(|(name, _)| name)) {
        let message = format!(
            "the tool {} is a plugin and no server",
            quote(&draft.name.value)
        );
        let hint = "say with `mcp` how the server is reached".to_owned();
        report.hinted(codes::TOOL_USE, &key.span, message, hint);
    }
}
