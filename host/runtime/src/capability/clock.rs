//! `clock`: virtual time and seeded randomness, the same in a replay.

use crate::bindings::clock::Host;
use crate::state::GuestState;

impl Host for GuestState {
    async fn now(&mut self) -> u64 {
        self.now_ms
    }

    async fn random(&mut self) -> u64 {
        self.next_random()
    }
}
