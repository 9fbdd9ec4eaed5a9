//! How keys are kept out of the texts that providers send back.

use crate::secret::Secret;

/// Shows where something was taken out.
const MASK: &str = "[redacted]";

/// A piece of a key this long is masked too: providers echo keys in part.
const FRAGMENT_BYTES: usize = 8;

/// The longest text from a provider that gets into an error; the rest says nothing new.
pub(crate) const MAX_TEXT_CHARS: usize = 600;

/// Knows the keys of one request and takes them out of texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    pub(crate) fn new(secrets: Vec<Secret>) -> Self {
        let secrets = secrets.into_iter().filter(|s| !s.is_empty()).collect();
        Self { secrets }
    }

    /// Returns a text for an error: without keys, control characters, or more than is useful.
    pub(crate) fn clean(&self, text: &str) -> String {
        // Cut with room to spare first: masking is quadratic in the worst case.
        let mut cut: String = text.chars().take(4 * MAX_TEXT_CHARS).collect();
        for secret in &self.secrets {
            cut = mask(&cut, secret.expose());
        }
        let mut out: String = cut
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MAX_TEXT_CHARS)
            .collect();
        if cut.chars().nth(MAX_TEXT_CHARS).is_some() {
            out.push('…');
        }
        out.trim().trim_end_matches('.').to_owned()
    }

    /// Says whether `text` holds a whole key. Short ones are words (`ollama`, `none`).
    pub(crate) fn leaks(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .map(Secret::expose)
            .any(|key| key.len() >= FRAGMENT_BYTES && text.contains(key))
    }

    /// Returns how many bytes before a new piece of text a key can have begun in.
    pub(crate) fn reach(&self) -> usize {
        self.secrets
            .iter()
            .map(|s| s.expose().len())
            .max()
            .unwrap_or(0)
    }
}

fn mask(text: &str, key: &str) -> String {
    let text = text.replace(key, MASK);
    if key.len() < FRAGMENT_BYTES {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let shared = longest_shared(rest, key);
        if shared >= FRAGMENT_BYTES {
            out.push_str(MASK);
            rest = rest.get(shared..).unwrap_or("");
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or("");
        }
    }
    out
}

/// Returns the length of the longest start of `text` that occurs anywhere in `key`.
fn longest_shared(text: &str, key: &str) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.take_while(|end| *end <= key.len())
        .take_while(|end| text.get(..*end).is_some_and(|start| key.contains(start)))
        .last()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        Redactor::new(vec![
            Secret::new("sk-proj-0123456789abcdef"),
            Secret::new("tok"),
        ])
        .clean(text)
    }

    #[test]
    fn keys_are_masked_whole_and_in_pieces() {
        let cases = [
            (
                "key sk-proj-0123456789abcdef is bad",
                "key [redacted] is bad",
            ),
            (
                "key sk-proj-012****cdef is bad",
                "key [redacted]****cdef is bad",
            ),
            ("ends in 456789abcdef", "ends in [redacted]"),
            ("a tok here", "a [redacted] here"),
            ("nothing here.", "nothing here"),
            ("two\nlines", "two lines"),
        ];
        for (text, want) in cases {
            assert_eq!(clean(text), want);
        }
    }

    #[test]
    fn a_key_across_the_cut_does_not_show_in_part() {
        let text = format!(
            "{}sk-proj-0123456789abcdef",
            "x".repeat(MAX_TEXT_CHARS - 10)
        );
        assert!(!clean(&text).contains("0123"), "{}", clean(&text));
    }

    #[test]
    fn a_text_one_past_the_limit_is_cut() {
        assert!(!clean(&"ä".repeat(MAX_TEXT_CHARS)).ends_with('…'));
        assert!(clean(&"ä".repeat(MAX_TEXT_CHARS + 1)).ends_with('…'));
    }

    #[test]
    fn only_long_keys_count_as_leaks() {
        let redactor = Redactor::new(vec![Secret::new("ollama"), Secret::new("0123456789")]);
        assert!(!redactor.leaks("this is ollama"));
        assert!(redactor.leaks("x0123456789x"));
        assert_eq!(redactor.reach(), 10);
    }
}
