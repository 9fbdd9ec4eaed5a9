//! `model`: language models, as one more effect.

use crate::bindings::model::{Host, Request};
use crate::bindings::types::Error;
use crate::state::GuestState;

impl Host for GuestState {
    async fn ask(&mut self, request: Request) -> Result<u64, Error> {
        Ok(self.caller.ask_model(request).await?.0)
    }
}
