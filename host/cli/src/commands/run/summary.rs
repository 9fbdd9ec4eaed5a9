//! What a run's last lines say, for people and for machines.

use std::collections::BTreeMap;

use lazaret_runtime::Report;
use lazaret_runtime::report::{Failure, Share, Spending, TreeReport};
use lazaret_workflow::approval::Item;
use lazaret_workflow::status::Status;
use serde_json::{Value, json};

use crate::ui::{self, Tone};
use crate::{bits, render};

/// The most failures that are listed; the journal has them all.
const MAX_LISTED: usize = 20;

/// Returns the report as the documented JSON object.
pub(crate) fn json(report: &Report) -> Value {
    let failures = report
        .failures
        .iter()
        .map(|one| json!({"place": one.place, "message": one.message, "taint": one.taint}));
    let unrequested = report
        .unrequested
        .iter()
        .map(|one| json!({"place": one.place, "message": one.message}));
    let denials = report.denials.iter().map(|one| {
        json!({
            "step": one.step, "act": one.act, "code": one.code, "rule": one.rule,
            "message": one.message, "remedy": one.remedy,
        })
    });
    json!({
        "run": report.run,
        "status": report.status.as_str(),
        "result": report.result,
        "agents": {
            "started": report.started,
            "completed": report.completed,
            "failed": report.failed,
            "replayed": report.replayed,
        },
        "failures": failures.collect::<Vec<_>>(),
        "unrequested": unrequested.collect::<Vec<_>>(),
        "denials": denials.collect::<Vec<_>>(),
        "approvals": report.approvals.iter().map(approval).collect::<Vec<_>>(),
        "gate_bits": {
            "total": thousandths(report.bits.total.thousandths()),
            "by_gate": thousandths_of(&report.bits.by_channel),
            "by_item": thousandths_of(&report.bits.by_payer),
            "recount_agrees": report.miscounted.is_empty(),
            "unchecked": thousandths(report.bits.unchecked.thousandths()),
        },
        "tokens": {"input": report.input_tokens, "output": report.output_tokens},
        "cost_usd": micros(report.cost_micros),
        "spending": spending(&report.spending),
        "unpriced": report.unpriced,
        "taint": report.taint,
        "files": report.tree.as_ref().map(|tree| json!({
            "changed": tree.changed, "applied": tree.applied, "problem": tree.problem,
            "worktrees": tree.worktrees,
        })),
    })
}

/// Who used up what; `agents` are those that used up most.
fn spending(spending: &Spending) -> Value {
    let phases = spending.phases.iter().map(|(title, used)| {
        let own = json!({"phase": title, "agents": used.agents});
        joined(own, used)
    });
    let agents = spending.agents.iter().map(|(step, name, used)| {
        let own = json!({"step": step, "name": name});
        joined(own, used)
    });
    json!({"phases": phases.collect::<Vec<_>>(), "agents": agents.collect::<Vec<_>>()})
}

/// Adds what was used up to the fields that say by whom.
fn joined(mut own: Value, share: &Share) -> Value {
    if let Some(fields) = own.as_object_mut() {
        let tokens =
            json!({"input": share.usage.input_tokens, "output": share.usage.output_tokens});
        fields.insert("tokens".to_owned(), tokens);
        fields.insert("cost_usd".to_owned(), micros(share.usage.cost_micros));
        fields.insert(
            "gate_bits".to_owned(),
            thousandths(share.bits.thousandths()),
        );
    }
    own
}

/// An item that was used or decided says so; all others wait.
fn approval(item: &Item) -> Value {
    let said = item.said.as_ref().map(|said| said.word.as_str());
    json!({
        "item": item.number,
        "step": item.call.step,
        "function": item.call.function,
        "standing": said.unwrap_or("waiting"),
        "used": item.used,
    })
}

fn thousandths_of(all: &[(String, lazaret_runtime::report::Bits)]) -> Value {
    all.iter()
        .map(|(name, bits)| (name.clone(), thousandths(bits.thousandths())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn thousandths(count: u64) -> Value {
    let text = format!("{}.{:03}", count / 1000, count % 1000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn micros(count: u64) -> Value {
    let text = format!("{}.{:06}", count / 1_000_000, count % 1_000_000);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Prints the result on standard output and the rest on standard error.
pub(crate) fn print(report: &Report) {
    if let Some(result) = &report.result {
        ui::out(&pretty(result));
    }
    ui::note(&headline(report));
    for line in report.failures.iter().take(MAX_LISTED).flat_map(failed) {
        ui::note(&line);
    }
    if report.failures.len() > MAX_LISTED {
        let more = report.failures.len() - MAX_LISTED;
        ui::note(&format!(
            "  … and {more} more; `lazaret show {}` has them",
            report.run
        ));
    }
    for effect in report.unrequested.iter().take(MAX_LISTED) {
        let text = format!(
            "  {}: {}, though nothing asks for it now",
            effect.place,
            ui::escape(&effect.message)
        );
        ui::note(&ui::paint(Tone::Warn, &text));
    }
    for (rule, (count, remedy)) in refusals(report) {
        ui::note(&format!(
            "  refused {count} × {}",
            ui::paint(Tone::Bad, &ui::escape(&rule))
        ));
        ui::note(&ui::paint(
            Tone::Dim,
            &format!("      instead: {}", ui::escape(&remedy)),
        ));
    }
    if let Some(tree) = &report.tree {
        for line in files(report, tree) {
            ui::note(&ui::paint(Tone::Warn, &line));
        }
    }
    if let Some(waiting) = &report.waiting {
        ui::note(&ui::paint(Tone::Warn, &format!("  {waiting}")));
    }
    for line in spent(report).into_iter().chain(spenders(report)) {
        ui::note(&line);
    }
    for line in untrusted(report) {
        ui::note(&line);
    }
    if report.result.is_some() && !report.taint.is_empty() {
        let text = format!("the result carries: {}", report.taint.join(", "));
        ui::note(&ui::paint(Tone::Warn, &text));
    }
}

/// Says what failed; words that may be strangers' stand behind their mark.
fn failed(failure: &Failure) -> Vec<String> {
    let place = ui::escape(&failure.place);
    if failure.taint.is_empty() {
        let text = format!("  {place}: {}", lines(&failure.message));
        return vec![ui::paint(Tone::Warn, &text)];
    }
    let head = format!("  {place}: {}", render::origin(&failure.taint));
    let message = Value::String(failure.message.clone());
    [vec![head], render::lines(&message, &failure.taint)].concat()
}

/// A message with a trace has a line a frame; each is indented, so that none looks like ours.
fn lines(message: &str) -> String {
    let lines: Vec<String> = message.lines().map(ui::escape).collect();
    lines.join("\n      ")
}

/// What became of the run's copy of the operator's files, and of its agents' own.
fn files(report: &Report, tree: &TreeReport) -> Vec<String> {
    let count = tree.changed.len();
    let mut lines = Vec::new();
    match &tree.problem {
        None if count == 0 => {}
        None => lines.push(format!("  {count} file(s) of yours were changed")),
        Some(problem) => lines.push(format!(
            "  {count} file(s) were changed in the run's copy of yours and not in yours: {}; `lazaret apply {}` shows them",
            ui::escape(problem),
            report.run
        )),
    }
    if !tree.worktrees.is_empty() {
        lines.push(format!(
            "  nobody merged what was changed in the worktree(s) {}; they are kept",
            tree.worktrees.join(", ")
        ));
    }
    lines
}

/// The characters of strangers' text that could drive a terminal are escaped; JSON
/// strings stay valid.
fn pretty(result: &Value) -> String {
    match result {
        Value::String(text) => text.lines().map(ui::escape).collect::<Vec<_>>().join("\n"),
        other => {
            let text = serde_json::to_string_pretty(other).unwrap_or_default();
            text.lines().map(ui::escape).collect::<Vec<_>>().join("\n")
        }
    }
}

fn headline(report: &Report) -> String {
    let tone = match report.status {
        Status::Done => Tone::Good,
        Status::DoneWithFailures | Status::Waiting => Tone::Warn,
        Status::Running
        | Status::Failed
        | Status::BudgetExhausted
        | Status::QuarantineViolation
        | Status::Cancelled => Tone::Bad,
    };
    let status = ui::paint(tone, report.status.as_str());
    let run = ui::paint(Tone::Bold, &report.run);
    let failed = report.failed;
    let open = match report.started.saturating_sub(report.completed + failed) {
        0 => String::new(),
        open => format!("{open} not ended, "),
    };
    let replayed = match report.replayed {
        0 => String::new(),
        replayed => format!(" ({replayed} replayed)"),
    };
    format!(
        "{status}  run {run}: {} agents{replayed}, {open}{failed} failed, {} calls refused",
        report.started,
        report.denials.len() as u64 + report.denials_dropped,
    )
}

/// What models were given and wrote, and what it cost as far as prices are known.
fn spent(report: &Report) -> Option<String> {
    if report.input_tokens + report.output_tokens == 0 {
        return None;
    }
    let names: Vec<String> = report.unpriced.iter().map(|one| ui::escape(one)).collect();
    let lacking = match names.join(", ") {
        names if names.is_empty() => String::new(),
        names => {
            format!(" and what {names} costs: no price is known, `[models.prices]` can say it")
        }
    };
    Some(format!(
        "models read {} tokens and wrote {}, for {} USD{lacking}",
        report.input_tokens,
        report.output_tokens,
        micros(report.cost_micros)
    ))
}

fn refusals(report: &Report) -> BTreeMap<String, (u64, String)> {
    let mut rules: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for denial in &report.denials {
        let entry = rules
            .entry(denial.rule.clone())
            .or_insert_with(|| (0, denial.remedy.clone()));
        entry.0 += 1;
    }
    rules
}

/// The most agents that are listed beside what they used up.
const MAX_SPENDERS: usize = 5;

/// Who used up what, where a budget is spent.
fn spenders(report: &Report) -> Vec<String> {
    if report.status != Status::BudgetExhausted {
        return Vec::new();
    }
    let used = |share: &Share| {
        let (usage, cost) = (share.usage, micros(share.usage.cost_micros));
        format!(
            "{} tokens in, {} out, {cost} USD",
            usage.input_tokens, usage.output_tokens
        )
    };
    let phases = report.spending.phases.iter().map(|(title, share)| {
        let title = match title.as_str() {
            "" => "no phase".to_owned(),
            title => format!("phase {}", ui::escape(title)),
        };
        format!("  {title}, {} agents: {}", share.agents, used(share))
    });
    let agents = report.spending.agents.iter().take(MAX_SPENDERS);
    let agents = agents.map(|(step, name, share)| {
        format!("    step {step} {}: {}", ui::escape(name), used(share))
    });
    phases.chain(agents).collect()
}

/// The last word on what untrusted content could decide, and whether the journal agrees.
fn untrusted(report: &Report) -> Vec<String> {
    let pairs = |all: &[(String, lazaret_runtime::report::Bits)]| -> Vec<(String, u64)> {
        let pairs = all.iter();
        pairs
            .map(|(name, bits)| (name.clone(), bits.thousandths()))
            .collect()
    };
    let mut lines = bits::lines(
        report.bits.total.thousandths(),
        &pairs(&report.bits.by_channel),
        &pairs(&report.bits.by_payer),
    );
    lines.extend(bits::unchecked(report.bits.unchecked.thousandths()));
    for difference in &report.miscounted {
        let text = format!("THE BITS DO NOT ADD UP: {}", ui::escape(difference));
        lines.push(ui::paint(Tone::Bad, &text));
    }
    if !report.miscounted.is_empty() {
        lines.push("  see docs/errors/miscounted.md".to_owned());
    }
    lines
}
