//! `files`: files below the directories that the policy grants.

use lazaret_kernel::instance::Handle;
use serde_json::Value;

use crate::bindings::files::Host;
use crate::bindings::types::Error;
use crate::call::Given;
use crate::state::GuestState;

impl Host for GuestState {
    async fn read(&mut self, path: String) -> Result<u64, Error> {
        let (mount, rest) = self.caller.mount_of(&path)?;
        let arguments = vec![("path".to_owned(), Given::Plain(Value::String(rest)))];
        let answer = self
            .caller
            .effect(&format!("files.{mount}.read"), arguments)
            .await?;
        Ok(answer.0)
    }

    async fn write(&mut self, path: String, content: u64) -> Result<(), Error> {
        let (mount, rest) = self.caller.mount_of(&path)?;
        let arguments = vec![
            ("path".to_owned(), Given::Plain(Value::String(rest))),
            ("content".to_owned(), Given::Content(Handle(content))),
        ];
        self.caller
            .effect(&format!("files.{mount}.write"), arguments)
            .await?;
        Ok(())
    }
}
