//! What an alias stands for: the first choice, then what is asked instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::compiled::Target;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::At;

/// How many aliases may lead to one another; longer chains are mistakes.
const MAX_CHAIN: usize = 16;

/// How many targets a name may stand for; each is asked only after the one before failed.
const MAX_TARGETS: usize = 8;

/// Knows which targets an alias stands for.
#[derive(Debug)]
pub(super) struct Aliases<'a>(BTreeMap<&'a str, Vec<&'a str>>);

/// Says why a name stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AliasProblem {
    /// It is neither an alias nor `provider/model`.
    Unknown(String),
    /// It leads back to itself.
    Loop(String),
    /// It leads on for longer than [`MAX_CHAIN`].
    TooDeep(String),
    /// It stands for no target, or more than [`MAX_TARGETS`].
    Count(String),
}

impl<'a> Aliases<'a> {
    /// Takes the aliases as they are written.
    pub(super) fn new(written: &'a [(At<String>, TextOrList)]) -> Self {
        let entries = written.iter().map(|(name, targets)| {
            let targets = match targets {
                TextOrList::Text(text) => vec![text.value.as_str()],
                TextOrList::List(list) => list.value.iter().map(|one| one.value.as_str()).collect(),
            };
            (name.value.as_str(), targets)
        });
        Self(entries.collect())
    }

    /// Returns the targets of a name in the order in which they are asked, each once.
    pub(super) fn resolve(&self, name: &str) -> Result<Vec<Target>, AliasProblem> {
        let mut found = Vec::new();
        self.walk(name, &mut Vec::new(), &mut BTreeSet::new(), &mut found)?;
        match found.len() {
            1..=MAX_TARGETS => Ok(found),
            _ => Err(AliasProblem::Count(name.to_owned())),
        }
    }

    /// Follows `name`. `path` holds the aliases above it, `done` those whose targets are in
    /// `found` already: an alias reached twice is walked once, so that the work is bounded.
    fn walk<'b>(
        &'b self,
        name: &'b str,
        path: &mut Vec<&'b str>,
        done: &mut BTreeSet<&'b str>,
        found: &mut Vec<Target>,
    ) -> Result<(), AliasProblem> {
        let Some(leads_to) = self.0.get(name) else {
            let target = target(name)?;
            if !found.contains(&target) {
                found.push(target);
            }
            return Ok(());
        };
        if path.contains(&name) {
            return Err(AliasProblem::Loop(name.to_owned()));
        }
        if path.len() >= MAX_CHAIN {
            return Err(AliasProblem::TooDeep(name.to_owned()));
        }
        if !done.insert(name) {
            return Ok(());
        }
        path.push(name);
        for next in leads_to {
            self.walk(next, path, done, found)?;
        }
        path.pop();
        Ok(())
    }
}

/// Reads `provider/model`; the model may hold more slashes.
fn target(text: &str) -> Result<Target, AliasProblem> {
    match text.split_once('/') {
        Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Target {
            provider: provider.to_owned(),
            model: Some(model.to_owned()),
        }),
        _ => Err(AliasProblem::Unknown(text.to_owned())),
    }
}

impl fmt::Display for AliasProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => {
                write!(
                    f,
                    "{} is neither an alias nor `provider/model`",
                    quote(name)
                )
            }
            Self::Loop(name) => write!(f, "the alias {} leads back to itself", quote(name)),
            Self::TooDeep(name) => write!(
                f,
                "the alias {} leads on more than {MAX_CHAIN} times",
                quote(name)
            ),
            Self::Count(name) => write!(
                f,
                "the alias {} stands for no model or more than {MAX_TARGETS}",
                quote(name)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(aliases: &[(&str, &[&str])], name: &str) -> Result<String, AliasProblem> {
        let entries = aliases
            .iter()
            .map(|(name, targets)| (*name, targets.to_vec()));
        let targets = Aliases(entries.collect()).resolve(name)?;
        let words = targets.iter().map(|target| {
            let model = target.model.as_deref().unwrap_or_default();
            format!("{}/{model}", target.provider)
        });
        Ok(words.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn chains_end_in_targets_in_order_and_each_once() {
        let aliases: &[(&str, &[&str])] = &[
            ("a", &["b", "p/3", "c"]),
            ("b", &["p/1", "c"]),
            ("c", &["p/2", "p/1"]),
        ];
        assert_eq!(resolve(aliases, "a").as_deref(), Ok("p/1 p/2 p/3"));
        assert_eq!(
            resolve(aliases, "openrouter/meta/llama").as_deref(),
            Ok("openrouter/meta/llama")
        );
    }

    #[test]
    fn loops_and_unknown_names_are_problems() {
        let problem = |aliases: &[(&str, &[&str])], name| resolve(aliases, name).unwrap_err();
        assert_eq!(
            problem(&[("a", &["a"])], "a"),
            AliasProblem::Loop("a".to_owned())
        );
        let two: &[(&str, &[&str])] = &[("a", &["p/1", "b"]), ("b", &["a"])];
        assert_eq!(problem(two, "a"), AliasProblem::Loop("a".to_owned()));
        assert_eq!(
            problem(&[("a", &["x"])], "a"),
            AliasProblem::Unknown("x".to_owned())
        );
        assert_eq!(problem(&[], "/m"), AliasProblem::Unknown("/m".to_owned()));
        assert_eq!(
            problem(&[("a", &[])], "a"),
            AliasProblem::Count("a".to_owned())
        );
    }

    #[test]
    fn one_past_the_longest_chain_and_one_past_the_most_targets_are_refused() {
        let names: Vec<String> = (0..=MAX_CHAIN).map(|n| format!("a{n}")).collect();
        let chain = |length: usize| {
            let link = |n: usize| (names[n].as_str(), vec![names[n + 1].as_str()]);
            let last = (names[length].as_str(), vec!["p/m"]);
            Aliases((0..length).map(link).chain([last]).collect()).resolve("a0")
        };
        chain(MAX_CHAIN - 1).expect("the longest chain");
        assert_eq!(
            chain(MAX_CHAIN),
            Err(AliasProblem::TooDeep(format!("a{MAX_CHAIN}")))
        );
        let targets: Vec<String> = (0..=MAX_TARGETS).map(|n| format!("p/{n}")).collect();
        let wide = |count: usize| {
            let list = targets.iter().take(count).map(String::as_str).collect();
            Aliases([("a", list)].into()).resolve("a")
        };
        wide(MAX_TARGETS).expect("the most targets");
        assert_eq!(
            wide(MAX_TARGETS + 1),
            Err(AliasProblem::Count("a".to_owned()))
        );
    }
}
