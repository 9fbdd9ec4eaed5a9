//! One turn's batch of replies: as an earlier part of the run gave it, or as they come.

use std::collections::BTreeMap;

use lazaret_workflow::event::Event;
use lazaret_workflow::schedule::Number;

use super::{Drive, MAX_REQUESTS, refused};
use crate::bindings::turns::{Batch, NumberedReply, NumberedRequest};
use crate::error::HostError;
use crate::plugin::digest;
use crate::progress::Progress;
use crate::words;

impl Drive {
    /// Answers a turn: as an earlier part of the run did while the requests are the same.
    pub(super) async fn batch(
        &mut self,
        requests: Vec<NumberedRequest>,
    ) -> Result<Batch, HostError> {
        let asked = digest(format!("{requests:?}").as_bytes());
        let past = self.run.replay().batch(self.turn, &asked);
        let mut at_once = self.take_all(requests);
        let planned = u64::from(self.run.replay().asked());
        self.run.tell(&Progress::Planned(planned));
        if let Some(past) = past {
            if let Some(replies) = self.follow(&past.numbers, &mut at_once).await? {
                self.note_recalled()?;
                self.turn += 1;
                return Ok(Batch {
                    replies,
                    output_tokens: past.output_tokens,
                });
            }
            if self.parked {
                return Ok(nothing());
            }
            self.run.replay().diverge();
        }
        let replies = self.answer(at_once).await?;
        if self.parked {
            return Ok(nothing());
        }
        let batch = Batch {
            replies,
            output_tokens: self.run.tally().output_tokens,
        };
        self.note_recalled()?;
        self.record_batch(&batch, asked).await?;
        Ok(batch)
    }

    /// Takes all requests of a turn, and gives the replies that take no time.
    fn take_all(&mut self, requests: Vec<NumberedRequest>) -> Vec<NumberedReply> {
        let mut replies = Vec::new();
        for (index, NumberedRequest { id, request }) in requests.into_iter().enumerate() {
            let reply = if index < MAX_REQUESTS {
                self.take(Number(id), request)
            } else {
                let limit = words::limit("requests", MAX_REQUESTS as u64);
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
        numbers: &[u32],
        at_once: &mut Vec<NumberedReply>,
    ) -> Result<Option<Vec<NumberedReply>>, HostError> {
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
    ) -> Result<Vec<NumberedReply>, HostError> {
        let mut replies = at_once;
        loop {
            self.start();
            for number in self.schedule.deliverable() {
                replies.extend(self.deliver(number)?);
            }
            if !replies.is_empty() || !self.wait().await? {
                return Ok(replies);
            }
        }
    }

    /// Waits until a job has ended or another may start; false where none runs, and where all
    /// that run wait for a person.
    async fn wait(&mut self) -> Result<bool, HostError> {
        let ended = tokio::select! {
            ended = self.running.join_next() => ended,
            _changed = self.load.changed() => {
                self.parked = self.waits_for_a_person();
                return Ok(!self.parked);
            }
        };
        let Some(ended) = ended else {
            return Ok(false);
        };
        let (number, done, _went_on) =
            ended.map_err(|_panic| HostError::Internal("a step's task ended"))?;
        self.done.insert(number, done?);
        self.schedule.finish(number);
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

    async fn record_batch(&mut self, batch: &Batch, requests: String) -> Result<(), HostError> {
        let event = Event::Batch {
            turn: self.turn,
            numbers: batch.replies.iter().map(|reply| reply.id).collect(),
            requests,
            output_tokens: batch.output_tokens,
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
