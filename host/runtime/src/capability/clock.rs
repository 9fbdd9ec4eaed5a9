//! `clock`: virtual time, seeded randomness and the limits, the same in a replay.

use crate::bindings::clock::{Host, Limits};
use crate::state::GuestState;

impl Host for GuestState {
    async fn now(&mut self) -> u64 {
        self.now_ms
    }

    async fn random(&mut self) -> u64 {
        self.next_random()
    }

    async fn budget(&mut self) -> Limits {
        Limits {
            cpu_ms: self.cpu_ms,
            wall_ms: self.caller.watch().wall_ms(),
            output_tokens: self.caller.tokens(),
        }
    }
}
