//! Agent definitions of the project and the user: Markdown files whose head names an agent and
//! its tools, and whose body is its system prompt. They become profiles that hold no more than
//! the policy's general one.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use crate::trust::{self, Standing};
use crate::{home, workflows};

/// The directories that hold definitions, below each place that is looked at.
const PLACES: [&str; 2] = [".lazaret/agents", ".claude/agents"];

/// The most bytes of a definition.
const MAX_BYTES: usize = 256 * 1024;

/// The most bytes of an agent's name, as of a profile's.
const MAX_NAME: usize = 64;

/// The profile of an agent for which none is named, which always exists.
pub(crate) const GENERAL: &str = "general-purpose";

/// The profile that looks and changes nothing, which always exists.
const EXPLORE: &str = "Explore";

/// What is left to the one that only looks.
const LOOKING: [&str; 6] = ["Read", "Grep", "Glob", "LS", "WebSearch", "WebFetch"];

/// One definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// Its tools, or nothing where it has all that there are.
    tools: Option<Vec<String>>,
    model: Option<String>,
    system: String,
}

/// The definitions by the place they come from: the nearest of a name first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Definitions {
    pub(crate) trusted: Vec<Definition>,
    /// Those that nobody has trusted: name and file.
    pub(crate) untrusted: Vec<(String, PathBuf)>,
}

/// Reads all definitions that a script of this project can name.
pub(crate) fn definitions() -> Result<Definitions> {
    let mut all = Definitions::default();
    for directory in workflows::project()? {
        for place in PLACES {
            for path in files(&directory.join(place)) {
                let text = read(&path)?;
                let definition = parse(&text, &path);
                if trust::confirm(&path, &text)? == Standing::Trusted {
                    all.add(definition);
                } else {
                    all.untrusted.push((definition.name, path));
                }
            }
        }
    }
    let home = home::home().into_iter();
    for place in home.flat_map(|home| PLACES.map(|place| home.join(place))) {
        for path in files(&place) {
            all.add(parse(&read(&path)?, &path));
        }
    }
    Ok(all)
}

impl Definitions {
    fn add(&mut self, definition: Definition) {
        let known = self.trusted.iter().any(|own| own.name == definition.name);
        if !known && is_name(&definition.name) {
            self.trusted.push(definition);
        }
    }
}

/// A name that a profile can have; no script can ask for another one.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Returns a policy's text with a profile for each definition, and with those that always
/// exist. What the policy itself says of a name stands.
pub(crate) fn with_profiles(policy: &str, definitions: &[Definition]) -> String {
    let Ok(table) = policy.parse::<Table>() else {
        // What is wrong with it is said where it is read.
        return policy.to_owned();
    };
    let profiles = table.get("profile").and_then(Value::as_table);
    let has = |name: &str| profiles.is_some_and(|profiles| profiles.contains_key(name));
    let mut text = policy.to_owned();
    if !has(GENERAL) {
        text.push_str(&general(&table));
    }
    if !has(EXPLORE) {
        let looking = Definition {
            name: EXPLORE.to_owned(),
            tools: Some(LOOKING.map(str::to_owned).to_vec()),
            ..Definition::default()
        };
        text.push_str(&section(&looking));
    }
    for definition in definitions {
        if !has(&definition.name) && ![GENERAL, EXPLORE].contains(&definition.name.as_str()) {
            text.push_str(&section(definition));
        }
    }
    text
}

/// An agent that asks the policy's models and does nothing else.
fn general(policy: &Table) -> String {
    let has_models = policy.contains_key("model")
        || policy
            .get("models")
            .and_then(|models| models.get("alias"))
            .and_then(Value::as_table)
            .is_some_and(|aliases| !aliases.is_empty());
    let uses = if has_models { "\"model.*\"" } else { "" };
    format!("\n[profile.{GENERAL}]\nplugin = \"agent\"\nreads = \"*\"\nuse = [{uses}]\n")
}

fn section(definition: &Definition) -> String {
    let mut table = Table::new();
    table.insert("like".to_owned(), Value::from(GENERAL));
    if let Some(tools) = &definition.tools {
        table.insert("tools".to_owned(), Value::from(tools.clone()));
    }
    if let Some(model) = &definition.model {
        table.insert("model".to_owned(), Value::from(model.clone()));
    }
    if !definition.system.is_empty() {
        table.insert("system".to_owned(), Value::from(definition.system.clone()));
    }
    format!("\n[profile.{}]\n{table}", definition.name)
}

/// Reads a definition. What its head does not say is as if it were left out; a name that is
/// missing is the file's.
fn parse(text: &str, path: &Path) -> Definition {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let (head, body) = split(text);
    let mut definition = Definition {
        name: stem.unwrap_or_default().to_owned(),
        system: body.trim().to_owned(),
        ..Definition::default()
    };
    for (key, values) in fields(head) {
        let first = values.first().cloned();
        match key.as_str() {
            "name" => definition.name = first.unwrap_or(definition.name),
            "model" => definition.model = first.filter(|model| model != "inherit"),
            "tools" => definition.tools = Some(values),
            _ => {}
        }
    }
    definition
}

/// Splits the head between `---` lines from the body.
fn split(text: &str) -> (&str, &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let opened = text
        .strip_prefix("---\n")
        .or_else(|| text.strip_prefix("---\r\n"));
    let Some(rest) = opened else {
        return ("", text);
    };
    let mut offset = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let (head, body) = rest.split_at_checked(offset).unwrap_or((rest, ""));
            return (head, body.strip_prefix(line).unwrap_or(body));
        }
        offset += line.len();
    }
    ("", text)
}

/// Reads the flat YAML of such a head: a value, a list with commas or brackets, or lines with
/// dashes below the key.
fn fields(head: &str) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for line in head.lines() {
        let is_inner = line.starts_with([' ', '\t', '-']);
        if is_inner {
            let item = line.trim().strip_prefix("- ");
            if let (Some(item), Some((_, values))) = (item, fields.last_mut()) {
                values.push(unquoted(item));
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let key = key.trim().to_owned();
        let values = if key == "tools" {
            let inner = value.trim_start_matches('[').trim_end_matches(']');
            let items = inner.split(',').map(unquoted);
            items.filter(|item| !item.is_empty()).collect()
        } else {
            Some(unquoted(value))
                .filter(|value| !value.is_empty())
                .into_iter()
                .collect()
        };
        fields.push((key, values));
    }
    fields
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

/// Returns the definitions' files in a directory, in order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` could not be read", path.display()))?;
    if text.len() > MAX_BYTES {
        anyhow::bail!("`{}` has more than {MAX_BYTES} bytes", path.display());
    }
    Ok(text)
}

/// Says why there is no agent of a name, and which file would define it.
pub(crate) fn missing(name: &str, definitions: &Definitions) -> String {
    let untrusted = definitions.untrusted.iter().find(|(own, _)| own == name);
    match untrusted {
        Some((_, path)) => format!(
            "the agent type `{name}` is defined by `{}`, which is not trusted: `lazaret trust {}` after you have read it",
            path.display(),
            path.display()
        ),
        None => format!(
            "there is no agent type `{name}`: write `[profile.{name}]` in the policy, or `.claude/agents/{name}.md`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_read_in_every_form_that_people_write() {
        let path = Path::new("agents/some-file.md");
        for (head, tools) in [
            (
                "name: reviewer\ntools: Read, Grep\nmodel: opus",
                vec!["Read", "Grep"],
            ),
            (
                "name: \"reviewer\"\ntools: [Read, 'Grep']\nmodel: opus",
                vec!["Read", "Grep"],
            ),
            (
                "description: >\n  long text\nname: reviewer\ntools:\n  - Read\n  - Grep\nmodel: opus",
                vec!["Read", "Grep"],
            ),
        ] {
            let found = parse(&format!("---\n{head}\n---\n\nYou review.\n"), path);
            assert_eq!(found.name, "reviewer", "{head}");
            assert_eq!(found.tools.unwrap(), tools, "{head}");
            assert_eq!(found.model.as_deref(), Some("opus"));
            assert_eq!(found.system, "You review.");
        }
        let bare = parse("You are bare.", path);
        assert_eq!(
            (bare.name.as_str(), bare.system.as_str()),
            ("some-file", "You are bare.")
        );
        assert_eq!(bare.tools, None);
    }

    #[test]
    fn profiles_that_always_exist_are_added_and_the_policys_own_stand() {
        let reviewer = parse(
            "---\nname: reviewer\ntools: Read\n---\nYou \"review\".",
            Path::new("r.md"),
        );
        let text = with_profiles(
            "version = 1\n[profile.Explore]\nplugin = \"agent\"\n",
            &[reviewer],
        );
        let table: Table = text.parse().unwrap();
        let profiles = table["profile"].as_table().unwrap();
        assert_eq!(profiles["Explore"].get("like"), None);
        assert_eq!(profiles["reviewer"]["like"].as_str(), Some(GENERAL));
        assert_eq!(
            profiles["reviewer"]["system"].as_str(),
            Some("You \"review\".")
        );
        assert_eq!(profiles[GENERAL]["plugin"].as_str(), Some("agent"));
    }
}
