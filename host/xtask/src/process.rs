//! Runs other programs, and says how to repeat the one that failed.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::stopwatch::Stopwatch;
use crate::ui;

/// How often a program with a time limit is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Runs a program that writes where we write.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a program and returns what it wrote to stdout; its stderr is shown when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` failed ({})\n{}",
            shown(command),
            output.status,
            said.trim_end()
        );
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` did not write UTF-8", shown(command)))
}

/// Runs a program that writes where we write, and stops it when `limit` has passed.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let started = Stopwatch::start();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    loop {
        match child.try_wait().context("cannot wait for a program")? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{}` failed ({status})", shown(command)),
            None if started.elapsed() > limit => {
                child.kill().context("cannot stop a program")?;
                child.wait().context("cannot wait for a program")?;
                bail!(
                    "`{}` was stopped after {} s",
                    shown(command),
                    limit.as_secs()
                );
            }
            None => thread::sleep(POLL),
        }
    }
}

/// Runs a program, shows its lines on stderr as they come, and returns them all.
pub(crate) fn run_and_read(command: &mut Command) -> Result<(ExitStatus, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err) = thread::scope(|scope| {
        let out = scope.spawn(|| out.map_or_else(String::new, echo));
        let err = scope.spawn(|| err.map_or_else(String::new, echo));
        (
            out.join().unwrap_or_default(),
            err.join().unwrap_or_default(),
        )
    });
    let status = child.wait().context("cannot wait for a program")?;
    Ok((status, out + &err))
}

/// Returns the command as one would type it, with its directory and variables.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={}", name.display(), quoted(value)));
        }
    }
    let program = std::path::Path::new(command.get_program());
    words.push(
        program
            .file_name()
            .map_or_else(|| quoted(command.get_program()), quoted),
    );
    words.extend(command.get_args().map(quoted));
    let line = words.join(" ");
    match command.get_current_dir() {
        Some(dir) => format!("(cd {} && {line})", quoted(dir.as_os_str())),
        None => line,
    }
}

fn echo(stream: impl Read) -> String {
    let mut text = String::new();
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let shown = String::from_utf8_lossy(&line);
        ui::note(shown.trim_end());
        text.push_str(&shown);
        line.clear();
    }
    text
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_shown_command_can_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["test", "it's"])
            .env("A", "b c")
            .current_dir("/x");
        assert_eq!(shown(&command), r"(cd /x && A='b c' cargo test 'it'\''s')");
    }

    #[test]
    fn a_failure_says_how_to_repeat_it() {
        let error = run(&mut shell("exit 3")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`sh -c 'exit 3'` failed (exit status: 3)"
        );
    }

    #[test]
    fn both_streams_are_read_and_the_status_kept() {
        let (status, text) = run_and_read(&mut shell("echo out; echo err >&2; exit 4")).unwrap();
        assert_eq!((status.code(), text.as_str()), (Some(4), "out\nerr\n"));
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let error = run_within(&mut shell("exec sleep 60"), Duration::ZERO).unwrap_err();
        assert!(
            error.to_string().contains("was stopped after 0 s"),
            "{error}"
        );
    }
}
