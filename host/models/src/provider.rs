//! Which providers there are, and what each of them has to be able to do.

mod anthropic;
mod azure;
mod bedrock;
mod endpoint;
mod gemini;
mod openai;
mod vertex;

use std::fmt;

use serde_json::Value;

pub use self::anthropic::Anthropic;
pub use self::azure::Azure;
pub use self::bedrock::{Bedrock, Clock};
pub use self::endpoint::Endpoint;
pub use self::gemini::Gemini;
pub use self::openai::OpenAi;
pub use self::vertex::Vertex;

use crate::error::ModelError;
use crate::redact::Redactor;
use crate::request::Request;
use crate::secret::Secret;
use crate::wire::answer::Answer;
use crate::wire::{Frame, Outgoing};

/// A provider with its address and its key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Provider {
    /// Anthropic's messages.
    Anthropic(Anthropic),
    /// OpenAI's chat completions, and any server that speaks them.
    OpenAi(OpenAi),
    /// Google's Gemini with an API key.
    Gemini(Gemini),
    /// Amazon Bedrock's Converse.
    Bedrock(Bedrock),
    /// Gemini at Google Cloud.
    Vertex(Vertex),
    /// OpenAI's models at Microsoft.
    Azure(Azure),
}

/// Whether an answer is wanted as a stream or at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Stream,
    Whole,
}

/// How a stream is cut into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Sse,
    EventStream,
}

/// What the client needs of a provider. Pure: requests are built, answers are read.
///
/// For one answer, `read` gets each event of the stream in order, or `whole` the one body.
pub(crate) trait Speak: fmt::Debug + Send + Sync {
    /// Returns where requests go to.
    fn endpoint(&self) -> &Endpoint;

    /// Returns the keys that may not show up anywhere.
    fn secrets(&self) -> Vec<Secret>;

    /// Says how a stream of this provider is framed.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// Writes a request.
    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError>;

    /// Reads one event; returns whether the answer is complete.
    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError>;

    /// Reads an answer that came at once.
    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<(), ModelError>;

    /// Says whether a stream may simply end once a reason to stop was given.
    fn may_end_silently(&self) -> bool {
        false
    }

    /// Learns from a refusal how this server wants to be asked; returns whether the same request
    /// is worth another try for it.
    fn learn(&self, _request: &Request, _error: &ModelError) -> bool {
        false
    }

    /// Writes the request for the list of models.
    fn list(&self) -> Result<Outgoing, ModelError>;
}

impl Provider {
    /// Returns the provider's word in a policy.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anthropic(_) => "anthropic",
            Self::OpenAi(_) => "openai",
            Self::Gemini(_) => "gemini",
            Self::Bedrock(_) => "bedrock",
            Self::Vertex(_) => "vertex",
            Self::Azure(_) => "azure",
        }
    }

    /// Returns where requests go to, for messages: scheme, host and port.
    pub fn origin(&self) -> String {
        self.speak().endpoint().origin()
    }

    pub(crate) fn speak(&self) -> &dyn Speak {
        match self {
            Self::Anthropic(provider) => provider,
            Self::OpenAi(provider) => provider,
            Self::Gemini(provider) => provider,
            Self::Bedrock(provider) => provider,
            Self::Vertex(provider) => provider,
            Self::Azure(provider) => provider,
        }
    }
}

macro_rules! from_each {
    ($($name:ident),*) => {$(
        impl From<$name> for Provider {
            fn from(provider: $name) -> Self {
                Self::$name(provider)
            }
        }
    )*};
}
from_each!(Anthropic, OpenAi, Gemini, Bedrock, Vertex, Azure);
