//! How a writer's caller learns that its record is durable: exactly once, whatever happens.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, sync_channel},
};

use crate::{error::JournalError, id::Sequence};

/// What is called when a record is durable, or is not going to be.
pub type Callback = Box<dyn FnOnce(Result<Sequence, JournalError>) + Send>;

/// An acknowledgement that is owed. Dropped unpaid, it says that the writer is gone.
pub(crate) struct Ack(Option<Callback>);

impl Ack {
    pub(crate) fn new(callback: Callback) -> Self {
        Self(Some(callback))
    }

    pub(crate) fn answer(mut self, outcome: Result<Sequence, JournalError>) {
        self.pay(outcome);
    }

    /// The record is durable or not whatever the callback does, so a panic in it ends here: it has
    /// been printed by the panic hook, and must not take the writer of all other runs with it.
    fn pay(&mut self, outcome: Result<Sequence, JournalError>) {
        if let Some(callback) = self.0.take() {
            drop(catch_unwind(AssertUnwindSafe(|| callback(outcome))));
        }
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        self.pay(Err(JournalError::Stopped));
    }
}

impl fmt::Debug for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ack")
    }
}

/// A record on its way to the disk.
#[derive(Debug)]
#[must_use = "the record may not be durable before `wait` returns"]
pub struct Pending(Receiver<Result<Sequence, JournalError>>);

impl Pending {
    /// Returns a record on its way, and what to call when it has arrived.
    pub(crate) fn new() -> (Self, Callback) {
        let (sender, receiver) = sync_channel(1);
        // Nobody may be waiting any more, which is fine.
        let callback = Box::new(move |outcome| drop(sender.send(outcome)));
        (Self(receiver), callback)
    }

    /// Blocks until the record is durable, or is not going to be. Never call it from a
    /// [`Callback`], which would wait for itself.
    pub fn wait(self) -> Result<Sequence, JournalError> {
        self.0.recv().unwrap_or(Err(JournalError::Stopped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unpaid_acknowledgement_says_that_the_writer_is_gone() {
        let (pending, callback) = Pending::new();
        drop(Ack::new(callback));
        assert!(matches!(pending.wait(), Err(JournalError::Stopped)));
    }

    #[test]
    fn a_panic_in_a_callback_stays_there() {
        Ack::new(Box::new(|_| panic!("the caller's fault"))).answer(Ok(Sequence::FIRST));
    }
}
