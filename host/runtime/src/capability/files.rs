//! `files`: files below the directories that the policy grants.

use lazaret_kernel::instance::Handle;
use lazaret_policy::compiled::FilesAct;
use serde_json::{Value, json};

use crate::bindings::files::{Host, Mount};
use crate::bindings::types::Error;
use crate::call::Given;
use crate::state::GuestState;

impl Host for GuestState {
    async fn granted(&mut self) -> Vec<Mount> {
        let mounts = self.caller.granted_mounts().into_iter();
        mounts
            .map(|(name, writable)| Mount { name, writable })
            .collect()
    }

    async fn read(&mut self, path: String) -> Result<u64, Error> {
        self.act(&path, FilesAct::Read, Vec::new()).await
    }

    async fn read_lines(&mut self, path: String, first: u32, count: u32) -> Result<u64, Error> {
        let lines = plain("lines", json!([first, count]));
        self.act(&path, FilesAct::Read, vec![lines]).await
    }

    async fn stat(&mut self, path: String) -> Result<u64, Error> {
        self.find(&path, json!({"kind": "stat"})).await
    }

    async fn list(&mut self, path: String) -> Result<u64, Error> {
        self.find(&path, json!({"kind": "list"})).await
    }

    async fn glob(&mut self, path: String, pattern: String) -> Result<u64, Error> {
        let what = json!({"kind": "glob", "pattern": pattern});
        self.find(&path, what).await
    }

    async fn grep(
        &mut self,
        path: String,
        pattern: String,
        glob: Option<String>,
    ) -> Result<u64, Error> {
        let what = json!({"kind": "grep", "pattern": pattern, "glob": glob});
        self.find(&path, what).await
    }

    async fn write(&mut self, path: String, content: u64) -> Result<(), Error> {
        let content = ("content".to_owned(), Given::Content(Handle(content)));
        self.act(&path, FilesAct::Write, vec![content]).await?;
        Ok(())
    }

    async fn edit(&mut self, path: String, old: String, new: u64, all: bool) -> Result<u64, Error> {
        let change = json!({"kind": "replace", "old": old, "all": all});
        let content = ("content".to_owned(), Given::Content(Handle(new)));
        let arguments = vec![content, plain("change", change)];
        self.act(&path, FilesAct::Edit, arguments).await
    }

    async fn make_directory(&mut self, path: String) -> Result<u64, Error> {
        let change = plain("change", json!({"kind": "make-directory"}));
        self.act(&path, FilesAct::Edit, vec![change]).await
    }

    async fn remove(&mut self, path: String) -> Result<u64, Error> {
        let change = plain("change", json!({"kind": "remove"}));
        self.act(&path, FilesAct::Edit, vec![change]).await
    }

    async fn rename(&mut self, path: String, to: String) -> Result<u64, Error> {
        Ok(self.caller.rename_effect(&path, &to).await?.0)
    }
}

impl GuestState {
    async fn find(&self, path: &str, what: Value) -> Result<u64, Error> {
        let what = plain("what", what);
        self.act(path, FilesAct::Find, vec![what]).await
    }

    async fn act(
        &self,
        path: &str,
        act: FilesAct,
        arguments: Vec<(String, Given)>,
    ) -> Result<u64, Error> {
        let answer = self.caller.files_effect(path, act, arguments).await?;
        Ok(answer.0)
    }
}

fn plain(name: &str, value: Value) -> (String, Given) {
    (name.to_owned(), Given::Plain(value))
}
