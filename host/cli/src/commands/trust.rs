//! `lazaret trust`: says which files of this project are your own word.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::cli::Trust as Arguments;
use crate::trust::{self, Standing, Trust};
use crate::ui::{self, Tone};
use crate::{prompt, workflows};

/// What of a project means something to Lazaret: in each directory up to the repository's
/// root, and the endings of the files in there.
const PLACES: [(&str, &str); 4] = [
    (".lazaret/workflows", "js"),
    (".claude/workflows", "js"),
    (".lazaret/agents", "md"),
    (".claude/agents", "md"),
];

/// The project's policy.
const POLICY: &str = "lazaret.toml";

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut trust = Trust::load()?;
    if arguments.list {
        for place in trust.places() {
            ui::out(&ui::escape(place));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.forget {
        return forget(&mut trust, &arguments.files);
    }
    let files = if arguments.files.is_empty() {
        found()?
    } else {
        arguments.files.clone()
    };
    // Who names a file, or says `--all`, has said it; else somebody has to be asked.
    let is_said = arguments.all || !arguments.files.is_empty();
    let mut left = 0;
    for file in &files {
        left += usize::from(!consider(&mut trust, file, is_said)?);
    }
    trust.save()?;
    if files.is_empty() {
        ui::note("this project has nothing that could be trusted");
    }
    if left > 0 {
        ui::note(&format!(
            "{left} file(s) stay untrusted; `lazaret trust FILE` or `lazaret trust --all` trusts them"
        ));
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

fn forget(trust: &mut Trust, files: &[PathBuf]) -> Result<ExitCode> {
    if files.is_empty() {
        bail!("`--forget` needs the files to forget");
    }
    for file in files {
        if !trust.forget(file) {
            bail!("`{}` was not trusted", file.display());
        }
        ui::note(&format!("forgotten  {}", file.display()));
    }
    trust.save()?;
    Ok(ExitCode::SUCCESS)
}

/// Shows one file and trusts it, where that is said; false where it stays untrusted.
fn consider(trust: &mut Trust, file: &Path, is_said: bool) -> Result<bool> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("`{}` could not be read", file.display()))?;
    let shown = ui::escape(&file.display().to_string());
    match trust.standing(file, &text) {
        Standing::Trusted => {
            ui::note(&format!("trusted    {shown}"));
            return Ok(true);
        }
        Standing::Unknown => {
            let lines = text.lines().count();
            ui::note(&ui::paint(
                Tone::Warn,
                &format!("new        {shown}, {lines} lines"),
            ));
        }
        Standing::Changed(was) => {
            ui::note(&ui::paint(Tone::Warn, &format!("changed    {shown}")));
            for line in trust::difference(&was, &text) {
                ui::note(&line);
            }
        }
    }
    let agreed = is_said || (prompt::has_person() && prompt::yes("Trust it?"));
    if agreed {
        trust.add(file, &text)?;
        ui::note(&format!("now trusted {shown}"));
    }
    Ok(agreed)
}

/// Returns the files of the project, from the working directory up to the repository's root.
fn found() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for directory in workflows::project()? {
        let policy = directory.join(POLICY);
        if policy.is_file() {
            files.push(policy);
        }
        for (place, ending) in PLACES {
            let Ok(entries) = std::fs::read_dir(directory.join(place)) else {
                continue;
            };
            let mut here: Vec<PathBuf> = entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|own| own == ending))
                .collect();
            here.sort();
            files.extend(here);
        }
    }
    Ok(files)
}
