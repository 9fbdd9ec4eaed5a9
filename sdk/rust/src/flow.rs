//! What an orchestrator asks of the host, as futures. Requests made in the same turn run
//! at the same time; [`join_all`] waits for many.

mod executor;
mod join;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::turns::{
    Composition, Gating, Outcome, Projection, Question, Reply, Request, Said, Spawning, Splitting,
};
use crate::bindings::types::{Part, Piece};
use crate::closed::Closed;
use crate::content::{places, to_json};
use crate::tools::Call;
use crate::{Content, Error};

#[doc(hidden)]
pub use executor::{resume, start};
pub use join::join_all;

/// How a child ended, as far as the orchestrator may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its answer, unread.
    Value(Content),
    /// A person skipped or stopped it.
    None,
    /// None of its answers satisfied the schema that its options ask for.
    Unfit,
    /// It failed.
    Failed,
    /// The bits are spent: how it ended stays inside.
    Sealed(Content),
}

/// Begins what the host says of a child whose answers missed their schema.
const UNFIT: &str = "schema:";

/// A child to be spawned, built option by option.
#[derive(Clone, Debug)]
pub struct Spawn(Spawning);

impl Spawn {
    /// Begins a child of a profile of the policy, with a name for the operator.
    pub fn of(profile: &str, name: impl Into<String>) -> Self {
        Self(Spawning {
            profile: profile.to_owned(),
            name: name.into(),
            phase: String::new(),
            text: Vec::new(),
            parts: Vec::new(),
            options: "{}".to_owned(),
        })
    }

    /// Sets the task's text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.text = vec![Piece::Literal(text.into())];
        self
    }

    /// Sets the task's text to a content, unread. The child starts at its label.
    #[must_use]
    pub fn held(self, content: Content) -> Self {
        self.pieces(vec![Piece::Content(content.handle())])
    }

    /// Sets the task's text to pieces; the child starts at the labels of the contents in it.
    #[must_use]
    pub fn pieces(mut self, pieces: Vec<Piece>) -> Self {
        self.0.text = pieces;
        self
    }

    /// Sets the task's text to a JSON value.
    pub fn input(self, value: &impl Serialize) -> Result<Self, Error> {
        Ok(self.text(to_json(value)?))
    }

    /// Gives the child a content to hold.
    #[must_use]
    pub fn part(mut self, name: &str, content: Content) -> Self {
        self.0.parts.push(Part {
            name: name.to_owned(),
            content: content.handle(),
        });
        self
    }

    /// Sets options as a JSON object: `model`, `effort`, `schema`.
    pub fn options(mut self, options: &impl Serialize) -> Result<Self, Error> {
        self.0.options = to_json(options)?;
        Ok(self)
    }

    /// Runs the child to its end.
    pub async fn run(self) -> Result<Ended, Error> {
        match executor::ask(Request::Spawn(self.0)).await {
            Reply::Outcome(Outcome::Value(handle)) => {
                Ok(Ended::Value(Content::from_handle(handle)))
            }
            Reply::Outcome(Outcome::None) => Ok(Ended::None),
            Reply::Outcome(Outcome::Failed(text)) if text.starts_with(UNFIT) => Ok(Ended::Unfit),
            Reply::Outcome(Outcome::Failed(_)) => Ok(Ended::Failed),
            Reply::Content(handle) => Ok(Ended::Sealed(Content::from_handle(handle))),
            other => Err(unexpected(other)),
        }
    }
}

/// Gives the value at a JSON pointer, unread.
pub async fn project(content: Content, pointer: &str) -> Result<Content, Error> {
    let content = content.handle();
    let pointer = pointer.to_owned();
    to_content(executor::ask(Request::Project(Projection { content, pointer })).await)
}

/// Makes a JSON value with contents in it that stay unread.
pub async fn compose(
    skeleton: &impl Serialize,
    leaves: &[(&str, Content)],
) -> Result<Content, Error> {
    let composition = Composition {
        skeleton: to_json(skeleton)?,
        leaves: places(leaves),
    };
    to_content(executor::ask(Request::ComposeJson(composition)).await)
}

/// Gives the items of a list, at most `max`, unread. How many there are is a counted gate.
pub async fn split(content: Content, max: u32) -> Result<Vec<Content>, Error> {
    let content = content.handle();
    match executor::ask(Request::Split(Splitting { content, max })).await {
        Reply::Contents(items) => Ok(items.into_iter().map(Content::from_handle).collect()),
        other => Err(unexpected(other)),
    }
}

/// Lets a content through the gate `rule`; `None` is the answer that it is no such value.
pub async fn gate<T: Closed>(content: Content, rule: &str) -> Result<Option<T>, Error> {
    let gating = Gating {
        content: content.handle(),
        schema: T::schema().to_string(),
        rule: rule.to_owned(),
    };
    to_value(executor::ask(Request::Gate(gating)).await)
}

/// Asks which of the parts that it was given a child handed back: gives this orchestrator's
/// own content of it, at the label that it had. `None` is the answer that it is none of them.
pub async fn gate_part(answer: Content, rule: &str) -> Result<Option<Content>, Error> {
    let gating = Gating {
        content: answer.handle(),
        schema: crate::closed::part().to_string(),
        rule: rule.to_owned(),
    };
    match executor::ask(Request::Gate(gating)).await {
        Reply::Content(handle) => Ok(Some(Content::from_handle(handle))),
        Reply::Invalid => Ok(None),
        other => Err(unexpected(other)),
    }
}

/// Lets a content through the gate `rule` as one of the members of a list that this
/// orchestrator may read; `None` is the answer that it is no member.
pub async fn gate_member<T: DeserializeOwned>(
    content: Content,
    list: Content,
    rule: &str,
) -> Result<Option<T>, Error> {
    let gating = Gating {
        content: content.handle(),
        schema: crate::closed::member_of(list).to_string(),
        rule: rule.to_owned(),
    };
    to_value(executor::ask(Request::Gate(gating)).await)
}

/// Reads a content. The orchestrator carries its label from then on.
pub async fn reveal(content: Content) -> Result<String, Error> {
    match executor::ask(Request::Reveal(content.handle())).await {
        Reply::Value(text) => Ok(text),
        other => Err(unexpected(other)),
    }
}

/// Calls a function of a tool. The answer is a content.
pub async fn call(call: Call) -> Result<Content, Error> {
    to_content(executor::ask(Request::Call(call.into_call()?)).await)
}

/// What a person said to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Yes.
    Approved,
    /// No.
    Denied,
    /// Nothing, in a week.
    Expired,
    /// A text of the person's own, unread; it is trusted.
    Edited(Content),
}

/// Asks a person about contents that stay unread here. The person sees where each came from,
/// and has to be one of its readers.
pub async fn ask(text: impl Into<String>, parts: &[(&str, Content)]) -> Result<Answered, Error> {
    let question = Question {
        text: text.into(),
        parts: parts
            .iter()
            .map(|(name, content)| Part {
                name: (*name).to_owned(),
                content: content.handle(),
            })
            .collect(),
    };
    match executor::ask(Request::Ask(question)).await {
        Reply::Said(Said::Approved) => Ok(Answered::Approved),
        Reply::Said(Said::Denied) => Ok(Answered::Denied),
        Reply::Said(Said::Expired) => Ok(Answered::Expired),
        Reply::Said(Said::Edited(handle)) => Ok(Answered::Edited(Content::from_handle(handle))),
        other => Err(unexpected(other)),
    }
}

/// Starts a phase of the progress display.
pub async fn phase(title: &str) {
    executor::ask(Request::Phase(title.to_owned())).await;
}

fn to_value<T: DeserializeOwned>(reply: Reply) -> Result<Option<T>, Error> {
    match reply {
        Reply::Value(json) => serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| Error::Invalid(error.to_string())),
        Reply::Invalid => Ok(None),
        other => Err(unexpected(other)),
    }
}

fn to_content(reply: Reply) -> Result<Content, Error> {
    match reply {
        Reply::Content(handle) => Ok(Content::from_handle(handle)),
        other => Err(unexpected(other)),
    }
}

fn unexpected(reply: Reply) -> Error {
    match reply {
        Reply::Denied(denial) => Error::Denied(denial),
        Reply::Failed(message) => Error::Failed(message),
        Reply::Done
        | Reply::Content(_)
        | Reply::Contents(_)
        | Reply::Value(_)
        | Reply::Invalid
        | Reply::Outcome(_)
        | Reply::Said(_) => Error::Invalid("the host answered another question".to_owned()),
    }
}
