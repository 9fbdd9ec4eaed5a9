//! The values of the policy's secrets: put into what goes out at the border, taken out of
//! what comes back. No guest and no journal ever holds one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use lazaret_policy::compiled::KeySource;
use lazaret_policy::secret::{SecretRule, SecretSource, Template, TemplatePart};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::models::Keys;

/// What stands where a value was.
pub(crate) const MASK: &str = "[secret]";

/// A shorter value is a word that texts hold anyway.
const MIN_SECRET_BYTES: usize = 6;

/// The most bytes of a file that holds a secret.
const MAX_SECRET_BYTES: u64 = 65_536;

/// The values, by name.
#[derive(Default)]
pub(crate) struct Vault {
    values: BTreeMap<String, Zeroizing<String>>,
    /// Every spelling of every value, the longest first.
    spellings: Vec<Zeroizing<String>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Vault {
    /// Reads every secret that is there. One that is not fails the requests that need it.
    pub(crate) fn open(
        rules: &BTreeMap<String, SecretRule>,
        keys: &Keys,
        directory: &Path,
    ) -> Self {
        let mut values = BTreeMap::new();
        for (name, rule) in rules {
            let found = match &rule.from {
                SecretSource::Variable(name) => keys(&KeySource::Variable(name.clone())).ok(),
                SecretSource::File(path) => read(&directory.join(path)),
            };
            let found = found.map(Zeroizing::new);
            if let Some(value) = found.map(|text| Zeroizing::new(text.trim().to_owned()))
                && !value.is_empty()
            {
                values.insert(name.clone(), value);
            }
        }
        let mut spellings: Vec<_> = values.values().flat_map(|value| spellings(value)).collect();
        spellings.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { values, spellings }
    }

    /// Returns whether the secret has a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns a secret's value, for a server process.
    pub(crate) fn value(&self, name: &str) -> Result<&str, String> {
        let value = self.values.get(name).map(|value| value.as_str());
        value.ok_or_else(|| format!("the secret `{name}` is not set"))
    }

    /// Puts values where a template stands for them.
    pub(crate) fn fill(&self, template: &Template) -> Result<Zeroizing<String>, String> {
        let mut text = Zeroizing::new(String::new());
        for part in template.parts() {
            match part {
                TemplatePart::Literal(literal) => text.push_str(literal),
                TemplatePart::Secret(name) => text.push_str(self.value(name)?),
            }
        }
        Ok(text)
    }

    /// Takes every value out of a text, however it is spelled.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = Cow::Owned(text.replace(spelling.as_str(), MASK));
            }
        }
        text
    }

    /// Takes every value out of the texts and keys of a JSON value.
    pub(crate) fn redact_json(&self, value: Value) -> Value {
        if self.spellings.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.redact(&text).into_owned()),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.redact_json(item))
                .collect(),
            Value::Object(fields) => {
                let fields = fields.into_iter();
                fields
                    .map(|(key, item)| (self.redact(&key).into_owned(), self.redact_json(item)))
                    .collect()
            }
            other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
        }
    }
}

fn read(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(MAX_SECRET_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// As it is, escaped for an address, a page or JSON, in base64 wherever it begins, in hex.
fn spellings(value: &str) -> Vec<Zeroizing<String>> {
    if value.len() < MIN_SECRET_BYTES {
        return Vec::new();
    }
    let mut all = vec![value.to_owned()];
    let escaped = |upper: bool, keep: &[u8]| {
        value.bytes().fold(String::new(), |mut text, byte| {
            if byte.is_ascii_alphanumeric() || keep.contains(&byte) {
                text.push(char::from(byte));
            } else if upper {
                write!(text, "%{byte:02X}").ok();
            } else {
                write!(text, "%{byte:02x}").ok();
            }
            text
        })
    };
    for keep in [&b"-._~"[..], &b""[..]] {
        all.extend([escaped(true, keep), escaped(false, keep)]);
    }
    all.push(
        value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
    );
    all.push(value.bytes().rev().map(char::from).collect());
    for upper in [false, true] {
        all.push(value.bytes().fold(String::new(), |mut text, byte| {
            if upper {
                write!(text, "{byte:02X}").ok();
            } else {
                write!(text, "{byte:02x}").ok();
            }
            text
        }));
    }
    for before in 0..3_usize {
        let standard = middle_of_base64(value, before);
        all.push(standard.replace('+', "-").replace('/', "_"));
        all.push(standard);
    }
    all.sort();
    all.dedup();
    all.into_iter().map(Zeroizing::new).collect()
}

/// The letters that depend on the value alone where `before` bytes stand before it in its
/// group of three.
fn middle_of_base64(value: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend(value.bytes());
    let text = STANDARD_NO_PAD.encode(&bytes);
    let start = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    text.get(start..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    const VALUE: &str = "ghp_Secret/Token+1";

    fn vault() -> Vault {
        let rule = |from| SecretRule {
            from,
            hosts: Vec::new(),
        };
        let rules = BTreeMap::from([
            (
                "github".to_owned(),
                rule(SecretSource::Variable("TOKEN".to_owned())),
            ),
            (
                "absent".to_owned(),
                rule(SecretSource::File("nowhere".to_owned())),
            ),
        ]);
        let keys: Keys = Arc::new(|source| match source {
            KeySource::Variable(name) if name == "TOKEN" => Ok(format!(" {VALUE}\n")),
            _ => Err("not set".to_owned()),
        });
        Vault::open(&rules, &keys, Path::new("/nonexistent"))
    }

    #[test]
    fn a_value_is_found_in_every_spelling() {
        let vault = vault();
        let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        let texts = [
            VALUE.to_owned(),
            "ghp_Secret%2FToken%2B1".to_owned(),
            "ghp%5FSecret%2fToken%2b1"
                .to_lowercase()
                .replace("secret", "Secret")
                .replace("token", "Token"),
            base64(VALUE.to_owned()),
            base64(format!("x:{VALUE}")),
            base64(format!("user:{VALUE}")),
            base64(format!("user1:{VALUE}, and more")),
            "6768705f5365637265742f546f6b656e2b31".to_owned(),
        ];
        for text in texts {
            let told = vault.redact(&text);
            assert!(told.contains(MASK), "{text} -> {told}");
        }
        let value = json!({ "a": [VALUE], VALUE: 1 });
        let told = vault.redact_json(value).to_string();
        assert!(!told.contains("Secret/"), "{told}");
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        assert!(matches!(
            vault().redact("nothing to see"),
            Cow::Borrowed("nothing to see")
        ));
    }

    #[test]
    fn a_template_is_filled_or_names_what_is_missing() {
        let vault = vault();
        let filled = vault.fill(&Template::parse("Bearer {secret.github}"));
        assert_eq!(filled.unwrap().as_str(), format!("Bearer {VALUE}"));
        let missing = vault.fill(&Template::parse("{secret.absent}")).unwrap_err();
        assert_eq!(missing, "the secret `absent` is not set");
        assert!(!format!("{vault:?}").contains("Token"));
    }
}
