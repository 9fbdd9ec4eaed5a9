//! What the providers' formats have in common: framing, dates, signatures, and how an answer is
//! put together from pieces.

pub(crate) mod answer;
pub(crate) mod classify;
pub(crate) mod date;
pub(crate) mod event_stream;
pub(crate) mod schema;
pub(crate) mod sigv4;
pub(crate) mod sse;
pub(crate) mod turns;

use reqwest::Method;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::error::ModelError;
use crate::secret::Secret;

/// A request as it goes onto the wire.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The event's name; empty if it has none.
    pub(crate) name: String,
    /// The name of the error if it is one (Bedrock).
    pub(crate) exception: bool,
    pub(crate) data: Vec<u8>,
}

impl Outgoing {
    pub(crate) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn post(url: Url, body: &Value) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Self {
            method: Method::POST,
            url,
            headers,
            body: body.to_string().into_bytes(),
        }
    }

    /// Adds a header whose value may be logged.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Result<Self, ModelError> {
        let value = HeaderValue::from_str(value).map_err(|_invalid| {
            ModelError::Config(format!("`{name}` cannot be a header's value"))
        })?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Adds the header that carries a key; an empty key adds none.
    pub(crate) fn key(
        mut self,
        name: &'static str,
        prefix: &str,
        key: &Secret,
    ) -> Result<Self, ModelError> {
        if key.is_empty() {
            return Ok(self);
        }
        let text = zeroize::Zeroizing::new(format!("{prefix}{}", key.expose()));
        // The library's own error would be fine, but nothing near a key is passed on.
        let mut value = HeaderValue::from_str(&text).map_err(|_invalid| {
            ModelError::Config("the key holds characters that no header can carry".to_owned())
        })?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }
}

impl Frame {
    /// Reads the event's data.
    pub(crate) fn json(&self) -> Result<Value, ModelError> {
        json(&self.data)
    }
}

/// Sets a field of an object that is being written.
pub(crate) fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}

/// Reads JSON that a provider sent.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, ModelError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_invalid| ModelError::Malformed("the answer is not UTF-8".to_owned()))?;
    // Only the place of the fault is told: what the provider sent may be anything.
    serde_json::from_str(text).map_err(|e| {
        ModelError::Malformed(format!(
            "not JSON at line {} column {}",
            e.line(),
            e.column()
        ))
    })
}

/// Returns the text at a path of keys.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// Returns the count at a path of keys.
pub(crate) fn count(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}
