//! One request to the API: its address, its version, what a bad answer means.

use lazaret_sdk::web::Request;
use lazaret_sdk::{Content, Failure};
use serde::Deserialize;
use serde_json::Value;

/// Where GitHub's own repositories are.
const GITHUB: &str = "https://api.github.com/repos/";

/// The version of the API that this component was written for.
const VERSION: &str = "2022-11-28";

/// A repository: the address under which its issues are.
pub(crate) struct Repository(String);

impl Repository {
    /// Takes `owner/name` for GitHub itself, or the address of a repository at a server of
    /// its own: `https://HOST/api/v3/repos/owner/name`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim_end_matches('/');
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(Self(text.to_owned()));
        }
        let plain = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(letter)
        };
        match text.split_once('/') {
            Some((owner, name)) if plain(owner) && plain(name) => {
                Ok(Self(format!("{GITHUB}{text}")))
            }
            _ => Err(Failure::new(format!(
                "`{}` is no `owner/name`",
                text.escape_debug()
            ))),
        }
    }

    /// Asks for what is at a path below the repository.
    pub(crate) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask("get", path, None)
    }

    /// Sends a JSON value to a path below the repository.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(method, path, Some(Content::json(body)?))
    }

    fn ask(&self, method: &str, path: &str, body: Option<Content>) -> Result<Value, Failure> {
        #[derive(Deserialize)]
        struct Told {
            status: u16,
            json: Value,
        }
        let mut request = Request::of(method, &format!("{}{path}", self.0))
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", VERSION);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let told: Told = request.send()?.read_json()?;
        if (200..300).contains(&told.status) {
            return Ok(told.json);
        }
        let status = told.status;
        Err(Failure::new(match status {
            401 => "the server does not take the token".to_owned(),
            403 | 429 => format!(
                "the server refused with status {status}: the token may not, or has asked too often"
            ),
            404 => format!("there is no `{path}` at the repository, or the token may not see it"),
            _ => format!("the server answered with status {status}"),
        }))
    }
}
