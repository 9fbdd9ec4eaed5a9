//! How Amazon Bedrock's Converse is spoken.

mod body;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use crate::error::ModelError;
use crate::provider::{Endpoint, Framing, Mode, Speak};
use crate::redact::Redactor;
use crate::request::{Family, Request};
use crate::response::{Stop, Usage};
use crate::secret::{Secret, Slot};
use crate::wire::answer::Answer;
use crate::wire::sigv4::{self, AwsKeys};
use crate::wire::{Frame, Outgoing, classify, count, text};

/// The name under which requests are signed.
const SERVICE: &str = "bedrock";

/// Bedrock in a region.
#[derive(Debug, Clone)]
pub struct Bedrock {
    endpoint: Endpoint,
    /// Where models are listed: another host than the one that answers.
    control: Endpoint,
    region: String,
    auth: Auth,
}

/// Tells the time for signatures; this library reads no clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

#[derive(Debug, Clone)]
enum Auth {
    Bearer(Slot<Secret>),
    Signed { keys: Slot<AwsKeys>, clock: Clock },
}

impl Bedrock {
    /// Makes the provider for a region with an account's or a session's keys.
    pub fn new(
        region: &str,
        keys: impl Into<Slot<AwsKeys>>,
        clock: Clock,
    ) -> Result<Self, ModelError> {
        Self::make(
            region,
            Auth::Signed {
                keys: keys.into(),
                clock,
            },
        )
    }

    /// Makes the provider for a region with an API key of Bedrock's own.
    pub fn with_api_key(region: &str, key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        Self::make(region, Auth::Bearer(key.into()))
    }

    /// Moves the provider to another address.
    pub fn at(self, address: &str) -> Result<Self, ModelError> {
        let endpoint = Endpoint::parse(address)?;
        Ok(Self {
            control: endpoint.clone(),
            endpoint,
            ..self
        })
    }

    fn make(region: &str, auth: Auth) -> Result<Self, ModelError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if region.is_empty() || !region.chars().all(fits) {
            return Err(ModelError::Config(
                "the region at Amazon is not one".to_owned(),
            ));
        }
        let address =
            |host: &str| Endpoint::parse(&format!("https://{host}.{region}.amazonaws.com"));
        let (endpoint, control) = (address("bedrock-runtime")?, address("bedrock")?);
        Ok(Self {
            endpoint,
            control,
            region: region.to_owned(),
            auth,
        })
    }

    fn authorised(&self, request: Outgoing) -> Result<Outgoing, ModelError> {
        match &self.auth {
            Auth::Bearer(key) => request.key("authorization", "Bearer ", &key.get()),
            Auth::Signed { keys, clock } => {
                sigv4::sign(request, &keys.get(), &self.region, SERVICE, (clock.0)())
            }
        }
    }
}

impl Clock {
    /// Makes a clock of a function that returns the present time.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[clock]")
    }
}

impl From<AwsKeys> for Slot<AwsKeys> {
    fn from(keys: AwsKeys) -> Self {
        Self::new(keys)
    }
}

impl Speak for Bedrock {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        match &self.auth {
            Auth::Bearer(key) => vec![key.get()],
            Auth::Signed { keys, .. } => {
                let keys = keys.get();
                [keys.access_key, keys.secret_key]
                    .into_iter()
                    .chain(keys.session_token)
                    .collect()
            }
        }
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let method = match mode {
            Mode::Stream => "converse-stream",
            Mode::Whole => "converse",
        };
        let url = self.endpoint.join(&["model", &request.model, method])?;
        self.authorised(Outgoing::post(url, &body::write(request)))
    }

    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError> {
        let event = frame.json()?;
        if frame.exception {
            return Err(classify::in_stream(&frame.name, &event, redactor));
        }
        let key = count(&event, "/contentBlockIndex").unwrap_or_default();
        match frame.name.as_str() {
            "contentBlockStart" => {
                if let Some(call) = event.pointer("/start/toolUse") {
                    let id = text(call, "/toolUseId").unwrap_or_default();
                    answer.tool(Some(key), id, text(call, "/name").unwrap_or_default())?;
                }
            }
            "contentBlockDelta" => {
                if let Some(delta) = event.get("delta") {
                    read_delta(key, delta, answer)?;
                }
            }
            "messageStop" => {
                answer.stop(stop(text(&event, "/stopReason").unwrap_or_default())?);
            }
            // The counts come last, after the stop.
            "metadata" => {
                usage(event.get("usage"), answer);
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        _redactor: &Redactor,
    ) -> Result<(), ModelError> {
        let blocks = body
            .pointer("/output/message/content")
            .and_then(Value::as_array);
        for (key, block) in (0..).zip(blocks.into_iter().flatten()) {
            read_block(key, block, answer)?;
        }
        usage(body.get("usage"), answer);
        if let Some(reason) = text(body, "/stopReason") {
            answer.stop(stop(reason)?);
        }
        Ok(())
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        self.authorised(Outgoing::get(self.control.join(&["foundation-models"])?))
    }
}

fn read_delta(key: u64, delta: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    if let Some(words) = text(delta, "/text") {
        answer.text(words)?;
    }
    if let Some(piece) = text(delta, "/toolUse/input") {
        answer.arguments(Some(key), piece)?;
    }
    if let Some(reasoning) = delta.get("reasoningContent") {
        read_reasoning(key, reasoning, answer)?;
    }
    Ok(())
}

fn read_block(key: u64, block: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    if let Some(words) = text(block, "/text") {
        answer.text(words)?;
    }
    if let Some(call) = block.get("toolUse") {
        let id = text(call, "/toolUseId").unwrap_or_default();
        answer.tool(Some(key), id, text(call, "/name").unwrap_or_default())?;
        if let Some(input) = call.get("input") {
            answer.arguments(Some(key), &input.to_string())?;
        }
    }
    if let Some(reasoning) = block.get("reasoningContent") {
        read_reasoning(
            key,
            reasoning.get("reasoningText").unwrap_or(reasoning),
            answer,
        )?;
    }
    Ok(())
}

fn read_reasoning(key: u64, reasoning: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    if let Some(words) = text(reasoning, "/text") {
        answer.reasoning(key, Family::Bedrock, words)?;
    }
    if let Some(signature) = text(reasoning, "/signature") {
        answer.sign(key, Family::Bedrock, signature)?;
    }
    if let Some(data) = text(reasoning, "/redactedContent") {
        answer.hidden(key, Family::Bedrock, data)?;
    }
    Ok(())
}

fn usage(counts: Option<&Value>, answer: &mut Answer) {
    let Some(counts) = counts else { return };
    let of = |pointer| count(counts, pointer).unwrap_or_default();
    let usage = Usage {
        input: of("/inputTokens"),
        output: of("/outputTokens"),
        cache_read: of("/cacheReadInputTokens"),
        cache_write: of("/cacheWriteInputTokens"),
    };
    answer.usage(|all| *all = usage);
}

fn stop(reason: &str) -> Result<Stop, ModelError> {
    Ok(match reason {
        "end_turn" | "stop_sequence" => Stop::EndTurn,
        "tool_use" => Stop::ToolUse,
        "max_tokens" | "model_context_window_exceeded" => Stop::MaxTokens,
        "guardrail_intervened" | "content_filtered" => Stop::Refusal,
        "malformed_model_output" | "malformed_tool_use" => {
            return Err(ModelError::Malformed(
                "the model wrote a call that cannot be read".to_owned(),
            ));
        }
        other => Stop::Other(other.chars().take(64).collect()),
    })
}
