//! New projects, and what of this program a project carries beside its own source.
//!
//! `.lazaret/` in a project holds the SDK of its language and the contract, as this version of
//! the program has them; a build writes there what is not up to date.

use std::fs;
use std::path::Path;

use lazaret_manifest::manifest::World;

use crate::contract;
use crate::embedded;
use crate::error::BuildError;
use crate::language::Language;
use crate::project::Project;

/// Stands for the project's name in a template.
const NAME: &str = "{{name}}";

/// The most letters of a project's name, which is also a file's.
const MAX_NAME: usize = 40;

/// Makes a directory `name` below `parent` with a component that builds and runs as it is.
pub fn create(
    parent: &Path,
    name: &str,
    language: Language,
    world: World,
) -> Result<Project, BuildError> {
    check_name(name)?;
    if !language.has(world) {
        return Err(BuildError::World {
            language: language.title(),
            world: world.name(),
        });
    }
    let dir = parent.join(name);
    if dir.exists() {
        return Err(BuildError::AlreadyThere(dir));
    }
    for prefix in [
        format!("{}/common/", world.name()),
        format!("{}/{}/", world.name(), language.name()),
    ] {
        for (path, text) in embedded::TEMPLATES {
            if let Some(relative) = path.strip_prefix(prefix.as_str()) {
                let text = text.replace(NAME, name);
                // Cargo would take a template's manifest for one of the tree's own.
                let relative = relative.trim_end_matches(".in");
                write(&dir.join(relative), &text)?;
            }
        }
    }
    let project = Project::open(&dir)?;
    refresh(&project)?;
    Ok(project)
}

/// Brings what a project carries of this program up to date.
pub(crate) fn refresh(project: &Project) -> Result<(), BuildError> {
    let own = project.dir().join(".lazaret");
    contract::write(&own.join("wit"))?;
    for (path, text) in carried(project.language()) {
        write(&own.join("sdk").join(path), text)?;
    }
    write(&own.join(".gitignore"), "*\n")
}

/// Returns the files of a language's SDK by their path.
pub fn carried(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let folder = match language {
        Language::Rust => "rust/",
        Language::JavaScript | Language::TypeScript => "js/",
        Language::Python => "python/",
        Language::Go => "go/",
        Language::C => "c/",
    };
    let sdk = embedded::SDKS.iter();
    sdk.filter(move |(path, _)| path.starts_with(folder))
        .copied()
}

/// Writes a file that is not there in this form: a build tool looks at times.
fn write(path: &Path, text: &str) -> Result<(), BuildError> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let cannot = |error| BuildError::file("written", path, error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(cannot)?;
    }
    fs::write(path, text).map_err(cannot)
}

fn check_name(name: &str) -> Result<(), BuildError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = name.len() <= MAX_NAME
        && name.bytes().all(plain)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-');
    if valid {
        return Ok(());
    }
    Err(BuildError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_template_for_each_world_that_it_can_write() {
        for language in Language::ALL {
            let dir = tempfile::tempdir().unwrap();
            for world in [World::Agent, World::Tool, World::Orchestrator] {
                if !language.has(world) {
                    continue;
                }
                let name = format!("a-{}", world.name());
                let project = create(dir.path(), &name, language, world).unwrap();
                assert_eq!((project.language(), project.world()), (language, world));
                assert_eq!(project.manifest().name(), name);
            }
        }
    }

    #[test]
    fn nothing_is_overwritten_and_an_odd_name_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let made = |name: &str| create(dir.path(), name, Language::C, World::Agent);
        made("twice").unwrap();
        assert_eq!(made("twice").unwrap_err().code(), "already-there");
        for odd in [
            "",
            "A",
            "../a",
            "a b",
            "1a",
            "a-",
            &"a".repeat(MAX_NAME + 1),
        ] {
            assert_eq!(made(odd).unwrap_err().code(), "invalid-name", "{odd}");
        }
    }

    #[test]
    fn what_a_project_carries_is_written_only_where_it_differs() {
        let dir = tempfile::tempdir().unwrap();
        let project = create(dir.path(), "a", Language::JavaScript, World::Agent).unwrap();
        let file = project.dir().join(".lazaret/sdk/js/src/index.ts");
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        refresh(&project).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
        fs::write(&file, "edited").unwrap();
        refresh(&project).unwrap();
        assert_ne!(fs::read_to_string(&file).unwrap(), "edited");
    }
}
