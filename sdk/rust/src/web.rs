//! Pages and services of the web that were granted.

use crate::bindings::web as host;
use crate::{Content, Error};

/// A request, built piece by piece.
#[derive(Clone, Debug)]
pub struct Request(host::Request);

impl Request {
    /// Begins a request of a method, such as `get`.
    pub fn of(method: &str, url: &str) -> Self {
        Self(host::Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
        })
    }

    /// Adds a header. Keys are the host's to add.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push(host::Header {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    /// Sends a content along, read or not.
    #[must_use]
    pub fn body(mut self, content: Content) -> Self {
        self.0.body = Some(content.handle());
        self
    }

    /// Sends the request. The answer is a content: JSON with `status`, `url`, `type`,
    /// `title`, `preview`, `text`, `json` and `bytes`.
    pub fn send(self) -> Result<Content, Error> {
        Ok(Content::from_handle(host::fetch(&self.0)?))
    }
}

/// Gives a page, unread.
pub fn get(url: &str) -> Result<Content, Error> {
    Request::of("get", url).send()
}

/// Asks the configured search service.
pub fn search(query: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::search(query)?))
}
