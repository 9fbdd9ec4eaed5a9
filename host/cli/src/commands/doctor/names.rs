//! Whether the models that a policy names are among those that their providers offer.

use std::collections::BTreeMap;

use lazaret_policy::compiled::{Provider, Service, Target};
use lazaret_policy::policy::Policy;

use super::{Finding, State};
use crate::ui;

/// How many names of a provider are shown beside one that it does not offer.
const MAX_NEAR: usize = 3;

/// Looks each name of the policy up in what the providers answered. Those of a provider that
/// does not answer are left out: that is said elsewhere.
pub(super) fn findings(policy: &Policy, offered: &BTreeMap<&str, &[String]>) -> Vec<Finding> {
    let names = policy.models().into_iter();
    names
        .filter_map(|(name, targets)| finding(policy, name, &targets, offered))
        .collect()
}

fn finding(
    policy: &Policy,
    name: &str,
    targets: &[&Target],
    offered: &BTreeMap<&str, &[String]>,
) -> Option<Finding> {
    let mut state = State::Ok;
    let mut said = Vec::new();
    for target in targets {
        let model = target.model.as_deref()?;
        let Some(list) = offered.get(target.provider.as_str()) else {
            continue;
        };
        let mut text = ui::escape(&format!("{}/{model}", target.provider));
        if !is_offered(list, model) {
            let provider = policy.providers().get(&target.provider)?;
            let is_wrong = lists_all(provider);
            text.push_str(&lacking(list, model, is_wrong));
            state = state.worse(if is_wrong {
                State::Missing
            } else {
                State::Note
            });
        }
        said.push(text);
    }
    (!said.is_empty()).then(|| Finding {
        what: format!("name {name}"),
        state,
        detail: said.join(", then "),
        models: Vec::new(),
    })
}

/// Ollama's names have a tag, which may be left out.
fn is_offered(list: &[String], model: &str) -> bool {
    list.iter()
        .any(|one| one == model || one.strip_suffix(":latest") == Some(model))
}

/// Returns whether a provider refuses what it does not list. Deployments, inference profiles and
/// most small servers answer to other names as well.
fn lists_all(provider: &Provider) -> bool {
    let is_ollama = |address: &String| address.contains(":11434");
    match provider.service {
        Service::Anthropic | Service::Gemini => true,
        Service::OpenAi => provider.base_url.as_ref().is_none_or(is_ollama),
        Service::Bedrock { .. } | Service::Vertex { .. } | Service::Azure { .. } => false,
    }
}

fn lacking(list: &[String], model: &str, is_wrong: bool) -> String {
    if !is_wrong {
        return " (not listed, which this provider need not do)".to_owned();
    }
    let near = nearest(list, model);
    let near: Vec<String> = near.iter().map(|one| ui::escape(one)).collect();
    match near.as_slice() {
        [] => ": it offers no such model".to_owned(),
        near => format!(": it offers no such model; near it: {}", near.join(", ")),
    }
}

/// The names that begin most like this one.
fn nearest<'a>(list: &'a [String], model: &str) -> Vec<&'a str> {
    let common = |one: &str| {
        let pairs = one.chars().zip(model.chars());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let mut near: Vec<&str> = list.iter().map(String::as_str).collect();
    near.sort_by_key(|one| std::cmp::Reverse(common(one)));
    near.truncate(MAX_NEAR);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_may_be_left_out_and_the_nearest_names_are_shown() {
        let list = ["qwen3:latest", "gemma3:270m", "qwen2"].map(str::to_owned);
        assert!(is_offered(&list, "qwen3") && is_offered(&list, "gemma3:270m"));
        assert!(!is_offered(&list, "gemma3") && !is_offered(&list, "qwen"));
        let told = lacking(&list, "qwen4", true);
        assert!(
            told.ends_with("near it: qwen3:latest, qwen2, gemma3:270m"),
            "{told}"
        );
        assert!(!lacking(&list, "qwen4", false).contains("near"));
    }
}
