//! `lazaret policy explain`: why a recorded decision was made, and by which line of the policy.

use std::process::ExitCode;

use anyhow::{Result, bail};
use lazaret_policy::channel::ChannelName;
use lazaret_workflow::approval::AskedCall;
use lazaret_workflow::event::{ArgumentRef, Event, LabelText};
use serde_json::json;

use super::past::{self, Past};
use crate::cli::PolicyExplain;
use crate::render::label;
use crate::ui;

pub(crate) fn run(arguments: &PolicyExplain) -> Result<ExitCode> {
    let past = past::read(&arguments.run)?;
    let Some(number) = arguments.event else {
        list(&past);
        return Ok(ExitCode::SUCCESS);
    };
    let event = number.checked_sub(1).and_then(|at| past.events.get(at));
    let Some(event) = event else {
        bail!(
            "the run has {} events; `lazaret policy explain {}` lists the decisions among them",
            past.events.len(),
            past.run
        );
    };
    let Some(reasons) = reasons(&past, event) else {
        bail!(
            "event {number} is no decision of the policy's; `lazaret policy explain {}` lists those",
            past.run
        );
    };
    if arguments.json {
        ui::out(&json!({ "event": event, "reasons": reasons }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    for line in reasons {
        ui::out(&ui::escape(&line));
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists what can be explained, each with its number.
fn list(past: &Past) {
    for (event, number) in past.events.iter().zip(1..) {
        if let Some(first) = reasons(past, event).and_then(|all| all.into_iter().next()) {
            ui::out(&format!("{number:>6}  {}", ui::escape(&first)));
        }
    }
}

/// Says what was decided, by what, and where that stands; nothing for what is no decision.
fn reasons(past: &Past, event: &Event) -> Option<Vec<String>> {
    let lines = match event {
        Event::Denied {
            step,
            act,
            rule,
            message,
            remedy,
            ..
        } => denied(past, *step, (act, rule), (message, remedy)),
        Event::EffectIntended {
            step,
            function,
            arguments,
            ..
        } => permitted(past, *step, function, arguments),
        Event::Gated {
            step,
            channel,
            payers,
            bits,
            ..
        } => gated(past, *step, channel, (*bits, payers)),
        Event::StepStarted {
            step,
            profile,
            start,
            clearance,
            ..
        } if *step > 0 => started(past, *step, profile, (start, clearance)),
        Event::ApprovalAsked { item, call } => asked(past, *item, call),
        _ => return None,
    };
    Some(lines)
}

fn denied(
    past: &Past,
    step: u32,
    (act, rule): (&str, &str),
    (message, remedy): (&str, &str),
) -> Vec<String> {
    let subject = rule.split_once(':').map_or(rule, |(_, rest)| rest);
    let name = subject.split('/').next().unwrap_or(subject);
    let mut lines = vec![
        format!("{} was refused {act} by {rule}", who(past, step)),
        format!("because {message}"),
    ];
    lines.extend(standing(past, name));
    lines.extend(grants(past, step));
    lines.extend(risen(past, step));
    lines.push(format!("instead: {remedy}"));
    lines
}

fn permitted(past: &Past, step: u32, function: &str, arguments: &[ArgumentRef]) -> Vec<String> {
    let mut lines = vec![format!("{} was permitted {function}", who(past, step))];
    for argument in arguments {
        let carried = label(&argument.content.label);
        lines.push(format!(
            "the argument {} and its caller carry {carried}",
            argument.name
        ));
    }
    lines.push("because the rule tolerates that, and everybody whom the call reaches may read it, or a person let it pass".to_owned());
    lines.extend(standing(past, function));
    lines.extend(grants(past, step));
    lines
}

fn gated(past: &Past, step: u32, channel: &str, (bits, payers): (u64, &[String])) -> Vec<String> {
    let bits = format!("{}.{:03}", bits / 1_000, bits % 1_000);
    let told = format!(
        "{} was told what {channel} tells: {bits} bits, counted against {}",
        who(past, step),
        payers.join(", ")
    );
    let mut lines = vec![told, of_gate(channel)];
    lines.extend(standing(past, channel));
    lines
}

/// Says why what a channel tells is let pass, or cannot be held back.
fn of_gate(channel: &str) -> String {
    let because = match ChannelName::of(channel) {
        ChannelName::Count => "the number of a list's items tells of what is in it",
        ChannelName::Outcome => "how an agent ended tells of what it has read",
        ChannelName::Endorsement => "a person vouched for the bytes",
        ChannelName::Order => "which agent ended first tells of what all have read",
        ChannelName::Until => "results of earlier rounds decided on this one",
        ChannelName::Decision => "how often others have called tells of what they have read",
        ChannelName::Gate(rule) => {
            return format!("because the gate {rule} lets a value of a closed type pass");
        }
    };
    format!("because {because}")
}

fn started(
    past: &Past,
    step: u32,
    profile: &str,
    (start, clearance): (&LabelText, &LabelText),
) -> Vec<String> {
    let mut lines = vec![format!(
        "step {step} of the profile {profile} starts with {} and may rise to {}",
        label(start),
        label(clearance)
    )];
    lines.push("because that is what its task carries, and what `reads` and `readers` of the profile allow and its plugin asks for".to_owned());
    lines.extend(standing(past, profile));
    lines
}

fn asked(past: &Past, item: u32, call: &AskedCall) -> Vec<String> {
    let mut lines = vec![format!(
        "{} waits with {} for a person, item {item}",
        who(past, call.step),
        call.function
    )];
    if call.untolerated.is_empty() && call.unread_by.as_ref().is_none_or(Vec::is_empty) {
        lines.push("because its rule has each call decided by a person".to_owned());
    } else {
        lines.push(format!(
            "because its rule does not tolerate {}, and a person may let it pass",
            call.untolerated.join(", ")
        ));
    }
    lines.extend(standing(past, &call.function));
    lines
}

fn who(past: &Past, step: u32) -> String {
    past.profile(step).map_or_else(
        || "the orchestrator".to_owned(),
        |profile| format!("step {step} ({profile})"),
    )
}

/// The rule in words, and its line.
fn standing(past: &Past, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let words = past.compiled.function_id(name);
    if let Some(words) = words.map(|id| past.compiled.rule_words(id)) {
        lines.push(format!("the rule: {words}"));
    }
    if let Some(line) = past.policy.line_of(name) {
        let text = past.policy_text.lines().nth(line.saturating_sub(1));
        let text = text.unwrap_or_default().trim();
        lines.push(format!("the policy, line {line}: {text}"));
    }
    lines
}

/// What grants the caller anything: its profile.
fn grants(past: &Past, step: u32) -> Option<String> {
    let profile = past.profile(step)?;
    let line = past.policy.line_of(profile)?;
    Some(format!(
        "the policy, line {line}: [profile.{profile}] grants what the step may use"
    ))
}

fn risen(past: &Past, step: u32) -> Option<String> {
    let label_of = |found: &LabelText| format!("by its end it had read {}", label(found));
    past.events.iter().find_map(|event| match event {
        Event::StepFinished {
            step: number,
            label,
            ..
        } if *number == step => Some(label_of(label)),
        _ => None,
    })
}
