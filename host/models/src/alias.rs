//! What a model's name in the policy stands for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thiserror::Error;

/// How many aliases may lead to one another; longer chains are mistakes.
pub const MAX_CHAIN: usize = 16;

/// How many targets a name may stand for; each is tried only after the one before failed.
pub const MAX_TARGETS: usize = 32;

/// A model at a provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The provider's name in the policy.
    pub provider: String,
    /// The provider's id of the model.
    pub model: String,
}

/// Knows which targets a name stands for: the first choice, then what to fall back to.
///
/// ```
/// use lazaret_models::Aliases;
///
/// let aliases = Aliases::new([
///     ("fast", vec!["anthropic/claude-haiku-4-5", "local/qwen3"]),
///     ("triage", vec!["fast"]),
/// ])?;
/// let targets = aliases.resolve("triage")?;
/// assert_eq!(targets[0].to_string(), "anthropic/claude-haiku-4-5");
/// assert_eq!(targets[1].provider, "local");
/// # Ok::<(), lazaret_models::AliasError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, Vec<String>>);

/// Says why a name stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AliasError {
    /// It is neither an alias nor `provider/model`.
    #[error("`{0}` is neither an alias nor `provider/model`")]
    Unknown(String),
    /// It leads back to itself.
    #[error("the alias `{0}` leads back to itself")]
    Loop(String),
    /// It leads on for longer than [`MAX_CHAIN`].
    #[error("the alias `{0}` leads on more than {MAX_CHAIN} times")]
    TooDeep(String),
    /// It stands for more than [`MAX_TARGETS`] targets, or none.
    #[error("the alias `{0}` stands for no target or more than {MAX_TARGETS}")]
    Count(String),
}

impl Aliases {
    /// Takes aliases and checks that each of them leads to targets.
    pub fn new<N, L, T>(aliases: impl IntoIterator<Item = (N, L)>) -> Result<Self, AliasError>
    where
        N: Into<String>,
        L: IntoIterator<Item = T>,
        T: Into<String>,
    {
        let entries = aliases
            .into_iter()
            .map(|(name, targets)| (name.into(), targets.into_iter().map(Into::into).collect()));
        let aliases = Self(entries.collect());
        aliases
            .0
            .keys()
            .try_for_each(|name| aliases.resolve(name).map(drop))?;
        Ok(aliases)
    }

    /// Returns the targets of a name in the order in which they are to be tried, each once.
    pub fn resolve(&self, name: &str) -> Result<Vec<Target>, AliasError> {
        let mut found = Vec::new();
        self.walk(name, &mut Vec::new(), &mut BTreeSet::new(), &mut found)?;
        match found.len() {
            1..=MAX_TARGETS => Ok(found),
            _ => Err(AliasError::Count(name.to_owned())),
        }
    }

    /// Returns all aliases, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Follows `name`. `path` holds the aliases above it, `done` those whose targets are in
    /// `found` already: an alias reached twice is walked once, so that the work is bounded.
    fn walk<'a>(
        &'a self,
        name: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
        found: &mut Vec<Target>,
    ) -> Result<(), AliasError> {
        let Some(leads_to) = self.0.get(name) else {
            let target = Target::parse(name)?;
            if !found.contains(&target) {
                found.push(target);
            }
            return Ok(());
        };
        if path.contains(&name) {
            return Err(AliasError::Loop(name.to_owned()));
        }
        if path.len() >= MAX_CHAIN {
            return Err(AliasError::TooDeep(name.to_owned()));
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

impl Target {
    /// Reads `provider/model`; the model may hold more slashes.
    pub fn parse(text: &str) -> Result<Self, AliasError> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Self {
                provider: provider.to_owned(),
                model: model.to_owned(),
            }),
            _ => Err(AliasError::Unknown(text.to_owned())),
        }
    }
}

impl AliasError {
    /// Returns the stable code under which the documentation explains the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "alias-unknown",
            Self::Loop(_) => "alias-loop",
            Self::TooDeep(_) => "alias-depth",
            Self::Count(_) => "alias-count",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(aliases: &[(&str, &[&str])], name: &str) -> Result<String, AliasError> {
        let aliases = Aliases::new(aliases.iter().map(|(n, l)| (*n, l.iter().copied())))?;
        let targets = aliases.resolve(name)?;
        Ok(targets
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "))
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
    fn loops_and_unknown_names_are_refused_when_the_aliases_are_taken() {
        assert_eq!(
            resolve(&[("a", &["a"])], "a"),
            Err(AliasError::Loop("a".to_owned()))
        );
        let two: &[(&str, &[&str])] = &[("a", &["p/1", "b"]), ("b", &["a"])];
        assert_eq!(resolve(two, "p/1"), Err(AliasError::Loop("a".to_owned())));
        assert_eq!(
            resolve(&[("a", &["x"])], "a"),
            Err(AliasError::Unknown("x".to_owned()))
        );
        assert_eq!(
            resolve(&[], "/m"),
            Err(AliasError::Unknown("/m".to_owned()))
        );
        assert_eq!(
            resolve(&[("a", &[])], "a"),
            Err(AliasError::Count("a".to_owned()))
        );
    }

    #[test]
    fn one_past_the_longest_chain_and_one_past_the_most_targets_are_refused() {
        let chain = |length: usize| {
            let links = (0..length).map(|n| (format!("a{n}"), vec![format!("a{}", n + 1)]));
            Aliases::new(links.chain([(format!("a{length}"), vec!["p/m".to_owned()])]))
        };
        chain(MAX_CHAIN - 1).expect("the longest chain");
        assert_eq!(
            chain(MAX_CHAIN),
            Err(AliasError::TooDeep(format!("a{MAX_CHAIN}")))
        );
        let wide = |count: usize| Aliases::new([("a", (0..count).map(|n| format!("p/{n}")))]);
        wide(MAX_TARGETS).expect("the most targets");
        assert_eq!(
            wide(MAX_TARGETS + 1),
            Err(AliasError::Count("a".to_owned()))
        );
    }

    #[test]
    fn aliases_that_double_at_each_step_do_not_take_exponential_time() {
        let links = (0..15).map(|n| (format!("a{n}"), vec![format!("a{}", n + 1); 30]));
        let aliases = Aliases::new(links.chain([("a15".to_owned(), vec!["p/m".to_owned()])]));
        assert_eq!(
            aliases
                .expect("aliases")
                .resolve("a0")
                .expect("targets")
                .len(),
            1
        );
    }
}
