//! Models that are forbidden, by `PROVIDER/MODEL`.

use globset::{GlobBuilder, GlobMatcher};

/// Models, where `*` stands for any text, also for one with a slash in it.
#[derive(Clone, Debug)]
pub(super) struct ModelPattern {
    /// What stands before the first slash.
    provider: String,
    whole: GlobMatcher,
}

impl ModelPattern {
    /// Parses a pattern. The error says what to write.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "write `PROVIDER/MODEL`, where `*` stands for any; a provider's name has lower case letters, digits and `-`";
        let (provider, model) = text.split_once('/').ok_or(FORM)?;
        let letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*".contains(&byte);
        if provider.is_empty() || model.is_empty() || !provider.bytes().all(letter) {
            return Err(FORM);
        }
        // Some providers take a model's name in any case.
        let glob = GlobBuilder::new(text).case_insensitive(true).build();
        Ok(Self {
            provider: provider.to_owned(),
            whole: glob.map_err(|_error| FORM)?.compile_matcher(),
        })
    }

    /// Returns whether a provider's model is one of these.
    pub(super) fn matches(&self, provider: &str, model: &str) -> bool {
        self.whole.is_match(format!("{provider}/{model}"))
    }

    /// Returns whether some model of a provider may be one of these.
    pub(super) fn has_some_of(&self, provider: &str) -> bool {
        match self.provider.split_once('*') {
            // What follows the star may stand in the model's own name.
            Some((start, _)) => provider.starts_with(start),
            None => self.provider == provider,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_some_models_of_each_provider_of_which_it_has_one() {
        for (pattern, provider, model) in [
            ("openai/*", "openai", "gpt-5"),
            ("openai/GPT-*", "openai", "gpt-5"),
            ("*/gpt-*", "openrouter", "openai/gpt-5"),
            ("open*mini/x", "openrouter", "a-mini/x"),
            ("*/{a,b}", "lab", "b"),
        ] {
            let parsed = ModelPattern::parse(pattern).unwrap();
            assert!(parsed.matches(provider, model), "{pattern}");
            assert!(parsed.has_some_of(provider), "{pattern}");
        }
        let openai = ModelPattern::parse("openai/*").unwrap();
        assert!(!openai.matches("openrouter", "openai/gpt-5"));
        assert!(!openai.has_some_of("openrouter"));
    }

    #[test]
    fn a_pattern_of_no_provider_is_refused() {
        for text in [
            "gpt-5",
            "/gpt-5",
            "openai/",
            "OpenAI/gpt-5",
            "{openai/a,lab/b}",
            "open?i/gpt-5",
            "openai/[",
        ] {
            assert!(ModelPattern::parse(text).is_err(), "{text}");
        }
    }
}
