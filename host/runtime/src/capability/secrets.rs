//! `secrets`: whether one is set. Its value is added at the border and never told.

use crate::bindings::secrets::Host;
use crate::state::GuestState;

impl Host for GuestState {
    async fn exists(&mut self, name: String) -> bool {
        self.caller.has_secret(&name)
    }
}
