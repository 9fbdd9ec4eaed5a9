//! `content`: values that the host holds under a label.

use lazaret_kernel::instance::Handle;

use crate::bindings::content::{Description, Host};
use crate::bindings::types::{Error, Leaf, Piece};
use crate::state::GuestState;
use crate::words;

impl Host for GuestState {
    async fn create_text(&mut self, text: String) -> Result<u64, Error> {
        Ok(self.caller.create_text(text)?.0)
    }

    async fn create_json(&mut self, json: String) -> Result<u64, Error> {
        Ok(self.caller.create_json(&json)?.0)
    }

    async fn describe(&mut self, content: u64) -> Result<Description, Error> {
        let (media, label) = self.caller.describe(Handle(content))?;
        Ok(Description {
            media: words::media(media),
            label: words::label(self.caller.run().label_text(label)),
        })
    }

    async fn read(&mut self, content: u64) -> Result<String, Error> {
        self.caller.read(Handle(content))
    }

    async fn project(&mut self, content: u64, pointer: String) -> Result<u64, Error> {
        Ok(self.caller.project(Handle(content), &pointer)?.0)
    }

    async fn compose_text(&mut self, pieces: Vec<Piece>) -> Result<u64, Error> {
        Ok(self.caller.compose_text(pieces)?.0)
    }

    async fn compose_json(&mut self, skeleton: String, leaves: Vec<Leaf>) -> Result<u64, Error> {
        Ok(self.caller.compose_json(&skeleton, &leaves)?.0)
    }

    async fn split(&mut self, content: u64, max: u32) -> Result<Vec<u64>, Error> {
        let handles = self.caller.split(Handle(content), max)?;
        Ok(handles.into_iter().map(|handle| handle.0).collect())
    }
}
