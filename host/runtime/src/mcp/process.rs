//! The process of an MCP server: in a group of its own, with no more of the environment than
//! was named, ended with everything that it started.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lazaret_policy::compiled::KeySource;
use lazaret_policy::server::Program;
use rmcp::service::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinSet;

use super::{MAX_MESSAGE_BYTES, Surroundings};
use crate::run::locked;

/// The most bytes of a server's complaints that are kept: the last ones.
const MAX_STDERR_BYTES: usize = 4_096;

/// The longest that the rest of a server's complaints is waited for.
const LAST_WORDS: Duration = Duration::from_millis(200);

type Transport = AsyncRwTransport<RoleClient, ChildStdout, ChildStdin>;

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
    said: Arc<Mutex<Vec<u8>>>,
    /// Reads what the server complains of, so that it never waits for a reader.
    listener: JoinSet<()>,
}

impl Process {
    /// Starts the program.
    pub(super) fn start(
        program: &Program,
        around: &Surroundings<'_>,
    ) -> Result<(Self, Transport), String> {
        let (name, arguments) = program.command.split_first().ok_or("no program is named")?;
        let mut command = Command::new(name);
        command
            .args(arguments)
            .current_dir(around.directory)
            .env_clear()
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let named = program.variables.iter().map(String::as_str);
        for variable in named.chain(["PATH"]) {
            let source = KeySource::Variable(variable.to_owned());
            if let Ok(value) = (around.keys)(&source) {
                command.env(variable, value);
            }
        }
        for (variable, secret) in &program.secrets {
            command.env(variable, around.vault.value(secret)?);
        }
        let started = command.spawn();
        let mut child =
            started.map_err(|error| format!("`{name}` was not started: {}", error.kind()))?;
        let pipes = child.stdout.take().zip(child.stdin.take());
        let (output, input) = pipes.ok_or("the server has no pipes")?;
        let said = Arc::default();
        let mut listener = JoinSet::new();
        if let Some(errors) = child.stderr.take() {
            listener.spawn(listen(errors, Arc::clone(&said)));
        }
        let group = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let transport =
            AsyncRwTransport::new(output, input).with_max_line_length(MAX_MESSAGE_BYTES);
        let process = Self {
            child,
            group,
            said,
            listener,
        };
        Ok((process, transport))
    }

    /// Ends the whole group.
    pub(super) async fn end(&mut self) {
        self.kill();
        drop(self.child.wait().await);
    }

    /// Ends the group and returns what the server complained of, after a colon.
    pub(super) async fn end_and_tell(&mut self) -> String {
        self.end().await;
        drop(tokio::time::timeout(LAST_WORDS, self.listener.join_next()).await);
        let said = locked(&self.said);
        let text = String::from_utf8_lossy(&said);
        let text = text.trim();
        if text.is_empty() {
            String::new()
        } else {
            format!(": {text}")
        }
    }

    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            // Nobody is left where it ended by itself.
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn listen(mut errors: ChildStderr, said: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = [0; 1_024];
    while let Ok(count) = errors.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        let mut said = locked(&said);
        said.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let excess = said.len().saturating_sub(MAX_STDERR_BYTES);
        said.drain(..excess);
    }
}
