//! Contents: values that the host holds under a label, and that this component may hold
//! without having read them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bindings::content as host;
use crate::bindings::types::{Handle, Label, Leaf, Piece};
use crate::{Error, Failure};

/// A content, by handle. Holding it shows its label and nothing of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content(Handle);

impl Content {
    /// Stands for the content with this number, if there is one.
    pub const fn from_handle(handle: Handle) -> Self {
        Self(handle)
    }

    /// Returns the number.
    pub const fn handle(self) -> Handle {
        self.0
    }

    /// Makes a text at this component's label.
    pub fn text(text: &str) -> Result<Self, Error> {
        Ok(Self(host::create_text(text)?))
    }

    /// Makes a JSON value at this component's label.
    pub fn json(value: &impl Serialize) -> Result<Self, Error> {
        Ok(Self(host::create_json(&to_json(value)?)?))
    }

    /// Makes a JSON value with contents in it that stay unread. `skeleton` has `null`
    /// where each pointer leads.
    pub fn compose(skeleton: &impl Serialize, leaves: &[(&str, Self)]) -> Result<Self, Error> {
        Ok(Self(host::compose_json(
            &to_json(skeleton)?,
            &places(leaves),
        )?))
    }

    /// Makes a text of pieces; contents in it stay unread.
    pub fn concat(pieces: &[Piece]) -> Result<Self, Error> {
        Ok(Self(host::compose_text(pieces)?))
    }

    /// Returns where the content came from and who may read it.
    pub fn label(self) -> Result<Label, Error> {
        Ok(host::describe(self.0)?.label)
    }

    /// Reads the content. This component carries its label from then on.
    pub fn read(self) -> Result<String, Error> {
        Ok(host::read(self.0)?)
    }

    /// Reads a JSON content as a Rust value. The failure of an effect that had to stay
    /// inside its answer is given as [`Error::Failed`].
    pub fn read_json<T: DeserializeOwned>(self) -> Result<T, Error> {
        /// What the host writes in the place of an answer.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Sealed {
            error: String,
        }
        let text = self.read()?;
        serde_json::from_str(&text).map_err(|problem| match serde_json::from_str(&text) {
            Ok(Sealed { error }) => Error::Failed(error),
            Err(_an_answer) => Error::Invalid(problem.to_string()),
        })
    }

    /// Gives the value at a JSON pointer, unread. A missing one is `null`.
    pub fn project(self, pointer: &str) -> Result<Self, Error> {
        Ok(Self(host::project(self.0, pointer)?))
    }

    /// Gives the items of a list, at most `max`, unread.
    pub fn split(self, max: u32) -> Result<Vec<Self>, Error> {
        Ok(host::split(self.0, max)?.into_iter().map(Self).collect())
    }
}

pub(crate) fn places(leaves: &[(&str, Content)]) -> Vec<Leaf> {
    leaves
        .iter()
        .map(|(pointer, content)| Leaf {
            pointer: (*pointer).to_owned(),
            content: content.0,
        })
        .collect()
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Invalid(error.to_string()))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.to_string())
    }
}
