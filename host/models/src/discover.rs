//! Which model servers run on this machine.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::limits::Limits;
use crate::models;
use crate::provider::{OpenAi, Speak as _};
use crate::redact::Redactor;
use crate::secret::Secret;
use crate::transport;

/// Where Ollama, llama.cpp, vLLM and LM Studio listen unless they were told otherwise.
pub const LOCAL_SERVERS: [(&str, &str); 4] = [
    ("Ollama", "http://127.0.0.1:11434"),
    ("llama.cpp", "http://127.0.0.1:8080"),
    ("vLLM", "http://127.0.0.1:8000"),
    ("LM Studio", "http://127.0.0.1:1234"),
];

/// How long a server may take to list its models; one on this machine takes milliseconds.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_millis(750);

/// The most addresses that are asked at once; further ones are left out.
pub const MAX_ADDRESSES: usize = 64;

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address as it was given.
    pub url: String,
    /// The address for [`OpenAi::compatible`].
    pub base_url: String,
    /// What it serves.
    pub models: Vec<String>,
}

/// Asks each address for its models, all at once, and returns those that answered, in the order
/// of the addresses. No key is sent.
pub async fn discover(urls: &[&str]) -> Vec<Found> {
    let mut asked = JoinSet::new();
    for (at, url) in urls.iter().take(MAX_ADDRESSES).enumerate() {
        let url = (*url).to_owned();
        asked.spawn(async move { (at, ask(url).await) });
    }
    let mut found: Vec<(usize, Found)> = Vec::new();
    while let Some(joined) = asked.join_next().await {
        if let Ok((at, Some(server))) = joined {
            found.push((at, server));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, server)| server).collect()
}

async fn ask(url: String) -> Option<Found> {
    let base_url = format!("{}/v1", url.trim_end_matches('/'));
    let server = OpenAi::compatible(&base_url, Secret::new("")).ok()?;
    let timeout = DISCOVERY_TIMEOUT;
    let limits = Limits {
        connect: timeout,
        attempt: timeout,
        ..Limits::default()
    };
    let http = transport::client(server.endpoint().is_https(), timeout).ok()?;
    let request = server.list().ok()?;
    let models = models::list(&http, request, &limits, None, &Redactor::default())
        .await
        .ok()?;
    Some(Found {
        url,
        base_url,
        models,
    })
}
