//! Virtual time and seeded randomness, the same in a replay, and what the instance may use up.

use crate::bindings::clock as host;
pub use crate::bindings::clock::Limits;

/// Returns the milliseconds since 1970 at which this instance was started.
pub fn now() -> u64 {
    host::now()
}

/// Returns the next number of this instance's own sequence.
pub fn random() -> u64 {
    host::random()
}

/// Returns the limits of this instance. Past one it is stopped.
pub fn budget() -> Limits {
    host::budget()
}
