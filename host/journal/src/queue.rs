//! What waits for the writer: a queue that is bounded in entries and in bytes.
//!
//! It is ours rather than a channel of std, because those are not bounded in bytes, and because
//! the writer takes many entries at once.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// How much fits, in entries and in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

/// A bounded first-in, first-out queue for many senders and one receiver.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    room: Room,
    state: Mutex<State<T>>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Debug)]
struct State<T> {
    entries: VecDeque<(T, usize)>,
    bytes: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(room: Room) -> Self {
        let state = State {
            entries: VecDeque::new(),
            bytes: 0,
            closed: false,
        };
        Self {
            room,
            state: Mutex::new(state),
            filled: Condvar::new(),
            emptied: Condvar::new(),
        }
    }

    /// Adds an entry of `size` bytes, waiting for room. Gives it back if the queue is closed.
    ///
    /// One entry always fits into an empty queue, however large it is.
    pub(crate) fn push(&self, entry: T, size: usize) -> Result<(), T> {
        let is_full = |state: &mut State<T>| !state.closed && !state.has_room(size, self.room);
        let state = self
            .emptied
            .wait_while(self.lock(), is_full)
            .unwrap_or_else(PoisonError::into_inner);
        self.add(state, entry, size)
    }

    /// Adds an entry without waiting, past the bound if need be.
    pub(crate) fn push_over(&self, entry: T, size: usize) -> Result<(), T> {
        self.add(self.lock(), entry, size)
    }

    /// Takes what is there, up to `most`, waiting for the first entry. `None` once the queue is
    /// closed and empty.
    pub(crate) fn pop_many(&self, most: Room) -> Option<Vec<T>> {
        let is_idle = |state: &mut State<T>| !state.closed && state.entries.is_empty();
        let mut state = self
            .filled
            .wait_while(self.lock(), is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        let taken = state.take(most);
        drop(state);
        self.emptied.notify_all();
        (!taken.is_empty()).then_some(taken)
    }

    /// Takes no more entries; those that are there can still be popped.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.emptied.notify_all();
    }

    fn add(&self, mut state: MutexGuard<'_, State<T>>, entry: T, size: usize) -> Result<(), T> {
        if state.closed {
            return Err(entry);
        }
        state.bytes = state.bytes.saturating_add(size);
        state.entries.push_back((entry, size));
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// No code panics while it holds the lock, so its state is whole even if marked otherwise.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn has_room(&self, size: usize, room: Room) -> bool {
        let bytes = self.bytes.saturating_add(size);
        self.entries.is_empty() || self.entries.len() < room.entries && bytes <= room.bytes
    }

    fn take(&mut self, most: Room) -> Vec<T> {
        let mut taken = Vec::with_capacity(self.entries.len().min(most.entries));
        let mut bytes: usize = 0;
        while let Some((entry, size)) = self.entries.pop_front() {
            let over = bytes.saturating_add(size) > most.bytes;
            if taken.len() >= most.entries || over && !taken.is_empty() {
                self.entries.push_front((entry, size));
                break;
            }
            bytes = bytes.saturating_add(size);
            taken.push(entry);
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    fn room(entries: usize, bytes: usize) -> Room {
        Room { entries, bytes }
    }

    #[test]
    fn entries_leave_in_order_and_in_bounded_handfuls() {
        let queue = Queue::new(room(10, 100));
        for entry in 0..5 {
            queue.push(entry, 10).unwrap();
        }
        assert_eq!(queue.pop_many(room(2, 100)).unwrap(), [0, 1]);
        assert_eq!(queue.pop_many(room(9, 25)).unwrap(), [2, 3]);
        assert_eq!(
            queue.pop_many(room(9, 5)).unwrap(),
            [4],
            "one always leaves"
        );
    }

    #[test]
    fn a_full_queue_makes_the_sender_wait_and_a_pop_frees_it() {
        for bound in [room(1, 100), room(9, 15)] {
            let queue = Arc::new(Queue::new(bound));
            queue.push(0, 10).unwrap();
            assert!(!queue.lock().has_room(10, bound));
            let sender = thread::spawn({
                let queue = Arc::clone(&queue);
                move || queue.push(1, 10)
            });
            assert_eq!(queue.pop_many(bound).unwrap(), [0]);
            assert_eq!(queue.pop_many(bound).unwrap(), [1]);
            sender.join().unwrap().unwrap();
        }
    }

    #[test]
    fn one_entry_fits_however_large_and_the_writer_itself_never_waits() {
        let queue = Queue::new(room(1, 1));
        queue.push(0, 1000).unwrap();
        queue.push_over(1, 1000).unwrap();
        assert_eq!(queue.pop_many(room(9, 9999)).unwrap(), [0, 1]);
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_nothing_more() {
        let queue = Queue::new(room(1, 1));
        queue.push(0, 0).unwrap();
        queue.close();
        assert_eq!(queue.push(1, 0), Err(1));
        assert_eq!(queue.pop_many(room(9, 9)), Some(vec![0]));
        assert_eq!(queue.pop_many(room(9, 9)), None);
    }
}
