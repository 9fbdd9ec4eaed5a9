//! When the same request is asked again.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::error::{ModelError, Retry};

/// Says how often and after which waits a request is asked again. Pure: the jitter follows from a
/// seed, so that a run can be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is asked in all.
    pub max_attempts: NonZeroU32,
    /// The longest first wait; it doubles with each attempt.
    pub base: Duration,
    /// The longest wait. A provider that asks for a longer one gets no further attempt, because
    /// that is for the breaker to sit out, not for a call.
    pub max_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN.saturating_add(3),
            base: Duration::from_secs(1),
            max_wait: Duration::from_mins(1),
        }
    }
}

impl RetryPolicy {
    /// Makes a policy that asks once.
    pub fn never() -> Self {
        Self {
            max_attempts: NonZeroU32::MIN,
            ..Self::default()
        }
    }

    /// Returns how long to wait before asking again after `attempt` attempts (the first is 1), or
    /// `None` if it is not to be asked again.
    pub fn wait(&self, attempt: u32, error: &ModelError, seed: u64) -> Option<Duration> {
        if attempt >= self.max_attempts.get() {
            return None;
        }
        match error.retry() {
            Retry::Never => None,
            Retry::Backoff => Some(self.backoff(attempt, seed)),
            Retry::After(wait) if wait > self.max_wait => None,
            // Up to a tenth more, so that all who were sent away do not come back at once.
            Retry::After(wait) => Some(wait.saturating_add(part_of(wait / 10, seed, attempt))),
        }
    }

    /// Returns between half and all of the doubled wait.
    fn backoff(&self, attempt: u32, seed: u64) -> Duration {
        let doubled = 1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let most = self.base.saturating_mul(doubled).min(self.max_wait);
        (most / 2).saturating_add(part_of(most / 2, seed, attempt))
    }
}

/// Returns a part of `most` that follows from seed and attempt, in steps of 1/1024.
fn part_of(most: Duration, seed: u64, attempt: u32) -> Duration {
    let step = u32::try_from(mix(seed ^ u64::from(attempt)) % 1025).unwrap_or(0);
    most.saturating_mul(step) / 1024
}

/// Spreads seeds that lie close together (`SplitMix64`).
const fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Phase;

    fn limited(seconds: u64) -> ModelError {
        let retry_after = Some(Duration::from_secs(seconds));
        ModelError::RateLimited {
            retry_after,
            text: String::new(),
        }
    }

    #[test]
    fn nothing_is_asked_more_often_than_allowed() {
        let policy = RetryPolicy::default();
        let error = ModelError::Timeout(Phase::Idle);
        assert!(policy.wait(3, &error, 1).is_some());
        assert_eq!(policy.wait(4, &error, 1), None);
        assert_eq!(RetryPolicy::never().wait(1, &error, 1), None);
    }

    #[test]
    fn what_would_fail_again_is_not_asked_again() {
        let policy = RetryPolicy::default();
        for error in [
            ModelError::Unauthorised {
                status: 401,
                text: String::new(),
            },
            ModelError::TooLong(String::new()),
            ModelError::OutOfCredit(String::new()),
            ModelError::Cancelled,
        ] {
            assert_eq!(policy.wait(1, &error, 1), None, "{error}");
        }
    }

    #[test]
    fn the_provider_s_wait_is_honoured_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let wait = policy.wait(1, &limited(60), 7).expect("a wait");
        assert!(wait >= Duration::from_mins(1) && wait <= Duration::from_secs(66));
        assert_eq!(policy.wait(1, &limited(61), 7), None);
    }

    proptest! {
        #[test]
        fn waits_double_within_bounds_and_repeat(seed: u64, attempt in 1_u32..200) {
            let many = NonZeroU32::new(1000).expect("not zero");
            let policy = RetryPolicy { max_attempts: many, ..RetryPolicy::default() };
            let error = ModelError::Interrupted(String::new());
            let wait = policy.wait(attempt, &error, seed).expect("a wait");
            let most = Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(policy.max_wait);
            prop_assert!(wait >= most / 2 && wait <= most, "{wait:?} of {most:?}");
            prop_assert_eq!(policy.wait(attempt, &error, seed), Some(wait));
        }
    }
}
