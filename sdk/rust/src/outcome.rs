//! What a component answers, and why a call gave no value.

use std::fmt;

use serde::Serialize;

use crate::bindings::types;
use crate::content::Content;

/// What a component gives back. It carries the component's label.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Text.
    Text(String),
    /// A JSON value, written out.
    Json(String),
    /// A content that the component holds, read or not.
    Content(Content),
}

impl Answer {
    /// Answers with a JSON value.
    pub fn json(value: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::Json(crate::content::to_json(value)?))
    }
}

impl From<Answer> for types::Answer {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Text(text) => Self::Text(text),
            Answer::Json(json) => Self::Json(json),
            Answer::Content(content) => Self::Content(content.handle()),
        }
    }
}

/// That a component could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    message: String,
}

impl Failure {
    /// Says why, for the operator.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Failure> for types::Failure {
    fn from(failure: Failure) -> Self {
        Self {
            message: failure.message,
        }
    }
}

/// Why a call of the host gave no value.
#[derive(Clone, Debug)]
pub enum Error {
    /// The monitor refused; the denial names the rule and what is allowed instead.
    Denied(types::Denial),
    /// The call's own words are wrong.
    Invalid(String),
    /// The effect was made and failed.
    Failed(String),
}

impl Error {
    /// Returns the rule that refused the call, if one did.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Denied(denial) => Some(&denial.rule),
            Self::Invalid(_) | Self::Failed(_) => None,
        }
    }
}

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::Denied(denial) => Self::Denied(denial),
            types::Error::Invalid(message) => Self::Invalid(message),
            types::Error::Failed(message) => Self::Failed(message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denial) => {
                write!(f, "denied by `{}`: {}", denial.rule, denial.message)
            }
            Self::Invalid(message) => write!(f, "invalid: {message}"),
            Self::Failed(message) => write!(f, "failed: {message}"),
        }
    }
}

impl std::error::Error for Error {}
