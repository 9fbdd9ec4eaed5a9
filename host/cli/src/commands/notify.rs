//! Tells the operator by a command of the operator's own when a run waits for a person or ends.
//!
//! The command stands in the operator's settings and nowhere else: a project's file could have it
//! run anything. It is started without a shell, and what it is told is data: the run and its
//! status, which are the host's own words, in its environment and on its standard input.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::RunId;
use lazaret_workflow::status::Status;
use serde_json::json;
use toml::Value;

use crate::{home, ui};

/// How often and how many times it is looked whether the command has ended: for ten seconds.
const PAUSE: Duration = Duration::from_millis(20);
const MOST_LOOKS: u32 = 500;

/// The command, if there is one.
#[derive(Debug, Default)]
pub(super) struct Notify {
    command: Vec<String>,
    waiting: bool,
    ended: bool,
}

impl Notify {
    /// Reads the operator's settings.
    pub(super) fn configured() -> Result<Self> {
        let path = home::settings()?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(error).context(format!("`{}` could not be read", path.display()));
            }
        };
        read(&text).with_context(|| format!("`{}` is not as it should be", path.display()))
    }

    /// Starts the command where the status is one that it wants to know of.
    pub(super) fn tell(&self, id: &RunId, status: Status) {
        let wanted = match status {
            Status::Waiting => self.waiting,
            _ => self.ended,
        };
        if wanted && let Err(error) = self.start(id, status) {
            ui::note(&format!("the notification command did not work: {error:#}"));
        }
    }

    fn start(&self, id: &RunId, status: Status) -> Result<()> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Ok(());
        };
        let mut told = Command::new(program)
            .args(arguments)
            .current_dir("/")
            .env("LAZARET_RUN", id.as_str())
            .env("LAZARET_STATUS", status.as_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("`{}` could not be started", ui::escape(program)))?;
        let line = json!({"run": id.as_str(), "status": status.as_str()});
        if let Some(mut input) = told.stdin.take() {
            // One that does not read its input is told by its environment.
            drop(writeln!(input, "{line}"));
        }
        for _ in 0..MOST_LOOKS {
            if let Some(ended) = told.try_wait()? {
                if ended.success() {
                    return Ok(());
                }
                bail!("`{}` ended with {ended}", ui::escape(program));
            }
            std::thread::sleep(PAUSE);
        }
        told.kill()?;
        told.wait()?;
        bail!("`{}` took longer than ten seconds", ui::escape(program))
    }
}

fn read(text: &str) -> Result<Notify> {
    let settings: toml::Table = text.parse()?;
    for key in settings.keys() {
        if key != "notify" {
            bail!(
                "there is no section `{}`; there is [notify]",
                ui::escape(key)
            );
        }
    }
    let Some(section) = settings.get("notify").and_then(Value::as_table) else {
        return Ok(Notify::default());
    };
    for key in section.keys() {
        if key != "command" && key != "when" {
            bail!(
                "[notify] has no `{}`; it has `command` and `when`",
                ui::escape(key)
            );
        }
    }
    let command = texts(section, "command")?.unwrap_or_default();
    let Some(program) = command.first() else {
        bail!("[notify] needs a `command`, such as [\"notify-send\", \"lazaret\"]");
    };
    if program.contains('/') && !Path::new(program).is_absolute() {
        bail!(
            "`command` is `{}`; write a whole path, or a name that is looked for in PATH",
            ui::escape(program)
        );
    }
    let when = texts(section, "when")?;
    let when = when.unwrap_or_else(|| vec!["waiting".to_owned(), "ended".to_owned()]);
    if let Some(other) = when.iter().find(|one| *one != "waiting" && *one != "ended") {
        bail!(
            "`when` has `{}`; it knows \"waiting\" and \"ended\"",
            ui::escape(other)
        );
    }
    let has = |word: &str| when.iter().any(|one| one == word);
    Ok(Notify {
        waiting: has("waiting"),
        ended: has("ended"),
        command,
    })
}

fn texts(section: &toml::Table, key: &str) -> Result<Option<Vec<String>>> {
    let Some(value) = section.get(key) else {
        return Ok(None);
    };
    let texts = value.as_array().and_then(|all| {
        let texts = all.iter().map(|one| one.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<String>>>()
    });
    texts
        .map(Some)
        .with_context(|| format!("`{key}` is no list of strings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_say_what_is_started_and_when() {
        let all = read("[notify]\ncommand = [\"notify-send\", \"lazaret\"]").unwrap();
        assert!(all.waiting && all.ended && all.command.len() == 2);
        let some = read("[notify]\ncommand = [\"/bin/x\"]\nwhen = [\"waiting\"]").unwrap();
        assert!(some.waiting && !some.ended);
        assert!(read("").unwrap().command.is_empty());
    }

    #[test]
    fn wrong_settings_are_told() {
        for (text, told) in [
            ("[notify]", "needs a `command`"),
            ("[notify]\ncommand = \"x\"", "no list of strings"),
            ("[notify]\ncommand = [\"./x\"]", "write a whole path"),
            (
                "[notify]\ncommand = [\"x\"]\nwhen = [\"never\"]",
                "it knows",
            ),
            ("[notify]\ncomand = [\"x\"]", "has no `comand`"),
            ("[other]", "there is no section `other`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains(told), "{text}: {error}");
        }
    }
}
