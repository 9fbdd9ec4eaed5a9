//! How locks are taken.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock, also one whose holder has panicked.
///
/// A panic ends the one step that it happened in, and its siblings need what is locked. That is
/// usable all the same: it is a map, a value, a sum, or a state of which every method either
/// refuses or completes.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_whose_holder_panicked_is_taken_all_the_same() {
        let mutex = Mutex::new(7);
        let holder = || assert_eq!(*mutex.lock().unwrap(), 0, "the holder panics");
        std::thread::scope(|scope| scope.spawn(holder).join().unwrap_err());
        assert!(mutex.is_poisoned());
        assert_eq!(*locked(&mutex), 7);
    }
}
