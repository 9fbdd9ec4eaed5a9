//! Turns a directory of an agent, an orchestrator or a tool, in any language, into a component
//! with its manifest embedded.
//!
//! [`project::Project::open`] says what a directory is, [`build`] makes the component of it,
//! and [`template::create`] makes a new directory. What a language needs beyond this program is
//! a [`toolchain::Toolchain`]: it is looked for, never fetched; where it is missing, the error
//! names the one command that fetches it.
//!
//! ```
//! use lazaret_build::language::Language;
//!
//! assert_eq!(Language::named("ts"), Some(Language::TypeScript));
//! ```
#![forbid(unsafe_code)]

use std::fs;
use std::path::PathBuf;

use lazaret_manifest::manifest::section;

pub mod contract;
mod embedded;
pub mod error;
mod guest;
pub mod language;
pub mod place;
mod process;
pub mod project;
pub mod template;
pub mod toolchain;

pub use error::BuildError;

use crate::place::Place;
use crate::project::Project;

/// A component that was built.
#[derive(Debug)]
pub struct Built {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes, manifest included.
    pub bytes: Vec<u8>,
}

/// Builds a project's component into its `build` directory.
pub fn build(project: &Project, place: &Place) -> Result<Built, BuildError> {
    template::refresh(project)?;
    let component = guest::component(project, place)?;
    let bytes = section::embed(&component, project.manifest_text())
        .map_err(|error| BuildError::Component(error.to_string()))?;
    let path = project.output();
    let cannot = |source| BuildError::file("written", &path, source);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(cannot)?;
    }
    // Whoever runs the old one keeps it.
    let draft = path.with_added_extension("draft");
    fs::write(&draft, &bytes).map_err(cannot)?;
    fs::rename(&draft, &path).map_err(cannot)?;
    Ok(Built { path, bytes })
}
