//! `--until` and `--every`: the same workflow again and again, each round a run of its own.
//!
//! What a round leaves in the field `state` of its result the next one has as `args.state`, at
//! the label that it had. A condition over a tainted result decides one bit, which is counted.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::Report;
use lazaret_runtime::scripts::State;
use lazaret_workflow::status::Status;
use serde_json::Value;

use super::{
    Notify, Place, Prepared, agreed, alone, asking, cancelled, carry, id_of, script, summary,
};
use crate::cli::Run;
use crate::commands::check;
use crate::progress::Display;
use crate::ui::{self, Tone};

/// The most rounds where a condition says when to end and nobody says how many. The help of
/// `--until` names it.
const USUAL_ROUNDS: u32 = 20;

pub(super) fn run(arguments: &Run) -> Result<ExitCode> {
    if arguments.dry_run {
        bail!("`--dry-run` shows one round: leave out `--until` and `--every`");
    }
    let pause = arguments.every.as_deref().map(duration).transpose()?;
    let script = script::named(&arguments.workflow, arguments.args.as_deref())?;
    let mut prepared = Prepared::new(arguments, script)?;
    if !agreed(&prepared, arguments.yes)? {
        ui::note("not run");
        return Ok(ExitCode::SUCCESS);
    }
    let most = match (arguments.rounds, &arguments.until) {
        (Some(rounds), _) => rounds,
        (None, Some(_)) => USUAL_ROUNDS,
        (None, None) => u32::MAX,
    };
    let mut decided = 0;
    let mut last = Status::Done;
    for round in 1..=most {
        let Some(report) = one(&prepared, arguments, round)? else {
            return Ok(ExitCode::from(Status::Cancelled.exit_code()));
        };
        if !matches!(report.status, Status::Done | Status::DoneWithFailures)
            && (pause.is_none() || report.status == Status::Waiting)
        {
            return Ok(ExitCode::from(report.status.exit_code()));
        }
        last = report.status;
        if let (Some(condition), Some(result)) = (&arguments.until, &report.result) {
            decided += u32::from(!report.taint.is_empty());
            if holds(condition, result, round)? {
                return Ok(ended(&report, round, decided));
            }
        }
        // A round that failed left nothing: the next one has what there was before it. That it
        // failed may be the doing of untrusted content, and the next one can tell.
        decided += u32::from(report.result.is_none());
        let before = prepared.state.take();
        let before = before.map(|state| State { decided, ..state });
        prepared.state = next_state(&report, decided).or(before);
        if round < most && !wait(pause)? {
            return Ok(ExitCode::from(Status::Cancelled.exit_code()));
        }
    }
    if arguments.until.is_some() {
        ui::note(&ui::paint(
            Tone::Bad,
            &format!("the condition did not hold after {most} rounds; `--rounds` allows more"),
        ));
        return Ok(ExitCode::from(Status::Failed.exit_code()));
    }
    Ok(ExitCode::from(last.exit_code()))
}

/// Carries one round to its end and prints it; nothing where a signal ended it.
fn one(prepared: &Prepared, arguments: &Run, round: u32) -> Result<Option<Report>> {
    let display = Display::new(arguments.output.verbose);
    let mut launch = prepared.launch(display.observer())?;
    if round == 1 {
        launch.id = id_of(arguments, launch.id)?;
    }
    let place = Place::of(&launch);
    let notify = Notify::configured()?;
    let report = carry(asking(&display), async |host| {
        prepared.check(host).await?;
        Box::pin(host.run(launch)).await
    });
    display.finish();
    let Some(report) = report? else {
        cancelled(&place, arguments.output.json)?;
        notify.tell(&place.id, Status::Cancelled);
        return Ok(None);
    };
    if arguments.output.json {
        ui::out(&summary::json(&report).to_string());
    } else {
        ui::note(&ui::paint(Tone::Bold, &format!("round {round}")));
        summary::print(&report);
    }
    notify.tell(&place.id, report.status);
    Ok(Some(report))
}

fn ended(report: &Report, round: u32, decided: u32) -> ExitCode {
    let bits = match decided {
        0 => String::new(),
        bits => format!("; untrusted results decided {bits} bit(s) of when to end"),
    };
    ui::note(&ui::paint(
        Tone::Good,
        &format!("the condition holds after {round} round(s){bits}"),
    ));
    ExitCode::from(report.status.exit_code())
}

/// Evaluates the condition where nothing can be reached from.
fn holds(condition: &str, result: &Value, round: u32) -> Result<bool> {
    let engine = check::engine()?;
    let held = alone(async |host| {
        let instance = host.script_engine(&engine)?.start().await?;
        instance.evaluate(condition, result, round).await
    })?;
    held.context("the condition was not looked at: a signal came first")
}

/// What the next round knows of this one, with its label.
fn next_state(report: &Report, decided: u32) -> Option<State> {
    let value = report.result.as_ref()?.get("state");
    Some(State {
        value: value.cloned().unwrap_or(Value::Null),
        label: report.label.clone()?,
        decided,
    })
}

/// Waits for the next round; false where a signal came first.
fn wait(pause: Option<Duration>) -> Result<bool> {
    let Some(pause) = pause else {
        return Ok(true);
    };
    let waited = alone(async |_host| {
        tokio::time::sleep(pause).await;
        Ok(())
    })?;
    Ok(waited.is_some())
}

/// Reads `30s`, `15m`, `2h` or `1d`.
fn duration(text: &str) -> Result<Duration> {
    let wrong = || {
        format!(
            "--every is `{}`: write a number and a unit, such as `30s`, `15m`, `2h` or `1d`",
            ui::escape(text)
        )
    };
    let unit = text.chars().last().with_context(wrong)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = number.parse().ok().with_context(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => bail!(wrong()),
    };
    let whole = number.checked_mul(seconds).filter(|whole| *whole > 0);
    Ok(Duration::from_secs(whole.with_context(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("2h").unwrap(), Duration::from_hours(2));
        for wrong in ["", "5", "m", "0s", "5w", "-1m", "99999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
