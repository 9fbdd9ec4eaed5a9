//! Gates, for agents: content becomes a plain value of a closed type.

use crate::bindings::gate as host;
use crate::closed::Closed;
use crate::{Content, Error};

/// Lets a content through the gate `rule`; `None` is the answer that it is no such value.
pub fn pass<T: Closed>(content: Content, rule: &str) -> Result<Option<T>, Error> {
    match host::pass(content.handle(), &T::schema().to_string(), rule)? {
        host::Verdict::Value(json) => serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| Error::Invalid(error.to_string())),
        host::Verdict::Invalid => Ok(None),
    }
}
