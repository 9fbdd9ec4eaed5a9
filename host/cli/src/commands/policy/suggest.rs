//! `lazaret policy suggest`: what would have to change for a run's refused calls, as a diff.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_policy::policy::Policy;
use lazaret_policy::suggestion::{Refused, suggest};
use lazaret_workflow::event::Event;
use serde_json::json;
use similar::TextDiff;

use super::past;
use crate::cli::PolicySuggest;
use crate::problem::Problems;
use crate::ui;

/// The lines around a change.
const CONTEXT: usize = 2;

/// The file that is most likely meant; the journal has the text alone.
const FILE: &str = "lazaret.toml";

pub(crate) fn run(arguments: &PolicySuggest) -> Result<ExitCode> {
    let past = past::read(&arguments.run)?;
    let refused: Vec<Refused> = past
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Denied {
                step,
                code,
                rule,
                message,
                ..
            } => Some(Refused {
                profile: past.profile(*step).map(str::to_owned),
                code: code.clone(),
                rule: rule.clone(),
                message: message.clone(),
            }),
            _ => None,
        })
        .collect();
    let before = own_file(&past.policy_text);
    let policy = Policy::parse(FILE, &past.policy_text);
    let is_function = |name: &str| policy.as_ref().is_ok_and(|policy| policy.can_grant(name));
    let suggestion = suggest(&before, is_function, &refused);
    let suggestion = suggestion.context("the run's policy is no TOML")?;
    let diff = TextDiff::from_lines(before.as_str(), suggestion.text.as_str());
    let diff = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header(FILE, FILE)
        .to_string();
    if arguments.json {
        ui::out(
            &json!({
                "refused": refused.len(), "changes": suggestion.changes,
                "left": suggestion.left, "diff": diff,
            })
            .to_string(),
        );
        return Ok(ExitCode::SUCCESS);
    }
    if refused.is_empty() {
        ui::note("nothing was refused in this run");
    }
    for change in &suggestion.changes {
        ui::note(&format!("then {}", ui::escape(change)));
    }
    for left in &suggestion.left {
        ui::note(&format!("not changed: {}", ui::escape(left)));
    }
    if suggestion.changes.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for line in diff.lines() {
        ui::out(&ui::escape(line));
    }
    // A change may be narrow and wrong all the same, such as a store that would forget a tag.
    if let Err(all) = Policy::parse(FILE, &suggestion.text) {
        let source = suggestion.text;
        return Err(Problems { source, all }.into());
    }
    ui::note("this widens what agents may do: read it, and apply it with `patch` if it is meant");
    Ok(ExitCode::SUCCESS)
}

/// The policy as it is written here, if the run had it with the engine of scripts added.
fn own_file(stored: &str) -> String {
    match std::fs::read_to_string(FILE) {
        Ok(own) if stored.starts_with(&own) => own,
        _ => stored.to_owned(),
    }
}
