//! What a store holds of its instance: who calls, what it has left, its virtual clock.

use crate::call::Caller;
use crate::limits::Meter;

/// The host's side of one instance.
#[derive(Debug)]
pub(crate) struct GuestState {
    pub(crate) caller: Caller,
    pub(crate) meter: Meter,
    /// Milliseconds since 1970; stands still while the guest computes.
    pub(crate) now_ms: u64,
    /// The limit, for the guest to ask.
    pub(crate) cpu_ms: u64,
    random: u64,
}

impl GuestState {
    pub(crate) fn new(caller: Caller, meter: Meter, cpu_ms: u64) -> Self {
        let now_ms = caller.run().started_ms;
        let random = caller.derive("random", 0);
        Self {
            caller,
            meter,
            now_ms,
            cpu_ms,
            random,
        }
    }

    /// The next number of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
    pub(crate) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
