//! `web`: pages and services of the web that the policy grants.

use lazaret_kernel::instance::Handle;

use crate::bindings::types::Error;
use crate::bindings::web::{Host, Request};
use crate::state::GuestState;

impl Host for GuestState {
    async fn fetch(&mut self, request: Request) -> Result<u64, Error> {
        let headers = request.headers.into_iter();
        let headers = headers.map(|header| (header.name, header.value)).collect();
        let body = request.body.map(Handle);
        let answer = self
            .caller
            .fetch(&request.method, request.url, headers, body)
            .await?;
        Ok(answer.0)
    }

    async fn search(&mut self, query: String) -> Result<u64, Error> {
        Ok(self.caller.search(query).await?.0)
    }
}
