//! What a run, its phases and its agents have used up, and whether there is room for more.
//!
//! A model call sets its ceiling aside before it is made and settles by what it really used, so
//! that calls at the same time cannot overshoot together. A call that finds less room than its
//! ceiling waits for those that are under way, and then gets what is left. Pure: time is an
//! argument, and what a call would cost is asked of the caller.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_policy::compiled::{Allowance, Budget};

pub use self::spent::{Measure, Minutes, Scope, Spent};
use crate::event::Usage;
use crate::replay::Past;

mod bits;
mod spent;

/// The fewest tokens that an answer is worth asking for, under a budget that is not small.
const LEAST_ANSWER: u64 = 256;

/// The part of a small budget that is worth asking for.
const LEAST_PART: u64 = 4;

/// Who would use something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who<'a> {
    /// The step; 0 is the orchestrator, which is no agent.
    pub step: u32,
    /// The phase.
    pub phase: &'a str,
}

/// Returns the fewest tokens that are worth asking for where as many as `wanted` may come: all
/// of them where that is little, and fewer under a small budget.
pub fn least_answer(wanted: u64, budget: Option<u64>) -> u64 {
    let part = budget.map_or(u64::MAX, |budget| (budget / LEAST_PART).max(1));
    wanted.min(LEAST_ANSWER).min(part)
}

/// What was used up, and what is set aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Agents that were asked for in this part of the run.
    pub agents: u64,
    /// What models used up.
    pub usage: Usage,
    /// Bits through gate rules.
    pub bits: Bits,
    /// Milliseconds of earlier parts, and of this one while an agent ran.
    pub wall_ms: u64,
    /// Bits that nobody else can have: spent by who has none of its own, or set aside.
    gone: Bits,
    aside_tokens: u64,
    aside_micros: u64,
    running: u64,
    since_ms: u64,
}

/// Room that was set aside for one answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Reserved {
    step: u32,
    phase: String,
    /// The most tokens that the answer may have.
    pub tokens: u64,
    /// What it may cost, in millionths of a US dollar.
    pub micros: u64,
}

/// Whether there is room for an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Room {
    /// It was set aside.
    Reserved(Reserved),
    /// Calls that are under way hold it.
    Later,
    /// There is none.
    Spent(Spent),
}

/// The budgets of one run.
#[derive(Debug)]
pub struct Budgets {
    plan: Budget,
    run: Used,
    phases: BTreeMap<String, Used>,
    agents: BTreeMap<u32, (String, Used)>,
    /// The agents for which bits were set aside, each with the most that its phase had for it.
    own_bits: BTreeMap<u32, Bits>,
}

impl Budgets {
    /// Returns budgets of which earlier parts of the run have used up what the journal says.
    pub fn new(plan: Budget, past: &Past) -> Self {
        let mut budgets = Self {
            plan,
            run: Used {
                wall_ms: past.clock.run_ms,
                ..Used::default()
            },
            phases: BTreeMap::new(),
            agents: BTreeMap::new(),
            own_bits: BTreeMap::new(),
        };
        for (phase, milliseconds) in &past.clock.phase_ms {
            budgets.phase(phase).wall_ms = *milliseconds;
        }
        for (step, spending) in &past.spending {
            let phase = &spending.phase;
            budgets.agent(*step).0.clone_from(&spending.name);
            budgets.each(*step, phase, |used| used.use_up(spending.usage));
        }
        for bits in past.bits.iter().filter(|bits| bits.channel.is_by_rule()) {
            let who = Who {
                step: bits.step,
                phase: &bits.phase,
            };
            // What was set aside is set aside again, when its agent is asked for again.
            budgets.count_bits(who, Bits::from_thousandths(bits.bits), bits.reserved);
        }
        budgets
    }

    /// Returns whether answers of models have to be reserved for.
    pub fn limits_models(&self, who: Who<'_>) -> bool {
        self.limits(who)
            .iter()
            .any(|(_, allowance, _)| allowance.limits_models())
    }

    /// Returns whether an answer has to have a known price.
    pub fn limits_money(&self, who: Who<'_>) -> bool {
        let limits = self.limits(who);
        limits.iter().any(|(_, limit, _)| limit.micros.is_some())
    }

    /// Sets room aside for an answer of at most `tokens`; `cost` says what one of so many costs.
    pub fn reserve(&mut self, who: Who<'_>, tokens: u64, cost: impl Fn(u64) -> u64) -> Room {
        let limits = self.limits(who);
        let fits = |aside: bool, tokens: u64| {
            let all = &mut limits.iter();
            all.all(|(_, limit, used)| limit.fits(used, aside, tokens, cost(tokens)))
        };
        let Some(alone) = most(tokens, |tokens| fits(false, tokens)) else {
            return Room::Spent(self.short(who, 0, cost(0)));
        };
        let least = self.least(who, tokens);
        if alone < least {
            return Room::Spent(self.short(who, least, cost(least)));
        }
        let now = most(tokens, |tokens| fits(true, tokens));
        let Some(granted) = now.filter(|now| *now == alone) else {
            return Room::Later;
        };
        let micros = cost(granted);
        self.each(who.step, who.phase, |used| {
            used.aside_tokens = used.aside_tokens.saturating_add(granted);
            used.aside_micros = used.aside_micros.saturating_add(micros);
        });
        Room::Reserved(Reserved {
            step: who.step,
            phase: who.phase.to_owned(),
            tokens: granted,
            micros,
        })
    }

    /// Counts what an answer has really used up in the place of what was set aside for it.
    pub fn settle(&mut self, reserved: &Reserved, usage: Usage) {
        self.each(reserved.step, &reserved.phase, |used| {
            used.aside_tokens = used.aside_tokens.saturating_sub(reserved.tokens);
            used.aside_micros = used.aside_micros.saturating_sub(reserved.micros);
            used.use_up(usage);
        });
    }

    /// Counts what was used up without having been set aside.
    pub fn use_up(&mut self, who: Who<'_>, usage: Usage) {
        self.each(who.step, who.phase, |used| used.use_up(usage));
    }

    /// Returns how many agents a phase may still start.
    pub fn agents_left(&self, phase: &str) -> Option<u64> {
        let most = self.plan.phases.get(phase)?.agents?;
        let asked = self.phases.get(phase).map_or(0, |used| used.agents);
        Some(most.saturating_sub(asked))
    }

    /// Counts an agent that was asked for. Those of earlier parts of the run are asked for again.
    pub fn count_agent(&mut self, step: u32, name: &str, phase: &str) {
        name.clone_into(&mut self.agent(step).0);
        self.run.agents += 1;
        self.phase(phase).agents += 1;
    }

    /// Notes that an agent runs: its phase's clock goes on.
    pub fn began(&mut self, phase: &str, now_ms: u64) {
        let used = self.phase(phase);
        if used.running == 0 {
            used.since_ms = now_ms;
        }
        used.running += 1;
    }

    /// Notes that an agent runs no more.
    pub fn ended(&mut self, phase: &str, now_ms: u64) {
        let used = self.phase(phase);
        used.running = used.running.saturating_sub(1);
        if used.running == 0 {
            used.wall_ms += now_ms.saturating_sub(used.since_ms);
        }
    }

    /// Returns the moment at which a time runs out, if nothing changes, and whose it is. Moments
    /// are counted from the start of this part of the run.
    pub fn deadline(&self) -> Option<(u64, Spent)> {
        let whole = self.plan.run.wall_ms.map(|limit| {
            let at = limit.saturating_sub(self.run.wall_ms);
            (at, Spent::time(Scope::Run, limit))
        });
        let phases = self.phases.iter().filter_map(|(title, used)| {
            let limit = self.plan.phases.get(title)?.wall_ms?;
            (used.running > 0).then(|| {
                let at = used.since_ms + limit.saturating_sub(used.wall_ms);
                (at, Spent::time(Scope::Phase(title.clone()), limit))
            })
        });
        whole.into_iter().chain(phases).min_by_key(|(at, _)| *at)
    }

    /// Returns what the run has used up.
    pub fn of_run(&self) -> &Used {
        &self.run
    }

    /// Returns what each phase has used up, by title.
    pub fn of_phases(&self) -> impl Iterator<Item = (&str, &Used)> {
        self.phases
            .iter()
            .map(|(title, used)| (title.as_str(), used))
    }

    /// Returns what each agent has used up: its step, its name, and how much.
    pub fn of_agents(&self) -> impl Iterator<Item = (u32, &str, &Used)> {
        let agents = self.agents.iter();
        agents.map(|(step, (name, used))| (*step, name.as_str(), used))
    }

    /// The limits that hold for a caller, the narrowest first, with what is used up of each.
    fn limits(&self, who: Who<'_>) -> Vec<(Scope, Allowance, Used)> {
        let mut limits = Vec::with_capacity(3);
        if who.step > 0 {
            let used = self.agents.get(&who.step).map(|(_, used)| *used);
            let scope = Scope::Agent(who.step);
            limits.push((scope, self.plan.agent, used.unwrap_or_default()));
        }
        if let Some(limit) = self.plan.phases.get(who.phase) {
            let used = self.phases.get(who.phase).copied().unwrap_or_default();
            limits.push((Scope::Phase(who.phase.to_owned()), *limit, used));
        }
        limits.push((Scope::Run, self.plan.run, self.run));
        limits
    }

    /// The fewest tokens that are worth asking for under the limits that hold for a caller.
    fn least(&self, who: Who<'_>, tokens: u64) -> u64 {
        let limits = self.limits(who);
        let lowest = limits.iter().filter_map(|(_, limit, _)| limit.tokens).min();
        least_answer(tokens, lowest)
    }

    /// Says of whose budget too little is left.
    fn short(&self, who: Who<'_>, tokens: u64, micros: u64) -> Spent {
        let limits = self.limits(who);
        let short = limits.iter().find_map(|(scope, limit, used)| {
            let by_tokens = limit
                .tokens
                .filter(|most| used.usage.output_tokens + tokens > *most);
            let by_money = limit
                .micros
                .filter(|most| used.usage.cost_micros + micros > *most);
            let tokens = by_tokens.map(|most| (Measure::Tokens, most, used.usage.output_tokens));
            let money = by_money.map(|most| (Measure::Money, most, used.usage.cost_micros));
            let (measure, limit, used) = tokens.or(money)?;
            Some(Spent {
                scope: scope.clone(),
                measure,
                limit,
                used,
            })
        });
        short.unwrap_or_else(|| Spent::time(Scope::Run, 0))
    }

    fn phase(&mut self, title: &str) -> &mut Used {
        if !self.phases.contains_key(title) {
            self.phases.insert(title.to_owned(), Used::default());
        }
        self.phases.entry(title.to_owned()).or_default()
    }

    fn agent(&mut self, step: u32) -> &mut (String, Used) {
        self.agents.entry(step).or_default()
    }

    fn each(&mut self, step: u32, phase: &str, mut act: impl FnMut(&mut Used)) {
        act(&mut self.run);
        act(self.phase(phase));
        if step > 0 {
            act(&mut self.agent(step).1);
        }
    }
}

impl Used {
    fn use_up(&mut self, usage: Usage) {
        self.usage.add(usage);
    }
}

/// An allowance as it is asked.
trait Fits {
    /// Whether an answer fits; `aside` counts what is set aside for others as used up.
    fn fits(&self, used: &Used, aside: bool, tokens: u64, micros: u64) -> bool;
}

impl Fits for Allowance {
    fn fits(&self, used: &Used, aside: bool, tokens: u64, micros: u64) -> bool {
        let (more_tokens, more_micros) = if aside {
            (used.aside_tokens, used.aside_micros)
        } else {
            (0, 0)
        };
        let has_room = |limit: Option<u64>, used: u64, aside: u64, more: u64| {
            limit.is_none_or(|limit| used.saturating_add(aside).saturating_add(more) <= limit)
        };
        has_room(self.tokens, used.usage.output_tokens, more_tokens, tokens)
            && has_room(self.micros, used.usage.cost_micros, more_micros, micros)
    }
}

/// Returns the greatest number up to `wanted` that fits, where fewer fit if more do.
fn most(wanted: u64, fits: impl Fn(u64) -> bool) -> Option<u64> {
    if fits(wanted) {
        return Some(wanted);
    }
    if !fits(0) {
        return None;
    }
    let (mut fitting, mut too_much) = (0, wanted);
    while too_much - fitting > 1 {
        let middle = fitting + (too_much - fitting) / 2;
        if fits(middle) {
            fitting = middle;
        } else {
            too_much = middle;
        }
    }
    Some(fitting)
}
