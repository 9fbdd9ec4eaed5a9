//! From source to component: one language, one file.

use std::path::PathBuf;

use crate::contract;
use crate::error::BuildError;
use crate::language::Language;
use crate::place::Place;
use crate::project::Project;
use crate::toolchain::Toolchain;

mod c;
mod go;
mod javascript;
mod python;
mod rust;

/// Makes the component, without its manifest.
pub(crate) fn component(project: &Project, place: &Place) -> Result<Vec<u8>, BuildError> {
    let language = project.language();
    let tool = Toolchain::of(language).need(language, Some(project.dir()), place)?;
    let job = Job {
        project,
        place,
        tool,
        scratch: project.dir().join("build"),
    };
    std::fs::create_dir_all(&job.scratch)
        .map_err(|error| BuildError::file("made", &job.scratch, error))?;
    match language {
        Language::Rust => rust::component(&job),
        Language::JavaScript | Language::TypeScript => javascript::component(&job),
        Language::Python => python::component(&job),
        Language::Go => contract::wrap(&go::core_module(&job)?, project.world()),
        Language::C => contract::wrap(&c::core_module(&job)?, project.world()),
    }
}

/// One build.
struct Job<'a> {
    project: &'a Project,
    place: &'a Place,
    /// Where the language's tool is.
    tool: PathBuf,
    /// For products in between.
    scratch: PathBuf,
}

impl Job<'_> {
    /// Returns the directory of the language's SDK, which [`crate::template::refresh`] wrote.
    fn sdk(&self, name: &str) -> PathBuf {
        self.project.dir().join(".lazaret/sdk").join(name)
    }

    /// Returns the directory of the contract's files.
    fn wit(&self) -> PathBuf {
        self.project.dir().join(".lazaret/wit")
    }

    /// Reads what a tool made.
    fn made(path: &std::path::Path) -> Result<Vec<u8>, BuildError> {
        std::fs::read(path).map_err(|error| BuildError::file("read", path, error))
    }
}
