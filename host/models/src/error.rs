//! Why a model gave no answer, and what that means for the next try.

use std::time::Duration;

use thiserror::Error;

/// Says why a model gave no answer.
///
/// Texts from providers are cut and redacted before they get in here, and no variant keeps the
/// HTTP library's error as its source: that one prints addresses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The client was set up wrongly; nothing was sent.
    #[error("the model's settings are wrong: {0}")]
    Config(String),
    /// The request breaks a rule that holds with every provider; nothing was sent.
    #[error("the request to the model is wrong: {0}")]
    Request(String),
    /// The provider refused the key, or the key may not do this.
    #[error("the provider refused the key ({status}): {text}")]
    Unauthorised {
        /// The HTTP status.
        status: u16,
        /// What the provider said.
        text: String,
    },
    /// The account has no credit or quota left.
    #[error("the provider's account has no credit left: {0}")]
    OutOfCredit(String),
    /// The provider has no such model, or not for this key.
    #[error("the provider does not know the model: {0}")]
    UnknownModel(String),
    /// Too many requests or tokens in a time.
    #[error("the provider limits the rate: {text}")]
    RateLimited {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
        /// What the provider said.
        text: String,
    },
    /// The provider is there but has no room.
    #[error("the provider is overloaded ({status}): {text}")]
    Overloaded {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
        /// The HTTP status.
        status: u16,
        /// What the provider said.
        text: String,
    },
    /// The provider failed on its own side.
    #[error("the provider failed ({status}): {text}")]
    Failed {
        /// The HTTP status.
        status: u16,
        /// What the provider said.
        text: String,
    },
    /// Nothing came in time.
    #[error("the model did not answer in time ({0})")]
    Timeout(Phase),
    /// The connection was cut before the answer was complete.
    #[error("the answer was cut off: {0}")]
    Interrupted(String),
    /// The provider refused the request as it is.
    #[error("the provider refused the request ({status}): {text}")]
    BadRequest {
        /// The HTTP status.
        status: u16,
        /// What the provider said.
        text: String,
    },
    /// The provider's rules on content refused the prompt.
    #[error("the provider's content rules refused the prompt: {0}")]
    Refused(String),
    /// The prompt does not fit into the model's context.
    #[error("the prompt is too long for the model: {0}")]
    TooLong(String),
    /// The answer passed one of the client's limits and was dropped.
    #[error("the answer passed the limit of {limit} {what}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How much was allowed.
        limit: usize,
    },
    /// The answer is not what the provider's protocol says.
    #[error("the answer is malformed: {0}")]
    Malformed(String),
    /// No connection came about.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The caller gave up.
    #[error("the call was cancelled")]
    Cancelled,
}

/// Says which wait ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// For a connection.
    Connect,
    /// For the first byte of an answer.
    FirstByte,
    /// For the next bytes of an answer that had begun.
    Idle,
    /// For the whole of one attempt.
    Attempt,
    /// For the caller's own deadline.
    Deadline,
}

/// Says whether the same request may be asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    Never,
    /// After a wait of the caller's choice.
    Backoff,
    /// Not before this time has passed.
    After(Duration),
}

impl ModelError {
    /// Returns the stable code under which the documentation explains the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "model-config",
            Self::Request(_) => "model-request",
            Self::Unauthorised { .. } => "model-unauthorised",
            Self::OutOfCredit(_) => "model-credit",
            Self::UnknownModel(_) => "model-unknown",
            Self::RateLimited { .. } => "model-rate-limited",
            Self::Overloaded { .. } => "model-overloaded",
            Self::Failed { .. } => "model-failed",
            Self::Timeout(_) => "model-timeout",
            Self::Interrupted(_) => "model-interrupted",
            Self::BadRequest { .. } => "model-bad-request",
            Self::Refused(_) => "model-refused",
            Self::TooLong(_) => "model-too-long",
            Self::TooLarge { .. } => "model-too-large",
            Self::Malformed(_) => "model-malformed",
            Self::Unreachable(_) => "model-unreachable",
            Self::Cancelled => "model-cancelled",
        }
    }

    /// Says whether the same request may be asked again, and when.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Overloaded { retry_after, .. } => {
                match retry_after {
                    Some(wait) => Retry::After(*wait),
                    None => Retry::Backoff,
                }
            }
            Self::Timeout(Phase::Deadline) => Retry::Never,
            Self::Failed { .. }
            | Self::Timeout(_)
            | Self::Interrupted(_)
            | Self::Malformed(_)
            | Self::Unreachable(_) => Retry::Backoff,
            Self::Config(_)
            | Self::Request(_)
            | Self::Unauthorised { .. }
            | Self::OutOfCredit(_)
            | Self::UnknownModel(_)
            | Self::BadRequest { .. }
            | Self::Refused(_)
            | Self::TooLong(_)
            | Self::TooLarge { .. }
            | Self::Cancelled => Retry::Never,
        }
    }

    /// Says whether no request at all to this model can succeed until a person acts.
    pub const fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Config(_)
                | Self::Unauthorised { .. }
                | Self::OutOfCredit(_)
                | Self::UnknownModel(_)
        )
    }

    /// Says whether another model may do what this one could not.
    pub const fn may_fall_back(&self) -> bool {
        !matches!(
            self,
            Self::Request(_) | Self::Cancelled | Self::Timeout(Phase::Deadline)
        )
    }

    /// Says whether the provider has less room than was asked of it.
    pub const fn is_overload(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Overloaded { .. })
    }

    /// Returns what to do next, where there is something to say.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unauthorised { .. } => Some("check the key, or set a new one"),
            Self::OutOfCredit(_) => Some("add credit at the provider, or name another model"),
            Self::UnknownModel(_) => Some("name a model that the provider offers to this key"),
            Self::Unreachable(_) => Some("check the address, and that the server is running"),
            Self::TooLong(_) => Some("give less context, or name a model with a larger window"),
            Self::Timeout(_) => Some("raise the limit, or name a faster model"),
            _ => None,
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::FirstByte => "no first byte",
            Self::Idle => "the stream stalled",
            Self::Attempt => "the attempt took too long",
            Self::Deadline => "the caller's deadline passed",
        })
    }
}
