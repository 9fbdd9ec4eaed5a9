//! Where a provider is: an address that has been checked.

use std::net::IpAddr;

use percent_encoding::utf8_percent_encode;
use reqwest::Url;

use crate::error::ModelError;
use crate::wire::sigv4::UNRESERVED;

/// An address under which a provider answers: `http` or `https`, without user, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an address. What is wrong with it is said without repeating it, since people paste
    /// keys into addresses.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let wrong = |why: &str| ModelError::Config(format!("the provider's address {why}"));
        let url = Url::parse(text.trim()).map_err(|e| wrong(&format!("is not a URL: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("holds a query or fragment"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("has no host"));
        }
        Ok(Self(url))
    }

    /// Returns the address of `parts` below this one; each part becomes one segment.
    pub(crate) fn join(&self, parts: &[&str]) -> Result<Url, ModelError> {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        for part in parts {
            // A part that is `..` would climb out of the path.
            if matches!(*part, "" | "." | "..") {
                return Err(ModelError::Request(
                    "the model's id cannot be part of an address".to_owned(),
                ));
            }
            path.push('/');
            path.extend(utf8_percent_encode(part, UNRESERVED));
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        Ok(url)
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Says whether a key could be read by others on the way.
    pub(crate) fn is_open_to_others(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }

    /// Says whether there is TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_anything_to_hide_are_refused_and_not_repeated() {
        for bad in [
            "file:///etc/passwd",
            "http://user:hunter2@host/",
            "https://host/?key=hunter2",
            "https://host/#hunter2",
            "hunter2",
        ] {
            let error = Endpoint::parse(bad).expect_err(bad);
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn parts_stay_single_segments() {
        let endpoint = Endpoint::parse("https://h/v1/").expect("an address");
        let url = endpoint
            .join(&["models", "a/b:c d", "x"])
            .expect("an address");
        assert_eq!(url.as_str(), "https://h/v1/models/a%2Fb%3Ac%20d/x");
        endpoint.join(&["models", ".."]).expect_err("it climbs");
    }

    #[test]
    fn only_plain_http_beyond_this_machine_is_open_to_others() {
        for (url, open) in [
            ("https://h", false),
            ("http://h", true),
            ("http://10.0.0.1", true),
            ("http://localhost:1", false),
            ("http://127.0.0.1:1", false),
            ("http://[::1]:1", false),
            ("http://127.0.0.1.example.com", true),
        ] {
            assert_eq!(
                Endpoint::parse(url).expect(url).is_open_to_others(),
                open,
                "{url}"
            );
        }
    }
}
