//! Secrets by reference: where a value is found, to which hosts it belongs, and texts that
//! stand for one. No value is ever in a policy.

use crate::web::HostPattern;

/// A secret as the policy declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRule {
    /// Where its value is.
    pub from: SecretSource,
    /// The hosts that it may be sent to; none for one that only goes to a server process.
    pub hosts: Vec<HostPattern>,
}

/// Where a secret's value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In an environment variable of the host's.
    Variable(String),
    /// In a file, without the white space around it.
    File(String),
}

/// A text in which `{secret.NAME}` stands for a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<TemplatePart>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it is.
    Literal(String),
    /// The value of the secret of that name.
    Secret(String),
}

impl SecretSource {
    /// Parses `env:NAME` or `file:PATH`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        if name.is_empty() || name.len() > 1_024 || name.chars().any(char::is_control) {
            return None;
        }
        let variable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let name = name.to_owned();
        match kind {
            "env" => name.bytes().all(variable).then_some(Self::Variable(name)),
            "file" => Some(Self::File(name)),
            _ => None,
        }
    }
}

impl Template {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        const OPENING: &str = "{secret.";
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPENING) {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            if !before.is_empty() {
                parts.push(TemplatePart::Literal(before.to_owned()));
            }
            parts.push(TemplatePart::Secret(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(TemplatePart::Literal(rest.to_owned()));
        }
        Self(parts)
    }

    /// Returns the parts in order.
    pub fn parts(&self) -> &[TemplatePart] {
        &self.0
    }

    /// Returns the names of the secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            TemplatePart::Secret(name) => Some(name.as_str()),
            TemplatePart::Literal(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_out_of_the_text_around_it() {
        let template = Template::parse("Bearer {secret.github}!");
        assert_eq!(template.secrets().collect::<Vec<_>>(), ["github"]);
        assert_eq!(template.parts().len(), 3);
        assert_eq!(Template::parse("{secret.open").secrets().count(), 0);
        assert_eq!(Template::parse("").parts(), []);
    }

    #[test]
    fn a_source_is_a_variable_or_a_file() {
        assert_eq!(
            SecretSource::parse("env:TOKEN"),
            Some(SecretSource::Variable("TOKEN".to_owned()))
        );
        assert_eq!(
            SecretSource::parse("file:/run/t"),
            Some(SecretSource::File("/run/t".to_owned()))
        );
        for wrong in ["ghp_123", "env:", "env:A-B", "vault:x", "file:\n"] {
            assert_eq!(SecretSource::parse(wrong), None, "{wrong}");
        }
    }
}
