//! The process of a command: a group of its own that ends with whoever waits for it.

use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::confine::{NOT_CONFINED, OUTER, REASON, Specification};

/// What a command gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// As a shell would call it; none where a limit ended the command.
    pub(crate) status: Option<i32>,
    /// The limit that ended it.
    pub(crate) limit: Option<&'static str>,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: Vec<u8>,
}

/// A running command.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
    output: Vec<u8>,
    errors: Vec<u8>,
}

impl Process {
    /// Starts the stage that will confine the command.
    pub(super) fn start(confiner: &Path) -> Result<Self, String> {
        let child = Command::new(confiner)
            .arg(OUTER)
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let child = child.map_err(|error| format!("no process was started: {}", error.kind()))?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Ok(Self {
            group: id.and_then(Pid::from_raw),
            child,
            output: Vec::new(),
            errors: Vec::new(),
        })
    }

    /// Says what is to run, and waits for its end. The input stays open: by its end the stage
    /// would know that the host is gone.
    pub(super) async fn carry(
        &mut self,
        specification: &Specification,
        most: usize,
    ) -> Result<Ended, String> {
        let mut text = Vec::new();
        let written = specification.write(&mut text);
        written.map_err(|error| error.to_string())?;
        let mut input = self.child.stdin.take().ok_or("the process has no input")?;
        let (output, errors) = (self.child.stdout.take(), self.child.stderr.take());
        let (output, errors) = output.zip(errors).ok_or("the process has no outputs")?;
        let told = async {
            // A stage that failed at once says why on its way out.
            input.write_all(&text).await.ok();
            input.flush().await.ok();
        };
        let both = async {
            tokio::try_join!(
                read(output, &mut self.output, most),
                read(errors, &mut self.errors, most)
            )
        };
        let ((), both) = tokio::join!(told, both);
        if both.is_err() {
            return Ok(self.cut("output_bytes").await);
        }
        let status = self.child.wait().await;
        drop(input);
        let status = status.map_err(|error| format!("its end was not seen: {}", error.kind()))?;
        let ended = Ended {
            status: status.code(),
            limit: None,
            output: std::mem::take(&mut self.output),
            errors: std::mem::take(&mut self.errors),
        };
        match not_confined(&ended) {
            Some(reason) => Err(reason),
            None => Ok(ended),
        }
    }

    /// Ends the command at a limit, and gives what it said until then.
    pub(super) async fn cut(&mut self, limit: &'static str) -> Ended {
        self.kill();
        // What it wrote last is there before anybody looks.
        drop(self.child.wait().await);
        Ended {
            status: None,
            limit: Some(limit),
            output: std::mem::take(&mut self.output),
            errors: std::mem::take(&mut self.errors),
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

/// That a program may write what a stage writes changes nothing: it says that it did not run.
fn not_confined(ended: &Ended) -> Option<String> {
    let text = String::from_utf8_lossy(&ended.errors);
    let reason = text.strip_prefix(REASON)?;
    (ended.status == Some(i32::from(NOT_CONFINED))).then(|| {
        format!(
            "the command was not confined, and so not run: {}",
            reason.trim()
        )
    })
}

/// Reads to the end; an error is more than the most.
async fn read(mut from: impl AsyncRead + Unpin, into: &mut Vec<u8>, most: usize) -> Result<(), ()> {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count) = from.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        let room = most.saturating_sub(into.len());
        let some = buffer.get(..count.min(room)).unwrap_or_default();
        into.extend_from_slice(some);
        if count > room {
            return Err(());
        }
    }
    Ok(())
}
