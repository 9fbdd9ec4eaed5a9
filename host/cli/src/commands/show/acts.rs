//! What an agent did, one line an act.

use std::collections::BTreeMap;

use lazaret_workflow::event::{Decision, Event};

use super::tree::used;
use crate::render::label;
use crate::ui::{self, Tone};

/// Writes the acts of an agent: an effect stands where its result came.
pub(super) fn lines(acts: &[Event], indent: &str) -> Vec<String> {
    let mut begun: BTreeMap<u32, &str> = BTreeMap::new();
    let mut lines = Vec::new();
    for act in acts {
        match act {
            Event::EffectIntended {
                effect, function, ..
            } => {
                begun.insert(*effect, function);
            }
            Event::EffectDone {
                effect,
                ok,
                answer,
                usage,
                ..
            } => {
                let function = begun.remove(effect).unwrap_or_default();
                let how = if *ok { "done" } else { "failed" };
                lines.push(format!(
                    "effect {effect} {} {how} → {}{}",
                    ui::escape(function),
                    label(&answer.label),
                    used(usage.unwrap_or_default())
                ));
            }
            other => lines.extend(line(other)),
        }
    }
    for (effect, function) in begun {
        let text = format!("effect {effect} {} was begun", ui::escape(function));
        lines.push(ui::paint(Tone::Warn, &text));
    }
    lines
        .into_iter()
        .map(|line| format!("{indent}{line}"))
        .collect()
}

/// Writes one act that is no effect.
pub(super) fn line(act: &Event) -> Option<String> {
    Some(match act {
        Event::Denied { act, rule, .. } => {
            let text = format!("refused {} by {}", ui::escape(act), ui::escape(rule));
            ui::paint(Tone::Bad, &text)
        }
        Event::ApprovalAsked { item, call } => {
            let what = match call.in_doubt {
                None => "asked a person about",
                Some(_) => "asked a person what became of",
            };
            let text = format!(
                "item {item}: {what} {} with {}",
                ui::escape(&call.function),
                label(&call.label)
            );
            ui::paint(Tone::Warn, &text)
        }
        Event::Gated {
            channel,
            payers,
            bits,
            ..
        } => {
            let amount = format!("{}.{:03}", bits / 1000, bits % 1000);
            format!("gate {channel}: {amount} bits of {}", payers.join(", "))
        }
        Event::Logged { level, message, .. } => {
            let text = format!("{level}: {}", ui::escape(message));
            ui::paint(Tone::Dim, &text)
        }
        Event::Decided { decision, .. } => match decision {
            Decision::Retry => "to be run again, as a person decided".to_owned(),
            Decision::Skip => "skipped, as a person decided".to_owned(),
            Decision::Stop => "stopped, as a person decided".to_owned(),
        },
        _ => return None,
    })
}

/// Writes what belongs to the run as a whole.
pub(super) fn note(event: &Event) -> Option<String> {
    Some(match event {
        Event::InputRefused { place, message } => {
            let text = format!("set aside {}: {}", ui::escape(place), ui::escape(message));
            ui::paint(Tone::Warn, &text)
        }
        Event::ApprovalSaid { item, said } => {
            let word = said.word.as_str();
            format!("item {item}: {word} by {}", ui::escape(&said.by))
        }
        Event::TakenIn => ui::paint(
            Tone::Warn,
            "taken in without a trusted receipt: all above is its own word",
        ),
        Event::ApprovalUsed { item } => format!("item {item}: the run went on with it"),
        _ => return None,
    })
}
