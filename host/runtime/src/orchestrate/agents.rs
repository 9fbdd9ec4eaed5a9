//! Children that are agents: started within the run's caps, or answered from an earlier part.

use lazaret_kernel::monitor::Ended;
use lazaret_kernel::tables::ProfileId;
use lazaret_policy::explain::Explained;
use lazaret_workflow::budget::Who;
use lazaret_workflow::replay::Found;
use lazaret_workflow::schedule::Number;
use serde_json::Value;

use super::{Done, Drive, Job, refused, taken};
use crate::bindings::turns::{Reply, Spawning};
use crate::bindings::types::Error as GuestError;
use crate::foresee;
use crate::payload::Payload;
use crate::recall;
use crate::step::Step;
use crate::step::options::{self, Options, WORKTREE};
use crate::words::{self, Limit};

/// The profile of an agent for which none was named.
const DEFAULT_PROFILE: &str = "general-purpose";

impl Drive {
    pub(super) fn spawn(&mut self, number: Number, spawning: &Spawning) -> Option<Reply> {
        let compiled = &self.run.compiled;
        let name = match spawning.profile.as_str() {
            "" => DEFAULT_PROFILE,
            name => name,
        };
        let Some(profile) = compiled.profile_id(name) else {
            let explained = compiled.explain_unknown_profile(name);
            return Some(refused(self.caller.refuse("spawn", &explained)));
        };
        if u64::from(self.run.replay().agents()) >= compiled.budget.agents {
            let most = compiled.budget.agents;
            return Some(self.one_too_many(&words::limit(Limit::Agents, most)));
        }
        let options = options::parse(&spawning.options);
        if let Some(reason) = self.no_isolation(&options) {
            return Some(Reply::Failed(reason));
        }
        let phase = self.phase_of(spawning).to_owned();
        if self.run.purse().budgets().agents_left(&phase) == Some(0) {
            let most = compiled.budget.phases.get(&phase);
            let most = most.and_then(|phase| phase.agents).unwrap_or_default();
            let limit = words::limit(Limit::PhaseAgents(&phase), most);
            return Some(self.one_too_many(&limit));
        }
        self.spawned += 1;
        match self.prepare(profile, spawning, &options) {
            Ok((step, Some(ended))) => {
                self.count(&step);
                self.answered(number, step.number, ended)
            }
            Ok((step, None)) if self.run.makes_up() => {
                self.count(&step);
                match foresee::make_up(&self.run, &step, self.wave, self.role.step) {
                    Ok(ended) => self.answered(number, step.number, ended),
                    Err(error) => Some(refused(words::host_failed(&error))),
                }
            }
            Ok((step, None)) => match self.known_over_budget() {
                None => {
                    self.count(&step);
                    self.queue(number, Job::Agent(Box::new(step)), self.role.delivery())
                }
                Some(spent) => {
                    self.run.monitor().end(step.instance);
                    Some(Reply::Failed(spent))
                }
            },
            Err(error) => Some(refused(error)),
        }
    }

    fn count(&self, step: &Step) {
        let mut budgets = self.run.purse().budgets();
        budgets.count_agent(step.number, &step.name, &step.phase);
        if let Some(bits) = step.aside {
            let (step, phase) = (step.number, step.phase.as_str());
            budgets.set_aside(Who { step, phase }, bits);
        }
    }

    /// Refuses an agent that a budget has no room for. The run says so at its end: a script that
    /// takes the refusal for an empty answer would hide it.
    fn one_too_many(&self, limit: &Explained) -> Reply {
        self.run.tally().refused_agents += 1;
        refused(self.caller.refuse("spawn", limit))
    }

    /// Says why an agent cannot have the isolation that is asked for; it never starts without.
    fn no_isolation(&self, options: &Value) -> Option<String> {
        let isolation = options.get("isolation").filter(|kind| !kind.is_null())?;
        if isolation != WORKTREE {
            return Some("isolation: there is only `worktree`".to_owned());
        }
        self.run.no_worktree().map(str::to_owned)
    }

    /// Starts a child, and finds what an earlier part of the run has of it.
    fn prepare(
        &self,
        profile: ProfileId,
        spawning: &Spawning,
        options: &Value,
    ) -> Result<(Step, Option<Ended<Payload>>), GuestError> {
        let run = &self.run;
        let rule = run.compiled.profile(profile);
        let rule = rule.ok_or_else(|| GuestError::Failed("the profile is gone".to_owned()))?;
        let rule = run.with_plugin(rule, options)?;
        let mark = run.derive("agent", self.spawned, u64::from(self.role.step));
        let child = self.caller.spawn(profile, mark, spawning)?;
        run.narrow(child.instance, &rule, options)?;
        let key = recall::key(run, &rule, &child, spawning);
        let (mut number, found) = run.replay().step(&key);
        let mut ended = None;
        if let Found::Done(past) = found {
            ended = recall::recall(run, number, &child, &past)
                .map_err(|error| words::host_failed(&error))?;
            if ended.is_none() {
                number = run.replay().new_step();
            }
        }
        let names = spawning.parts.iter().map(|part| part.name.clone());
        let step = Step {
            number,
            key,
            name: spawning.name.clone(),
            phase: self.phase_of(spawning).to_owned(),
            profile: rule,
            instance: child.instance,
            text: child.text,
            options: Options::new(&spawning.options, options),
            parts: names.zip(child.handles).collect(),
            aside: child.aside,
        };
        Ok((step, ended))
    }

    fn phase_of<'a>(&'a self, spawning: &'a Spawning) -> &'a str {
        match spawning.phase.as_str() {
            "" => &self.phase,
            phase => phase,
        }
    }

    /// Returns whose budget the orchestrator's own acts are.
    pub(super) fn who(&self) -> Who<'_> {
        Who {
            step: self.role.step,
            phase: &self.phase,
        }
    }

    /// Takes the answer of a step that an earlier part of the run has finished.
    fn answered(&mut self, number: Number, step: u32, ended: Ended<Payload>) -> Option<Reply> {
        if !self.schedule.recall(number, self.role.delivery()) {
            return Some(taken(number));
        }
        self.recalled.push(step);
        self.done.insert(number, Done::Agent(step, ended));
        None
    }
}
