//! What a workflow would ask for: it runs with answers that are made up from its schemas. No
//! model is asked, no server is started, no effect is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lazaret_journal::Journal;
use lazaret_kernel::content::Media;
use lazaret_kernel::monitor::{Ended, Ending};
use lazaret_models::Usage;
use lazaret_policy::compiled::{Compiled, FunctionKind};
use lazaret_workflow::replay::{OnMiss, Settings};
use lazaret_workflow::synthesise;
use serde_json::Value;

use crate::error::HostError;
use crate::host::{Host, Opening};
use crate::launch::Launch;
use crate::models::Tariff;
use crate::payload::Payload;
use crate::report::Report;
use crate::run::Run;
use crate::step::{Step, options};

/// One agent that would be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// What the operator would see beside it.
    pub name: String,
    /// The phase that it would be shown in; may be empty.
    pub phase: String,
    /// Its profile.
    pub profile: String,
    /// The model as the policy resolves it, or the alias where it does not.
    pub model: String,
    /// How hard the model would be asked to think; may be empty.
    pub effort: String,
    /// What it may call besides its model.
    pub tools: Vec<String>,
    /// Whether it answers by a schema.
    pub has_schema: bool,
    /// Which of the turns with new agents it would start in, from 1.
    pub wave: u32,
    /// The step of the script that would start it; 0 is the workflow's own.
    pub script: u32,
    /// What it would use up: the least and the most that is likely.
    pub tokens: [Tokens; 2],
    /// The same in millionths of a US dollar, where the model's price is known.
    pub cost_micros: Option<[u64; 2]>,
}

/// Tokens of one agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Sent to the model.
    pub input: u64,
    /// Written by it.
    pub output: u64,
}

/// What a workflow would ask for.
#[derive(Clone, Debug)]
pub struct Foresight {
    /// The agents, in the order in which they would be asked for.
    pub agents: Vec<Foreseen>,
    /// What depends on answers that were made up.
    pub unforeseen: Vec<String>,
    /// How the made-up run ended.
    pub report: Report,
}

/// What a prompt costs besides its text: the instruction, and the tools' descriptions.
const OVERHEAD_TOKENS: u64 = 600;

/// What one tool's description costs.
const TOOL_TOKENS: u64 = 120;

/// Requests of an agent with tools: at least one, and as many as is usual for real work.
const TURNS_WITH_TOOLS: u64 = 20;

/// Tokens that each request of an agent with tools adds to the next.
const GROWTH_TOKENS: u64 = 2_000;

/// What a model writes at least, and at most without thinking long.
const OUTPUT_TOKENS: [u64; 2] = [150, 2_000];

/// Bytes of a token, about.
const BYTES_PER_TOKEN: usize = 4;

impl Host {
    /// Runs a workflow with made-up answers, in a journal below `scratch`.
    pub async fn foresee(
        &self,
        mut launch: Launch,
        scratch: &Path,
    ) -> Result<Foresight, HostError> {
        launch.journal = Journal::open(scratch.join("journal.db"))?;
        let settings = Settings {
            on_miss: OnMiss::Synthesise,
            ..Settings::default()
        };
        let (report, run) = self.carry(launch, Opening::Dry(settings)).await?;
        let foreseen = std::mem::take(&mut *run.foreseen());
        let mut unforeseen: Vec<String> = foreseen.unforeseen.into_iter().collect();
        for unmade in &report.unmade {
            unforeseen.push(format!(
                "`{}` would be called ({}); its answer is not known",
                unmade.message, unmade.place
            ));
        }
        Ok(Foresight {
            agents: foreseen.agents,
            unforeseen,
            report,
        })
    }
}

/// What is found out while a workflow runs with made-up answers.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    agents: Vec<Foreseen>,
    unforeseen: BTreeSet<String>,
}

/// Makes up what a step would give, and writes down what it would have been.
pub(crate) fn make_up(
    run: &Run,
    step: &Step,
    wave: u32,
    script: u32,
) -> Result<Ended<Payload>, HostError> {
    let options = options::parse(step.options.text());
    let schema = options.get("schema").filter(|schema| !schema.is_null());
    let name = if step.name.is_empty() {
        format!("agent {}", step.number)
    } else {
        step.name.clone()
    };
    note(run, step, &name, &options, (wave, script));
    let answer = synthesise::answer(schema, &name, u64::from(step.number));
    let ending = match answer {
        Value::String(text) if schema.is_none() => {
            Ending::Created(Media::Text, Payload::text(text))
        }
        other => Ending::Created(Media::Json, Payload::json(other)),
    };
    let ended = run.monitor().finish(step.instance, ending);
    ended.map_err(|_denial| HostError::Internal("a made-up step ended twice"))
}

fn note(run: &Run, step: &Step, name: &str, options: &Value, (wave, script): (u32, u32)) {
    let word = |key: &str| options.get(key).and_then(Value::as_str).map(str::to_owned);
    let advice = &step.profile.advice;
    let asked = word("model").or_else(|| advice.model.clone());
    let (model, target) = model(&run.compiled, asked.as_deref().unwrap_or_default());
    let tools = tools(run, step);
    let tokens = tokens(step, tools.len());
    let cost = target.and_then(|(provider, id)| cost(&run.compiled, &provider, &id, tokens));
    let mut foreseen = run.foreseen();
    if let Some(schema) = options.get("schema") {
        for place in synthesise::open_lists(schema) {
            foreseen.unforeseen.insert(format!(
                "how many items `{place}` of the answer of `{name}` has: {} were taken",
                synthesise::ITEMS
            ));
        }
    }
    foreseen.agents.push(Foreseen {
        name: name.to_owned(),
        phase: step.phase.clone(),
        profile: step.profile.name.clone(),
        model,
        effort: word("effort")
            .or_else(|| advice.effort.clone())
            .unwrap_or_default(),
        tools,
        has_schema: options
            .get("schema")
            .is_some_and(|schema| !schema.is_null()),
        wave,
        script,
        tokens,
        cost_micros: cost,
    });
}

/// Returns what so many tokens cost at the least and at the most, where the price is known.
fn cost(
    compiled: &Compiled,
    provider: &str,
    model: &str,
    [least, most]: [Tokens; 2],
) -> Option<[u64; 2]> {
    let tariff = Tariff::of(compiled, provider)?;
    let cost = |tokens: Tokens| {
        let usage = Usage {
            input: tokens.input,
            output: tokens.output,
            ..Usage::default()
        };
        tariff.cost(model, &usage)
    };
    Some([cost(least)?, cost(most)?])
}

/// Returns the model in words, and its provider and id where the policy says them.
fn model(compiled: &Compiled, asked: &str) -> (String, Option<(String, String)>) {
    let alias = match asked {
        "" | "inherit" => "default",
        other => other,
    };
    let (function, rest) = alias.split_once('/').unwrap_or((alias, ""));
    let id = compiled.function_id(&format!("model.{function}"));
    let kind = id.and_then(|id| compiled.function(id)).map(|one| &one.kind);
    let Some(FunctionKind::Model { target, .. }) = kind else {
        return (format!("{alias} (not in the policy)"), None);
    };
    let id = target.model.clone().unwrap_or_else(|| rest.to_owned());
    let named = format!("{}/{id}", target.provider);
    (named, Some((target.provider.clone(), id)))
}

/// Returns what a child may call, but for its models.
fn tools(run: &Run, step: &Step) -> Vec<String> {
    let monitor = run.monitor();
    let Ok(grants) = monitor.grants(step.instance) else {
        return Vec::new();
    };
    let compiled = &run.compiled;
    grants
        .functions()
        .filter_map(|id| compiled.function(id))
        .filter(|function| {
            !matches!(
                function.kind,
                FunctionKind::Model { .. } | FunctionKind::Print
            )
        })
        .map(|function| function.name.clone())
        .collect()
}

/// The least is one request; the most is a conversation with tools that grows.
fn tokens(step: &Step, tools: usize) -> [Tokens; 2] {
    let system = step.profile.advice.system.as_ref().map_or(0, String::len);
    let bytes = step.text.len() + step.options.text().len() + system;
    let tools = u64::try_from(tools).unwrap_or(u64::MAX);
    let prompt = u64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u64::MAX);
    let prompt = prompt
        .saturating_add(OVERHEAD_TOKENS)
        .saturating_add(tools.saturating_mul(TOOL_TOKENS));
    let [least, most] = OUTPUT_TOKENS;
    let turns = if tools > 0 { TURNS_WITH_TOOLS } else { 2 };
    let growth = if tools > 0 { GROWTH_TOKENS } else { most };
    let grown = growth.saturating_mul(turns.saturating_mul(turns.saturating_sub(1)) / 2);
    [
        Tokens {
            input: prompt,
            output: least,
        },
        Tokens {
            input: prompt.saturating_mul(turns).saturating_add(grown),
            output: most.saturating_mul(turns.min(4)),
        },
    ]
}

/// Returns how many agents start together, wave by wave, in the order of the waves.
pub fn waves(agents: &[Foreseen]) -> Vec<usize> {
    let mut waves: BTreeMap<u32, usize> = BTreeMap::new();
    for agent in agents {
        *waves.entry(agent.wave).or_default() += 1;
    }
    waves.into_values().collect()
}
