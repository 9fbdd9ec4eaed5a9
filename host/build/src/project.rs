//! What a directory is: its manifest, its language, and where its component goes.

use std::fs;
use std::path::{Path, PathBuf};

use lazaret_manifest::manifest::{Manifest, World};

use crate::error::BuildError;
use crate::language::Language;

/// The manifest's file.
pub const MANIFEST: &str = "plugin.toml";

/// A directory with a component's source.
#[derive(Debug)]
pub struct Project {
    dir: PathBuf,
    manifest: Manifest,
    manifest_text: String,
    language: Language,
    main: PathBuf,
}

impl Project {
    /// Looks at a directory.
    pub fn open(dir: &Path) -> Result<Self, BuildError> {
        let file = dir.join(MANIFEST);
        let manifest_text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BuildError::NoProject(dir.to_owned()));
            }
            Err(error) => return Err(BuildError::file("read", &file, error)),
        };
        let shown = file.display().to_string();
        let manifest =
            Manifest::parse(&shown, &manifest_text).map_err(|problems| BuildError::Manifest {
                text: manifest_text.clone(),
                problems,
            })?;
        let (language, main) = recognise(dir)?;
        if !language.has(manifest.world()) {
            return Err(BuildError::World {
                language: language.title(),
                world: manifest.world().name(),
            });
        }
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
            manifest_text,
            language,
            main,
        })
    }

    /// Returns the directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the manifest's text, which the component carries.
    pub fn manifest_text(&self) -> &str {
        &self.manifest_text
    }

    /// Returns the language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Returns the world that its component belongs to.
    pub fn world(&self) -> World {
        self.manifest.world()
    }

    /// Returns the main file.
    pub fn main(&self) -> &Path {
        &self.main
    }

    /// Returns where the component goes.
    pub fn output(&self) -> PathBuf {
        let file = format!("{}.wasm", self.manifest.name());
        self.dir.join("build").join(file)
    }
}

/// Says by its main file which language a directory is in.
fn recognise(dir: &Path) -> Result<(Language, PathBuf), BuildError> {
    let plain = [
        ("Cargo.toml", Language::Rust),
        ("go.mod", Language::Go),
        ("main.py", Language::Python),
        ("main.c", Language::C),
    ];
    for (name, language) in plain {
        let file = dir.join(name);
        if file.is_file() {
            return Ok((language, file));
        }
    }
    let package = dir.join("package.json");
    let no_language = || BuildError::NoLanguage(dir.to_owned());
    let text = fs::read_to_string(package).map_err(|_absent| no_language())?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|_odd| no_language())?;
    let main = value.get("main").and_then(serde_json::Value::as_str);
    let main = dir.join(main.ok_or_else(no_language)?);
    let language = match main.extension().and_then(|end| end.to_str()) {
        Some("ts" | "mts") => Language::TypeScript,
        _ => Language::JavaScript,
    };
    Ok((language, main))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    const AGENT: (&str, &str) = (
        MANIFEST,
        "name = \"a\"\nversion = \"0.1.0\"\nworld = \"agent\"\n",
    );

    #[test]
    fn a_directory_is_known_by_its_main_file() {
        for (file, text, language) in [
            ("Cargo.toml", "", Language::Rust),
            ("go.mod", "", Language::Go),
            ("main.py", "", Language::Python),
            ("main.c", "", Language::C),
            ("package.json", r#"{"main": "a.ts"}"#, Language::TypeScript),
            ("package.json", r#"{"main": "a.js"}"#, Language::JavaScript),
        ] {
            let dir = planted(&[AGENT, (file, text)]);
            let project = Project::open(dir.path()).unwrap();
            assert_eq!(project.language(), language, "{file}");
            assert!(project.output().ends_with("build/a.wasm"));
        }
    }

    #[test]
    fn a_directory_without_manifest_or_main_file_is_refused() {
        let code = |files: &[(&str, &str)]| {
            let dir = planted(files);
            Project::open(dir.path()).unwrap_err().code()
        };
        assert_eq!(code(&[("main.c", "")]), "no-project");
        assert_eq!(code(&[AGENT]), "no-language");
        assert_eq!(code(&[AGENT, ("package.json", "{}")]), "no-language");
        let orchestrator = AGENT.1.replace("agent", "orchestrator");
        assert_eq!(
            code(&[(MANIFEST, &orchestrator), ("go.mod", "")]),
            "no-world"
        );
    }
}
