//! Models as the host connects to them: services, where their keys are, and who asks which.

use lazaret_kernel::label::TagSet;

/// A provider of models, as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Whose wire format it speaks.
    pub service: Service,
    /// Where it answers, if not at its usual address.
    pub base_url: Option<String>,
    /// Where its key is; a server on this machine needs none.
    pub key: Option<KeySource>,
    /// The most requests under way at once.
    pub at_once: u32,
    /// Whether it takes the schema of an answer beside `json_object` only.
    pub json_objects: bool,
    /// How long it may take to the first byte of an answer, in milliseconds.
    pub first_byte_ms: Option<u64>,
    /// How long it may be silent within an answer, in milliseconds.
    pub idle_ms: Option<u64>,
}

/// Whose wire format a provider speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// Anthropic's messages.
    Anthropic,
    /// OpenAI's chat completions, which most servers speak.
    OpenAi,
    /// Google's Gemini with an API key.
    Gemini,
    /// Amazon Bedrock, with a key of its own or with an account's.
    Bedrock {
        /// The region.
        region: String,
        /// The account's keys, where requests are signed with them.
        signed: Option<SigningKeys>,
    },
    /// Gemini at Google Cloud.
    Vertex {
        /// The project.
        project: String,
        /// The location, or `global`.
        location: String,
    },
    /// OpenAI's models at Microsoft.
    Azure {
        /// The version of the deployment's API, where it is not the current one.
        api_version: Option<String>,
    },
}

/// The keys that requests to Amazon are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeys {
    /// The access key's id.
    pub access: KeySource,
    /// The secret key.
    pub secret: KeySource,
    /// The token of a session.
    pub session: Option<KeySource>,
}

/// What a model costs, in millionths of a US dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Read, and neither from nor into a cache.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Read and put into a cache.
    pub cache_write: u64,
}

/// Where a key is. The key itself never stands in a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeySource {
    /// `env:NAME`: an environment variable.
    Variable(String),
    /// `file:PATH`: the whole of a file.
    File(String),
    /// `command:PROGRAM ARGUMENT…`: what a program prints. No shell takes part.
    Command(Vec<String>),
    /// `secret:NAME`: a value that `lazaret secret set` stored.
    Stored(String),
}

/// A model at a provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The provider's name in the policy.
    pub provider: String,
    /// The provider's id of the model; `None` takes the one that the request names.
    pub model: Option<String>,
}

/// Which model is asked by a request that names none. The first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The agent's name, as the operator sees it; a last `*` stands for any rest.
    pub agent: Option<String>,
    /// The phase in which it runs.
    pub phase: Option<String>,
    /// Tags of which the request must carry one.
    pub taint: Option<TagSet>,
    /// The alias that is asked.
    pub model: String,
}

impl Provider {
    /// Returns where requests go; `None` where nobody has said it.
    pub fn address(&self) -> Option<String> {
        let written = self.base_url.clone();
        written.or_else(|| self.service.usual_address())
    }
}

impl Service {
    /// Returns where the service answers where no address is written. The clients have the same
    /// of their own, against which a test holds this. Each resource at Azure has another.
    pub fn usual_address(&self) -> Option<String> {
        Some(match self {
            Self::Anthropic => "https://api.anthropic.com".to_owned(),
            Self::OpenAi => "https://api.openai.com/v1".to_owned(),
            Self::Gemini => "https://generativelanguage.googleapis.com".to_owned(),
            Self::Bedrock { region, .. } => {
                format!("https://bedrock-runtime.{region}.amazonaws.com")
            }
            Self::Vertex { location, .. } if location == "global" => {
                "https://aiplatform.googleapis.com".to_owned()
            }
            Self::Vertex { location, .. } => {
                format!("https://{location}-aiplatform.googleapis.com")
            }
            Self::Azure { .. } => return None,
        })
    }
}

impl Route {
    /// Returns whether a request of this agent, in this phase, with this taint goes this way.
    pub fn fits(&self, agent: &str, phase: &str, taint: TagSet) -> bool {
        self.agent
            .as_deref()
            .is_none_or(|pattern| matches(pattern, agent))
            && self.phase.as_deref().is_none_or(|wanted| wanted == phase)
            && self.taint.is_none_or(|tags| tags & taint != TagSet::EMPTY)
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the file `{path}`"),
            Self::Command(words) => {
                write!(
                    f,
                    "the command `{}`",
                    words.first().map_or("", String::as_str)
                )
            }
            Self::Stored(name) => write!(f, "the stored secret `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_fits_by_all_that_it_names_and_by_nothing_else() {
        let route = Route {
            agent: Some("review-*".to_owned()),
            phase: Some("Verify".to_owned()),
            taint: None,
            model: "strong".to_owned(),
        };
        assert!(route.fits("review-1", "Verify", TagSet::EMPTY));
        assert!(!route.fits("review-1", "Find", TagSet::EMPTY));
        assert!(!route.fits("preview-1", "Verify", TagSet::ALL));
        let tainted = Route {
            agent: None,
            phase: None,
            taint: Some(TagSet::UNKNOWN),
            model: "local".to_owned(),
        };
        assert!(tainted.fits("any", "", TagSet::ALL));
        assert!(!tainted.fits("any", "", TagSet::EMPTY));
    }
}
