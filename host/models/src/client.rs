//! How a model is asked: attempts, waits, progress, cancellation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::error::{ModelError, Phase};
use crate::limits::Limits;
use crate::provider::{Framing, Mode, Provider};
use crate::redact::Redactor;
use crate::request::Request;
use crate::response::{Response, Usage};
use crate::retry::RetryPolicy;
use crate::transport::{self, Watch};
use crate::wire::answer::{Answer, News};
use crate::wire::event_stream::EventStream;
use crate::wire::sse::Sse;
use crate::wire::{self, Frame, classify};
use crate::{models, tokens};

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whom to ask.
    pub provider: Provider,
    /// How long and how much.
    pub limits: Limits,
    /// How often.
    pub retry: RetryPolicy,
    /// Whether to ask for streams. Without them there is no progress, and a cut or stalled answer
    /// is noticed late; it is for servers that cannot stream.
    pub streaming: bool,
    /// Whether a key may go over plain HTTP to another machine.
    pub allow_plain_http: bool,
}

/// Asks one provider's models. Clones share connections.
#[derive(Debug, Clone)]
pub struct ModelClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    http: reqwest::Client,
}

/// What belongs to one call rather than to the client.
#[derive(Clone, Copy, Default)]
pub struct Call<'a> {
    /// Is told what happens, in order; it must not block.
    pub progress: Option<&'a (dyn Fn(Progress) + Send + Sync)>,
    /// When to give up, over all attempts.
    pub deadline: Option<Instant>,
    /// Ends the call at once, and the connection with it. Dropping the future does the same.
    pub cancel: Option<&'a CancellationToken>,
    /// What the jitter of waits follows from; calls that start together need different ones.
    pub seed: u64,
}

/// What happens while a model is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// An attempt starts; the first is 1.
    Started {
        /// Its number.
        attempt: u32,
    },
    /// A piece of the answer's text. A later attempt starts the text anew.
    Text(String),
    /// A piece of reasoning, as far as the provider shows it.
    Reasoning(String),
    /// The model begins to write a call of this tool.
    Tool(String),
    /// So many tokens are written in this attempt, as counted or guessed.
    Tokens(u64),
    /// An attempt failed. Its tokens are spent all the same.
    AttemptFailed {
        /// Its number.
        attempt: u32,
        /// The error's code.
        code: &'static str,
        /// What it is believed to have cost.
        spent: Usage,
        /// When it is asked again, if it is.
        retry_in: Option<Duration>,
    },
}

impl Config {
    /// Makes a configuration with the usual limits.
    pub fn new(provider: impl Into<Provider>) -> Self {
        Self {
            provider: provider.into(),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
            streaming: true,
            allow_plain_http: false,
        }
    }
}

impl ModelClient {
    /// Makes a client; nothing is sent yet.
    pub fn new(config: Config) -> Result<Self, ModelError> {
        let speak = config.provider.speak();
        let endpoint = speak.endpoint();
        let has_key = speak.secrets().iter().any(|key| !key.is_empty());
        if has_key && endpoint.is_open_to_others() && !config.allow_plain_http {
            let origin = endpoint.origin();
            let text =
                format!("a key would go over plain http to `{origin}`, where others can read it");
            return Err(ModelError::Config(text));
        }
        let http = transport::client(endpoint.is_https(), config.limits.connect)?;
        Ok(Self(Arc::new(Inner { config, http })))
    }

    /// Asks a model, again if need be.
    pub async fn ask(&self, request: &Request, call: Call<'_>) -> Result<Response, ModelError> {
        request.check()?;
        let prompt = tokens::of_request(request);
        let (mut attempt, mut learned) = (1, false);
        loop {
            call.report(|| Progress::Started { attempt });
            let error = match self.attempt(request, prompt, &call).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            if !learned && self.provider().speak().learn(request, &error.0) {
                learned = true;
                continue;
            }
            let retry_in = self.wait_before(attempt, &error.0, &call);
            call.report(|| Progress::AttemptFailed {
                attempt,
                code: error.0.code(),
                spent: error.1,
                retry_in,
            });
            let Some(wait) = retry_in else {
                return Err(error.0);
            };
            call.or_cancelled(sleep(wait)).await?;
            attempt += 1;
        }
    }

    /// Returns the ids of the provider's models, and so finds out whether it answers and takes
    /// the key. Nothing is charged for it.
    pub async fn ping(&self, call: Call<'_>) -> Result<Vec<String>, ModelError> {
        let Inner { config, http } = &*self.0;
        let speak = config.provider.speak();
        let redactor = Redactor::new(speak.secrets());
        let request = speak.list()?;
        call.or_cancelled(models::list(
            http,
            request,
            &config.limits,
            call.deadline,
            &redactor,
        ))
        .await?
    }

    /// Returns the provider.
    pub fn provider(&self) -> &Provider {
        &self.0.config.provider
    }

    /// Returns how long to wait before the next attempt, if the deadline leaves room for one.
    fn wait_before(&self, attempt: u32, error: &ModelError, call: &Call<'_>) -> Option<Duration> {
        let wait = self.0.config.retry.wait(attempt, error, call.seed)?;
        let next = Instant::now().checked_add(wait)?;
        call.deadline
            .is_none_or(|deadline| next < deadline)
            .then_some(wait)
    }

    /// Asks once. An error comes with what the attempt is believed to have cost.
    async fn attempt(
        &self,
        request: &Request,
        prompt: u64,
        call: &Call<'_>,
    ) -> Result<Response, (ModelError, Usage)> {
        let config = &self.0.config;
        let redactor = Redactor::new(config.provider.speak().secrets());
        let mut answer = Answer::new(config.limits, redactor.clone());
        let exchange = self.exchange(request, call, &redactor, &mut answer);
        let result = call.or_cancelled(exchange).await.flatten();
        let spent = answer.spent(prompt);
        let whole = result.and_then(|()| answer.finish(&request.model, prompt));
        whole.map_err(|error| (error, spent))
    }

    /// Sends the request and reads what comes into `answer`.
    async fn exchange(
        &self,
        request: &Request,
        call: &Call<'_>,
        redactor: &Redactor,
        answer: &mut Answer,
    ) -> Result<(), ModelError> {
        let Inner { config, http } = &*self.0;
        let (limits, speak) = (&config.limits, config.provider.speak());
        let mode = if config.streaming {
            Mode::Stream
        } else {
            Mode::Whole
        };
        let outgoing = speak.write(request, mode)?;
        if outgoing.body.len() > limits.request_bytes {
            return Err(ModelError::TooLong(format!(
                "more than {} bytes",
                limits.request_bytes
            )));
        }
        let watch = Watch::new(limits.attempt, call.deadline);
        let mut response =
            transport::send(http, outgoing, &watch, limits.first_byte, redactor).await?;
        let status = response.status();
        if !status.is_success() {
            let body = read_refusal(&mut response, limits, &watch, redactor).await;
            return Err(classify::refusal(
                status.as_u16(),
                response.headers(),
                &body,
                redactor,
            ));
        }
        if mode == Mode::Whole || is_json(&response) {
            // A whole answer is silent until it is done, so that the wait for its start counts.
            let (limit, idle) = (limits.wire_bytes, limits.first_byte);
            let body = transport::read_all(&mut response, limit, &watch, idle, redactor).await?;
            speak.whole(&wire::json(&body)?, answer, redactor)?;
            call.tell(answer);
            return Ok(());
        }
        self.stream(response, &watch, call, redactor, answer).await
    }

    async fn stream(
        &self,
        mut response: reqwest::Response,
        watch: &Watch,
        call: &Call<'_>,
        redactor: &Redactor,
        answer: &mut Answer,
    ) -> Result<(), ModelError> {
        let config = &self.0.config;
        let (limits, speak) = (&config.limits, config.provider.speak());
        let mut cutter = Cutter::new(speak.framing(), limits.event_bytes);
        let mut bytes = 0_usize;
        while let Some(chunk) =
            transport::read_some(&mut response, watch, limits.idle, redactor).await?
        {
            bytes = bytes.saturating_add(chunk.len());
            if bytes > limits.wire_bytes {
                let limit = limits.wire_bytes;
                return Err(ModelError::TooLarge {
                    what: "bytes on the wire",
                    limit,
                });
            }
            for frame in cutter.push(&chunk)? {
                if speak.read(&frame, answer, redactor)? {
                    call.tell(answer);
                    return Ok(());
                }
            }
            call.tell(answer);
        }
        let cut = || ModelError::Interrupted("the stream ended before the answer did".to_owned());
        let done = match cutter.finish() {
            // What is left at the end may be half an event.
            Some(frame) => speak
                .read(&frame, answer, redactor)
                .map_err(|error| match error {
                    ModelError::Malformed(_) => cut(),
                    error => error,
                })?,
            None => false,
        };
        call.tell(answer);
        if done || (speak.may_end_silently() && answer.has_stop() && cutter.is_whole()) {
            return Ok(());
        }
        Err(cut())
    }
}

/// Cuts a stream into events, in either framing.
enum Cutter {
    Sse(Sse),
    EventStream(EventStream),
}

impl Cutter {
    const fn new(framing: Framing, max_event: usize) -> Self {
        match framing {
            Framing::Sse => Self::Sse(Sse::new(max_event)),
            Framing::EventStream => Self::EventStream(EventStream::new(max_event)),
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, ModelError> {
        match self {
            Self::Sse(sse) => sse.push(bytes),
            Self::EventStream(stream) => stream.push(bytes),
        }
    }

    fn finish(&mut self) -> Option<Frame> {
        match self {
            Self::Sse(sse) => sse.finish(),
            Self::EventStream(_) => None,
        }
    }

    const fn is_whole(&self) -> bool {
        match self {
            Self::Sse(_) => true,
            Self::EventStream(stream) => stream.is_whole(),
        }
    }
}

impl Call<'_> {
    fn report(&self, progress: impl FnOnce() -> Progress) {
        if let Some(report) = self.progress {
            report(progress());
        }
    }

    /// Reports what has come into the answer.
    fn tell(&self, answer: &mut Answer) {
        let news = answer.take_news();
        let Some(report) = self.progress.filter(|_| !news.is_empty()) else {
            return;
        };
        for piece in news {
            report(match piece {
                News::Text(text) => Progress::Text(text),
                News::Reasoning(text) => Progress::Reasoning(text),
                News::Tool(name) => Progress::Tool(name),
            });
        }
        report(Progress::Tokens(answer.spent(0).output));
    }

    async fn or_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, ModelError> {
        let Some(cancel) = self.cancel else {
            return Ok(work.await);
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(ModelError::Cancelled),
            done = work => Ok(done),
        }
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("deadline", &self.deadline)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Reads as much of a refusal as is useful. That it cannot be read is no news.
async fn read_refusal(
    response: &mut reqwest::Response,
    limits: &Limits,
    watch: &Watch,
    redactor: &Redactor,
) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while body.len() < limits.error_bytes
            && let Ok(Some(chunk)) =
                transport::read_some(response, watch, limits.idle, redactor).await
        {
            body.extend_from_slice(&chunk);
        }
    };
    // A refusal that trickles must not hold up the retry for as long as an answer may.
    let read = watch.within(limits.idle, Phase::Idle, reading).await;
    drop(read);
    body.truncate(limits.error_bytes);
    body
}

fn is_json(response: &reqwest::Response) -> bool {
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().starts_with("application/json"))
}
