//! One turn's batch of replies: as an earlier part of the run gave it, or as they come.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origins;
use lazaret_policy::compiled::Order;
use lazaret_workflow::event::{Basis, Event};
use lazaret_workflow::replay::PastBatch;
use lazaret_workflow::schedule::{self, Number};
use tokio::task::JoinError;

use super::tell::about;
use super::{Done, Drive, JobEnded, MAX_REQUESTS, refused};
use crate::bindings::turns::{Batch, NumberedReply, NumberedRequest, Request};
use crate::error::HostError;
use crate::plugin::digest;
use crate::progress::Progress;
use crate::run::Asked;
use crate::waiting::Load;
use crate::words::{self, Limit};

impl Drive {
    /// Answers a turn: as an earlier part of the run did while the requests are the same.
    pub(super) async fn batch(
        &mut self,
        requests: Vec<NumberedRequest>,
    ) -> Result<Batch, HostError> {
        let asked = digest(format!("{requests:?}").as_bytes());
        let step = self.role.step;
        let past = self.run.replay().batch(step, self.turn, &asked);
        let mut at_once = self.take_all(requests);
        let planned = u64::from(self.run.replay().agents());
        self.run.tell(&Progress::Planned(planned));
        if let Some(past) = past {
            if let Some(replies) = self.follow(&past, &mut at_once).await? {
                self.note_recalled()?;
                self.turn += 1;
                self.told_tokens = past.output_tokens;
                self.recall_tokens(past.output_tokens);
                return Ok(Batch {
                    replies,
                    output_tokens: past.output_tokens,
                });
            }
            if self.parked {
                return Ok(nothing());
            }
            self.run.replay().diverge(step);
        }
        let (replies, learned) = self.answer(at_once).await?;
        if self.parked {
            return Ok(nothing());
        }
        self.told_tokens = self.known_tokens();
        let batch = Batch {
            replies,
            output_tokens: self.told_tokens,
        };
        self.note_recalled()?;
        self.record_batch(&batch, asked, learned).await?;
        Ok(batch)
    }

    /// Takes all requests of a turn, and gives the replies that take no time.
    fn take_all(&mut self, requests: Vec<NumberedRequest>) -> Vec<NumberedReply> {
        let mut replies = Vec::new();
        let asks = |one: &NumberedRequest| matches!(one.request, Request::Spawn(_));
        self.wave += u32::from(requests.iter().any(asks));
        for (index, NumberedRequest { id, request }) in requests.into_iter().enumerate() {
            let reply = if index < MAX_REQUESTS {
                self.take(Number(id), request)
            } else {
                let limit = words::limit(Limit::Requests, MAX_REQUESTS as u64);
                Some(refused(self.caller.refuse("turn", &limit)))
            };
            if let Some(reply) = reply {
                replies.push(NumberedReply { id, reply });
            }
        }
        replies
    }

    /// Gives the replies of a recorded batch in its order, waiting for those that have to be
    /// made again. Nothing where the batch does not fit what is outstanding now.
    async fn follow(
        &mut self,
        past: &PastBatch,
        at_once: &mut Vec<NumberedReply>,
    ) -> Result<Option<Vec<NumberedReply>>, HostError> {
        let numbers = &past.numbers;
        let here = |number: &u32| at_once.iter().any(|reply| reply.id == *number);
        let due: Vec<Number> = numbers
            .iter()
            .filter(|number| !here(number))
            .map(|number| Number(*number))
            .collect();
        let known = due.iter().all(|due| self.schedule.is_outstanding(*due));
        if !known || due.len() + at_once.len() != numbers.len() {
            return Ok(None);
        }
        self.start();
        while !due.iter().all(|due| self.schedule.is_finished(*due)) {
            if !self.wait().await? {
                return Ok(None);
            }
            self.start();
        }
        self.learn_again(past.learned.as_ref())?;
        let mut replies: BTreeMap<u32, NumberedReply> =
            at_once.drain(..).map(|reply| (reply.id, reply)).collect();
        for number in due {
            self.schedule.take(number);
            if let Some(reply) = self.deliver(number)? {
                replies.insert(number.0, reply);
            }
        }
        let ordered = numbers.iter().filter_map(|number| replies.remove(number));
        Ok(Some(ordered.collect()))
    }

    /// Starts what may start, and waits until there is something to tell.
    async fn answer(
        &mut self,
        at_once: Vec<NumberedReply>,
    ) -> Result<(Vec<NumberedReply>, Label), HostError> {
        let mut replies = at_once;
        let mut learned = Label::BOTTOM;
        loop {
            self.start();
            let mut batch = schedule::Batch::of(!replies.is_empty());
            self.as_they_ended(&mut batch, &mut replies)?;
            while let Some(number) = self.schedule.next_to_deliver() {
                let (company, order) = self.company(number);
                let Some(with) = batch.with(company) else {
                    break;
                };
                batch = with;
                self.schedule.take(number);
                learned = learned.join(self.learn_order(order)?);
                replies.extend(self.deliver(number)?);
            }
            if !replies.is_empty() || !self.wait().await? {
                return Ok((replies, learned));
            }
        }
    }

    /// Waits until a job has ended or another may start; false where none runs or waits, and
    /// where all that run wait for a person.
    async fn wait(&mut self) -> Result<bool, HostError> {
        let is_spent = self.run.purse().spent().is_some();
        if is_spent && self.running.is_empty() {
            return self.stand_still().await;
        }
        let waits = !self.waiting.is_empty() && !is_spent;
        if self.running.is_empty() && !waits {
            return Ok(false);
        }
        let at_once = self.run.at_once();
        // An orchestrator that another one started goes on itself; while it waits here it does
        // not. Only the run's own finds out that nothing goes on.
        let is_nested = self.role.is_nested();
        let paused = is_nested.then(|| self.run.waiting().pause());
        let stuck = |load: &Load| !is_nested && load.is_stuck() && !load.can_start(at_once);
        let changed = self
            .load
            .wait_for(|load| stuck(load) || (waits && load.has_place(at_once)));
        let ended = tokio::select! {
            Some(ended) = self.running.join_next() => ended,
            changed = changed => {
                self.parked = changed.is_ok_and(|load| stuck(&load));
                return Ok(!self.parked);
            }
        };
        drop(paused);
        self.note_ended(ended)?;
        // All that ended meanwhile may go into the same batch: each costs a turn and a commit.
        while let Some(ended) = self.running.try_join_next() {
            self.note_ended(ended)?;
        }
        // The one step that was to be run again has been: nothing more is wanted.
        self.parked |= !is_nested && self.run.only().is_some();
        Ok(!self.parked)
    }

    /// Goes on no more, since a budget of the run is spent: the run ends when nothing does.
    async fn stand_still(&mut self) -> Result<bool, HostError> {
        if self.role.is_nested() {
            let _parked = self.run.waiting().park();
            std::future::pending::<()>().await;
        }
        self.parked = true;
        Ok(false)
    }

    fn note_ended(&mut self, ended: Result<JobEnded, JoinError>) -> Result<(), HostError> {
        let (number, done, _went_on) =
            ended.map_err(|_panic| HostError::Internal("a step's task ended"))?;
        self.children.remove(&number);
        let done = done?;
        if matches!(done, Done::Workflow(_) | Done::Violation(..)) {
            self.scripts_running = self.scripts_running.saturating_sub(1);
        }
        self.done.insert(number, done);
        self.schedule.finish(number);
        Ok(())
    }

    /// Tells of the agents that have ended and may be told of as they end: where the policy pays
    /// for it, and while there are bits. One that is first in any case is paid for like the
    /// others: that none came before it is told too.
    fn as_they_ended(
        &mut self,
        batch: &mut schedule::Batch,
        replies: &mut Vec<NumberedReply>,
    ) -> Result<(), HostError> {
        let order = self.run.compiled.workflow.as_ref();
        if order.is_none_or(|workflow| workflow.order == Order::Spawn) {
            return Ok(());
        }
        while let Some(number) = self.ended_agent() {
            let (company, _) = self.company(number);
            let Some(with) = batch.with(company) else {
                break;
            };
            if !self.pay_for_order(number)? {
                break;
            }
            *batch = with;
            self.schedule.take(number);
            replies.extend(self.deliver(number)?);
        }
        Ok(())
    }

    /// Returns the first agent that has ended and waits for its turn.
    fn ended_agent(&self) -> Option<Number> {
        let mut ended = self.schedule.finished_in_order();
        ended.find(|number| matches!(self.done.get(number), Some(Done::Agent(..))))
    }

    /// Pays for telling of an agent's end when it came. Returns whether there were bits for it.
    fn pay_for_order(&self, number: Number) -> Result<bool, HostError> {
        let Some(Done::Agent(_, ended)) = self.done.get(&number) else {
            return Ok(false);
        };
        let outstanding = u32::try_from(self.schedule.in_order()).unwrap_or(u32::MAX);
        let caller = self.caller.instance();
        let paid = self.run.monitor().overtake(caller, ended, outstanding);
        let Ok(bits) = paid else {
            return Ok(false);
        };
        if bits > Bits::ZERO {
            let asked = Asked {
                basis: Some(Basis::Outstanding(outstanding.into())),
                ..about(ended.mark())
            };
            let who = self.who();
            self.run
                .note_bits(who, "order", &Origins::many(), bits, asked)?;
        }
        Ok(true)
    }

    fn deliver(&mut self, number: Number) -> Result<Option<NumberedReply>, HostError> {
        let Some(done) = self.done.remove(&number) else {
            return Ok(None);
        };
        let reply = self.tell(done)?;
        let id = number.0;
        Ok(Some(NumberedReply { id, reply }))
    }

    async fn record_batch(
        &mut self,
        batch: &Batch,
        requests: String,
        learned: Label,
    ) -> Result<(), HostError> {
        let learned = (learned != Label::BOTTOM).then(|| self.run.label_text(learned));
        let event = Event::Batch {
            turn: self.turn,
            numbers: batch.replies.iter().map(|reply| reply.id).collect(),
            requests,
            output_tokens: batch.output_tokens,
            step: self.role.step,
            learned,
        };
        self.turn += 1;
        self.run.record(&event, Vec::new()).await
    }

    fn note_recalled(&mut self) -> Result<(), HostError> {
        if self.recalled.is_empty() {
            return Ok(());
        }
        let steps = std::mem::take(&mut self.recalled);
        self.run.queue(&Event::Recalled { steps }, Vec::new())
    }
}

/// What a turn is told when the run waits for a person: it is not told at all.
fn nothing() -> Batch {
    Batch {
        replies: Vec::new(),
        output_tokens: 0,
    }
}
