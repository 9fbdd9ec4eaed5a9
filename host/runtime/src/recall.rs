//! Steps that an earlier part of the run has finished: found again by all that their answer
//! may depend on, and given again at labels that the current policy gives and that never sink.

use std::fmt::Write as _;

use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::{Ended, Ending, EndingKind, Past};
use lazaret_policy::compiled::Profile;
use lazaret_workflow::event::{self, Event, Given, GivenKind};
use lazaret_workflow::replay::{Answer, PastEffect, PastEnding, PastStep};

use crate::bindings::turns::Spawning;
use crate::call::{Child, above_recorded, offer};
use crate::error::HostError;
use crate::payload::Payload;
use crate::plugin::digest;
use crate::progress::Progress;
use crate::remembered::{media, origins_of, origins_text};
use crate::run::{DeniedAct, Failed, Run};

/// Returns what a step is found again by: the plugin, the profile's clearance, the task's text
/// and options, and the parts' bytes. Labels are not in it: they are computed anew.
pub(crate) fn key(run: &Run, profile: &Profile, child: &Child, spawning: &Spawning) -> String {
    let plugin = run.plugin_digest(&profile.plugin);
    let clearance = run.monitor().clearance(child.instance);
    let clearance = run.label_text(clearance.unwrap_or(Label::TOP));
    let mut text = String::from("lazaret step 1\n");
    for field in [
        profile.name.as_str(),
        plugin.as_str(),
        digest(child.text.as_bytes()).as_str(),
        spawning.options.as_str(),
    ] {
        writeln!(text, "{field:?}").ok();
    }
    writeln!(text, "{clearance:?} {:?}", profile.advice).ok();
    for (part, content) in spawning.parts.iter().zip(&child.held) {
        writeln!(text, "{:?} {}", part.name, content.payload().digest()).ok();
    }
    digest(text.as_bytes())
}

/// What the monitor knew of an answer, for the journal. `content` names the answer's bytes.
pub(crate) fn given(run: &Run, ended: &Ended<Payload>, content: String) -> Given {
    let (shown, floor) = ended.shown();
    Given {
        kind: match ended.kind() {
            EndingKind::Value => GivenKind::Value,
            EndingKind::None => GivenKind::None,
            EndingKind::Unfit => GivenKind::Unfit,
            EndingKind::Failed => GivenKind::Failed,
        },
        content,
        facts: run.facts_text(ended.content().facts()),
        shown_as_text: shown == lazaret_kernel::content::Media::Text,
        floor: run.label_text(floor),
        rose: ended.rose(),
        set_going: Some(ended.set_going())
            .filter(|label| *label != Label::BOTTOM)
            .map(|label| run.label_text(label)),
        chosen: ended.chosen(),
        origins: origins_text(ended.origins()),
        mark: ended.mark(),
    }
}

/// Ends a child that was just started with what it gave in an earlier part. Nothing where
/// that cannot stand under the current policy: then it has to run.
pub(crate) fn recall(
    run: &Run,
    number: u32,
    child: &Child,
    past: &PastStep,
) -> Result<Option<Ended<Payload>>, HostError> {
    if past.skipped {
        let none = Ending::None(Payload::failure("a person skipped it"));
        let ended = run.monitor().finish(child.instance, none);
        return Ok(ended.ok());
    }
    let Some(ending) = &past.ending else {
        return Ok(None);
    };
    let Some(lift) = lift(run, child, past) else {
        return Ok(None);
    };
    let lift = lift.join(lift_of_answers(run, number)?);
    let payload = run.load_given(number, &ending.given.content)?;
    let remembered = remembered(run, ending, lift, payload);
    let ended = run.monitor().recall(child.instance, remembered);
    let Ok(ended) = ended else {
        return Ok(None);
    };
    retell(run, number, (past, ending), &ended);
    Ok(Some(ended))
}

fn remembered(run: &Run, past: &PastEnding, lift: Label, payload: Payload) -> Past<Payload> {
    let given = &past.given;
    let mut facts = run.facts_of(&given.facts);
    facts.labels = facts.labels.raised(lift);
    Past {
        kind: match given.kind {
            GivenKind::Value => EndingKind::Value,
            GivenKind::None => EndingKind::None,
            GivenKind::Unfit => EndingKind::Unfit,
            GivenKind::Failed => EndingKind::Failed,
        },
        facts,
        payload,
        shown: media(given.shown_as_text),
        floor: run.label_of(&given.floor).join(lift),
        risen: run.label_of(&past.label).join(lift),
        rose: given.rose,
        set_going: (given.set_going.as_ref())
            .map_or(Label::BOTTOM, |label| run.label_of(label).join(lift)),
        chosen: given.chosen,
        origins: origins_of(&given.origins),
        mark: given.mark,
    }
}

/// Returns by how much the current policy raises what the step was given, or nothing where it
/// used what it would not be given now.
fn lift(run: &Run, child: &Child, past: &PastStep) -> Option<Label> {
    let mut lift = Label::BOTTOM;
    let monitor = run.monitor();
    let start = monitor.current(child.instance).ok()?;
    let was = past.start.as_ref().map(|start| run.label_of(start))?;
    if !start.flows_to(was) {
        lift = lift.join(start);
    }
    // Which parts it has read is not known: one whose label rose counts as read.
    for (handle, was) in child.handles.iter().zip(&past.parts) {
        let (_, label) = monitor.describe(child.instance, *handle).ok()?;
        if !label.flows_to(run.label_of(&was.label)) {
            lift = lift.join(label);
        }
    }
    let grants = *monitor.grants(child.instance).ok()?;
    drop(monitor);
    for (name, target) in &past.functions {
        let id = run.compiled.function_id(name)?;
        if !grants.has_function(id) || run.target(name) != *target {
            return None;
        }
    }
    let told = |offered: &String| *offered == offer(&run.offered(&grants));
    past.offered.as_ref().is_none_or(told).then_some(lift)
}

/// Returns by how much the current policy raises what the functions answered that the step has
/// called, and those that tools have called for it. Which answers it has read is not known: one
/// whose label rose counts as read.
fn lift_of_answers(run: &Run, number: u32) -> Result<Label, HostError> {
    let answered = |effect: &PastEffect| {
        let answer = effect.answer.clone()?;
        Some((effect.function.clone(), answer))
    };
    let of_step = (number, 0)..=(number, u32::MAX);
    let answers: Vec<(String, Answer)> = run
        .replay()
        .past()
        .effects
        .range(of_step)
        .filter_map(|(_, effect)| answered(effect))
        .collect();
    let mut lift = Label::BOTTOM;
    for (function, answer) in &answers {
        lift = lift.join(above_recorded(run, function, answer)?);
    }
    Ok(lift)
}

/// Tells the observer and the report what the step's own part of the run has told them.
fn retell(run: &Run, number: u32, past: (&PastStep, &PastEnding), ended: &Ended<Payload>) {
    let (PastStep { name, phase, .. }, PastEnding { ending, .. }) = past;
    let denials = past_denials(run, number);
    let mut tally = run.tally();
    tally.started += 1;
    tally.replayed += 1;
    let failed = matches!(ending, event::Ending::Failed { .. });
    tally.end(phase, failed);
    if let event::Ending::Failed { cause, message } = ending {
        tally.failures.push(Failed {
            step: number,
            name: format!("{name} ({cause})"),
            message: message.clone(),
            taint: run.taint_of(ended),
        });
    }
    for act in denials {
        tally.deny(act);
    }
    drop(tally);
    run.tell(&Progress::Replayed {
        step: number,
        name: name.clone(),
    });
}

fn past_denials(run: &Run, step: u32) -> Vec<DeniedAct> {
    let replay = run.replay();
    let denials = replay.past().denials.get(&step).into_iter().flatten();
    let act = |event: &Event| match event.clone() {
        Event::Denied {
            step,
            act,
            code,
            rule,
            message,
            remedy,
        } => Some(DeniedAct {
            step,
            act,
            code,
            rule,
            message,
            remedy,
        }),
        _ => None,
    };
    denials.filter_map(act).collect()
}
