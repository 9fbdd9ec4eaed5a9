//! A policy that was found in the working directory and not named: until it is trusted it may
//! not say where a key is sent, and starts no program.

use std::path::Path;

use anyhow::{Result, bail};
use lazaret_policy::compiled::KeySource;
use lazaret_policy::policy::Policy;
use lazaret_policy::server::Reached;

use crate::trust::{self, Standing};
use crate::ui;

/// Refuses what a project's policy may only say once it is trusted.
pub(crate) fn permit(path: &Path, policy: &Policy, text: &str) -> Result<()> {
    let reasons = reasons(policy);
    if reasons.is_empty() || trust::confirm(path, text)? == Standing::Trusted {
        return Ok(());
    }
    let shown = ui::escape(&path.display().to_string());
    bail!(
        "`{shown}` is this project's and not trusted, and {}: read it, then say `lazaret trust {shown}`, or name it with `--policy {shown}` for this run",
        reasons.join(", and ")
    )
}

/// Returns what in a policy reaches further than narrowing does.
fn reasons(policy: &Policy) -> Vec<String> {
    let mut reasons = Vec::new();
    for (name, provider) in policy.providers() {
        let name = ui::escape(name);
        let base = provider.base_url.as_deref();
        if let (Some(_), Some(base)) = (&provider.key, base.filter(|base| !is_here(base))) {
            reasons.push(format!(
                "it sends the key of `{name}` to `{}`",
                ui::escape(base)
            ));
        }
        if matches!(provider.key, Some(KeySource::Command(_))) {
            reasons.push(format!("it runs a program for the key of `{name}`"));
        }
    }
    for (name, server) in policy.servers() {
        if let Reached::Process(program) = &server.reached {
            let program = program.command.first().map_or("", String::as_str);
            reasons.push(format!(
                "it starts `{}` for the tool `{}`",
                ui::escape(program),
                ui::escape(name)
            ));
        }
    }
    for (name, _) in policy.secrets() {
        reasons.push(format!(
            "it says where the secret `{}` goes",
            ui::escape(name)
        ));
    }
    reasons
}

/// Whether an address is of this machine: what is sent there leaves nothing.
fn is_here(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // Whatever stands before an `@` is no host.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons_of(text: &str) -> Vec<String> {
        let text = format!("version = 1\n[readers]\nprivate = [\"operator\", \"models\"]\n{text}");
        reasons(&Policy::parse("lazaret.toml", &text).unwrap())
    }

    #[test]
    fn a_key_goes_nowhere_that_only_an_untrusted_policy_names() {
        for (address, is_refused) in [
            ("https://evil.example/v1", true),
            ("https://localhost.evil.example/v1", true),
            ("http://127.0.0.1:8080/v1", false),
            ("http://[::1]:8080/v1", false),
        ] {
            let text = format!(
                "[models]\nlab = {{ provider = \"openai\", base_url = \"{address}\", key = \"env:KEY\" }}"
            );
            assert_eq!(!reasons_of(&text).is_empty(), is_refused, "{address}");
        }
        assert!(reasons_of("[models]\nanthropic = { key = \"env:ANTHROPIC_API_KEY\" }").is_empty());
    }
}
