//! `--model`: a workflow whose agents ask a model where they otherwise do without one.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use lazaret_policy::policy::Policy;
use toml::{Table, Value};

use crate::{own_policy, ui};

/// The project's own policy, whose models are known by name.
const PROJECT: &str = "lazaret.toml";

/// What a workflow's directory holds for this: sections that go over those of its policy.
const OVERLAY: &str = "with-model.toml";

/// Providers of which nothing has to be known, and where their keys usually are.
const PROVIDERS: [(&str, Option<&str>); 8] = [
    ("ollama", None),
    ("llama-cpp", None),
    ("vllm", None),
    ("lm-studio", None),
    ("anthropic", Some("env:ANTHROPIC_API_KEY")),
    ("openai", Some("env:OPENAI_API_KEY")),
    ("gemini", Some("env:GEMINI_API_KEY")),
    ("openrouter", Some("env:OPENROUTER_API_KEY")),
];

/// Returns a policy's text with the workflow's overlay and the model over it.
pub(super) fn apply(policy: &str, directory: &Path, model: &str) -> Result<String> {
    let overlay = directory.join(OVERLAY);
    let overlay = std::fs::read_to_string(&overlay)
        .ok()
        .context("this workflow does not ask models: it has no `with-model.toml`")?;
    let own = std::fs::read_to_string(PROJECT).unwrap_or_default();
    if let Ok(policy) = Policy::parse(PROJECT, &own) {
        own_policy::permit(Path::new(PROJECT), &policy, &own)?;
    }
    let mut whole = parse(policy)?;
    merge(&mut whole, parse(&overlay)?);
    let mut section = Table::new();
    section.insert(
        "models".to_owned(),
        Value::Table(models(&parse(&own)?, model)?),
    );
    merge(&mut whole, section);
    toml::to_string(&whole).context("the policy could not be written anew")
}

fn parse(text: &str) -> Result<Table> {
    text.parse().context("a policy is no TOML")
}

/// Returns `[models]` with this model as the default: the project's own section, where it
/// knows the name, else one made for a provider that needs no more than its name.
fn models(own: &Table, model: &str) -> Result<Table> {
    let own = own.get("models").and_then(Value::as_table);
    let mut section = own.cloned().unwrap_or_default();
    let provider = model.split('/').next().unwrap_or(model);
    let aliases = section.get("alias").and_then(Value::as_table);
    let is_alias = aliases.is_some_and(|aliases| aliases.contains_key(model));
    if !is_alias && !section.contains_key(provider) {
        section.insert(provider.to_owned(), Value::Table(known(provider)?));
    }
    if !is_alias && !model.contains('/') {
        bail!(
            "--model is `{}`: write an alias of `lazaret.toml`, or `PROVIDER/MODEL` such as `ollama/qwen3`",
            ui::escape(model)
        );
    }
    let aliases = section
        .entry("alias")
        .or_insert_with(|| Value::Table(Table::new()));
    if let Some(aliases) = aliases.as_table_mut().filter(|_| model != "default") {
        aliases.insert("default".to_owned(), Value::String(model.to_owned()));
    }
    Ok(section)
}

fn known(provider: &str) -> Result<Table> {
    let Some((_, key)) = PROVIDERS.iter().find(|(name, _)| *name == provider) else {
        let names = PROVIDERS.map(|(name, _)| name).join(", ");
        bail!(
            "there is no model or provider `{}`: add it to `[models]` in `lazaret.toml`, or use one of {names}",
            ui::escape(provider)
        );
    };
    let mut table = Table::new();
    if let Some(key) = key {
        table.insert("key".to_owned(), Value::String((*key).to_owned()));
    }
    Ok(table)
}

/// Puts one table over another: tables into tables, anything else in the other's place.
fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_of_the_project_is_used_as_it_is_written_there() {
        let own =
            parse("[models]\nlab = { base_url = \"http://h/v1\" }\nalias = { big = \"lab/b\" }")
                .unwrap();
        let section = models(&own, "big").unwrap();
        assert_eq!(section["alias"]["default"].as_str(), Some("big"));
        assert_eq!(section["lab"]["base_url"].as_str(), Some("http://h/v1"));
        let section = models(&own, "lab/other/model").unwrap();
        assert_eq!(
            section["alias"]["default"].as_str(),
            Some("lab/other/model")
        );
    }

    #[test]
    fn a_known_provider_needs_no_configuration_and_another_is_an_error() {
        let section = models(&Table::new(), "ollama/qwen3").unwrap();
        assert_eq!(section["ollama"].as_table().map(Table::len), Some(0));
        let section = models(&Table::new(), "anthropic/m").unwrap();
        assert_eq!(
            section["anthropic"]["key"].as_str(),
            Some("env:ANTHROPIC_API_KEY")
        );
        for wrong in ["nobody/m", "ollama", "", "x"] {
            assert!(models(&Table::new(), wrong).is_err(), "{wrong}");
        }
    }
}
