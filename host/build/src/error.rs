//! Why there is no component.

use std::path::{Path, PathBuf};

use lazaret_manifest::diagnostic::Diagnostic;
use thiserror::Error;

/// Why a project could not be made or built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A directory has no manifest.
    #[error("there is no `plugin.toml` in `{}`", .0.display())]
    NoProject(PathBuf),
    /// A manifest is wrong.
    #[error("the manifest has {} problem(s)", .problems.len())]
    Manifest {
        /// Its text.
        text: String,
        /// What is wrong.
        problems: Vec<Diagnostic>,
    },
    /// No language has such files.
    #[error("`{}` has a manifest and no main file of any language", .0.display())]
    NoLanguage(PathBuf),
    /// A language cannot do that.
    #[error("{language} has no SDK for the world `{world}`")]
    World {
        /// The language.
        language: &'static str,
        /// The world.
        world: &'static str,
    },
    /// What a language needs is not there.
    #[error("{what} is missing, which {language} needs")]
    ToolMissing {
        /// The tool.
        what: &'static str,
        /// Who needs it.
        language: &'static str,
        /// How to get it.
        remedy: String,
    },
    /// A tool said no.
    #[error("`{command}` failed\n{said}")]
    ToolFailed {
        /// What was run.
        command: String,
        /// What it printed.
        said: String,
    },
    /// What the tools made is no component of the world.
    #[error("the program is no component of its world: {0}")]
    Component(String),
    /// A new project would overwrite something.
    #[error("`{}` is already there", .0.display())]
    AlreadyThere(PathBuf),
    /// A new project's name cannot be one.
    #[error("`{0}` cannot be a plugin's name")]
    Name(String),
    /// A file.
    #[error("`{}` could not be {act}", .path.display())]
    File {
        /// What was to be done.
        act: &'static str,
        /// To which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl BuildError {
    /// Returns the error's code; each has a page in `docs/errors`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProject(_) => "no-project",
            Self::Manifest { .. } => "invalid-value",
            Self::NoLanguage(_) => "no-language",
            Self::World { .. } => "no-world",
            Self::ToolMissing { .. } => "tool-missing",
            Self::ToolFailed { .. } => "tool-failed",
            Self::Component(_) => "build-component",
            Self::AlreadyThere(_) => "already-there",
            Self::Name(_) => "invalid-name",
            Self::File { .. } => "build-file",
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoProject(_) => {
                "`lazaret new --lang js NAME` makes a directory that builds".to_owned()
            }
            Self::NoLanguage(_) => {
                "the main file is `Cargo.toml`, `go.mod`, `package.json` with `main`, `main.py` or `main.c`".to_owned()
            }
            Self::World { .. } => {
                "write orchestrators in rust, js, ts or python, or as a script".to_owned()
            }
            Self::ToolMissing { remedy, .. } => remedy.clone(),
            Self::ToolFailed { .. } => "mend what it names and build again".to_owned(),
            Self::Component(_) => {
                "the world in `plugin.toml` and what the program exports have to agree".to_owned()
            }
            Self::AlreadyThere(_) => "choose another name or remove it".to_owned(),
            Self::Name(_) => {
                "use small letters, digits and `-`, beginning with a letter".to_owned()
            }
            Self::Manifest { .. } | Self::File { .. } => return None,
        })
    }

    pub(crate) fn file(act: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::File {
            act,
            path: path.to_owned(),
            source,
        }
    }
}
