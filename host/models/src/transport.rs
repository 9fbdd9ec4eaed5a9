//! How bytes go out and come back: the HTTP client, its timeouts, and its errors.

use std::error::Error as _;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::time::{Instant, timeout_at};

use crate::error::{ModelError, Phase};
use crate::redact::Redactor;
use crate::wire::Outgoing;

/// How long an unused connection is kept; servers close theirs after about as much.
const KEEP_IDLE: Duration = Duration::from_mins(1);

/// What connections are secured with: made once, since reading the system's certificates
/// takes a while.
#[derive(Clone, Debug)]
pub struct Tls(ClientConfig);

impl Tls {
    /// Reads the system's certificates, which plain HTTP does not need.
    pub fn new(https: bool) -> Result<Self, ModelError> {
        config(https).map(Self)
    }

    /// Begins an HTTP client. Redirects are not followed, since a key would go along, and no
    /// proxy is read from the environment.
    pub fn client(&self) -> ClientBuilder {
        Client::builder()
            .tls_backend_preconfigured(self.0.clone())
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("lazaret/", env!("CARGO_PKG_VERSION")))
    }
}

/// Makes an HTTP client for a provider.
pub(crate) fn client(https: bool, connect: Duration) -> Result<Client, ModelError> {
    Tls::new(https)?
        .client()
        .connect_timeout(connect)
        .pool_idle_timeout(KEEP_IDLE)
        .build()
        .map_err(|error| no_tls(&error.without_url()))
}

fn no_tls(error: &dyn std::fmt::Display) -> ModelError {
    ModelError::Config(format!("no TLS is possible: {error}"))
}

fn config(https: bool) -> Result<ClientConfig, ModelError> {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| no_tls(&error))?;
    // The certificates of the system take a while to read, and plain HTTP needs none.
    let builder = if https {
        builder
            .with_platform_verifier()
            .map_err(|error| no_tls(&error))?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}

/// Bounds the waits of one attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    attempt: Instant,
    deadline: Option<Instant>,
}

impl Watch {
    pub(crate) fn new(attempt: Duration, deadline: Option<Instant>) -> Self {
        Self {
            attempt: after(attempt),
            deadline,
        }
    }

    /// Waits for `work`, but no longer than `wait` or what is left of the attempt.
    pub(crate) async fn within<T>(
        &self,
        wait: Duration,
        phase: Phase,
        work: impl Future<Output = T>,
    ) -> Result<T, ModelError> {
        let ends = [
            Some((after(wait), phase)),
            Some((self.attempt, Phase::Attempt)),
            self.deadline.map(|deadline| (deadline, Phase::Deadline)),
        ];
        match ends.into_iter().flatten().min_by_key(|(end, _)| *end) {
            Some((end, phase)) => timeout_at(end, work)
                .await
                .map_err(|_elapsed| ModelError::Timeout(phase)),
            None => Ok(work.await),
        }
    }
}

/// Sends a request and waits for the head of the answer.
pub(crate) async fn send(
    client: &Client,
    request: Outgoing,
    watch: &Watch,
    first_byte: Duration,
    redactor: &Redactor,
) -> Result<Response, ModelError> {
    let Outgoing {
        method,
        url,
        headers,
        body,
    } = request;
    let sending = client
        .request(method, url)
        .headers(headers)
        .body(body)
        .send();
    let sent = watch.within(first_byte, Phase::FirstByte, sending).await?;
    sent.map_err(|error| failure(error, redactor))
}

/// Reads a body to its end, or to one byte past `limit`.
pub(crate) async fn read_all(
    response: &mut Response,
    limit: usize,
    watch: &Watch,
    idle: Duration,
    redactor: &Redactor,
) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    while let Some(chunk) = read_some(response, watch, idle, redactor).await? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(ModelError::TooLarge {
                what: "bytes on the wire",
                limit,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the next bytes of a body; `None` is its end.
pub(crate) async fn read_some(
    response: &mut Response,
    watch: &Watch,
    idle: Duration,
    redactor: &Redactor,
) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]>>, ModelError> {
    let read = watch.within(idle, Phase::Idle, response.chunk()).await?;
    read.map_err(|error| ModelError::Interrupted(reason(&error.without_url(), redactor)))
}

/// Reads an error of a request to which no answer began.
fn failure(error: reqwest::Error, redactor: &Redactor) -> ModelError {
    let error = error.without_url();
    let text = reason(&error, redactor);
    if error.is_connect() && error.is_timeout() {
        ModelError::Timeout(Phase::Connect)
    } else if error.is_connect() {
        ModelError::Unreachable(text)
    } else if error.is_builder() {
        ModelError::Config(text)
    } else {
        ModelError::Interrupted(text)
    }
}

/// Returns the innermost reason: the outer ones say only that a request failed.
fn reason(error: &reqwest::Error, redactor: &Redactor) -> String {
    let mut reason = error.to_string();
    let mut inner = error.source();
    while let Some(next) = inner {
        reason = next.to_string();
        inner = next.source();
    }
    redactor.clean(&reason)
}

/// Returns the moment after a wait; far away if the wait is too long to be added.
fn after(wait: Duration) -> Instant {
    const FAR: Duration = Duration::from_hours(24 * 365);
    let now = Instant::now();
    now.checked_add(wait)
        .or_else(|| now.checked_add(FAR))
        .unwrap_or(now)
}
