//! Gates, for agents: content becomes a plain value of a closed type.

use serde::de::DeserializeOwned;

use crate::bindings::gate as host;
use crate::closed::{self, Closed};
use crate::{Content, Error};

/// Lets a content through the gate `rule`; `None` is the answer that it is no such value.
pub fn pass<T: Closed>(content: Content, rule: &str) -> Result<Option<T>, Error> {
    pass_as(content, &T::schema().to_string(), rule)
}

/// The same, as one of the members of a list that this component could read without rising.
pub fn member<T: DeserializeOwned>(
    content: Content,
    list: Content,
    rule: &str,
) -> Result<Option<T>, Error> {
    pass_as(content, &closed::member_of(list).to_string(), rule)
}

fn pass_as<T: DeserializeOwned>(
    content: Content,
    schema: &str,
    rule: &str,
) -> Result<Option<T>, Error> {
    match host::pass(content.handle(), schema, rule)? {
        host::Verdict::Value(json) => serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| Error::Invalid(error.to_string())),
        host::Verdict::Invalid => Ok(None),
    }
}
