//! MCP servers: started or connected to for a run, asked what they offer, called, and ended.
//!
//! What a server says is its content. Its descriptions are shown to nobody before a person
//! has pinned them by digest; its answers carry the label of the function that was called.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use lazaret_models::Tls;
use lazaret_policy::server::{self, Reached};
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, JsonObject};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};

use self::process::Process;
use crate::models::Keys;
use crate::run::locked;
use crate::secrets::Vault;

mod offer;
mod process;
mod start;

pub use offer::{Offer, OfferedTool};
pub(crate) use start::start_all;
pub use start::{inspect, pin_path, pinned_text};

/// The longest that a server may take to start, to greet and to say what it offers. `npx`
/// fetches a package in this time.
const START: Duration = Duration::from_mins(2);

/// The most bytes of one message of a server.
pub(crate) const MAX_MESSAGE_BYTES: usize = 8 << 20;

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    service: RunningService<RoleClient, ()>,
    process: Mutex<Option<Process>>,
    timeout: Duration,
    offer: Offer,
}

/// What a server is started with.
pub(crate) struct Surroundings<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) keys: &'a Keys,
    pub(crate) directory: &'a Path,
}

impl Server {
    /// Starts or reaches a server and asks what it offers.
    pub(crate) async fn start(
        rule: &server::Server,
        around: &Surroundings<'_>,
    ) -> Result<Self, String> {
        let timeout = Duration::from_millis(rule.timeout_ms);
        let (service, process) = match &rule.reached {
            Reached::Process(program) => {
                let (mut process, transport) = Process::start(program, around)?;
                let greeted = tokio::time::timeout(START, ().serve(transport)).await;
                match greeted {
                    Ok(Ok(service)) => (service, Some(process)),
                    Ok(Err(error)) => {
                        let said = process.end_and_tell().await;
                        let said = around.vault.redact(&said).into_owned();
                        return Err(format!("the server did not greet: {error}{said}"));
                    }
                    Err(_elapsed) => return Err(late()),
                }
            }
            Reached::Address { url, headers } => {
                let transport = http(url, headers, around.vault)?;
                let greeted = tokio::time::timeout(START, ().serve(transport)).await;
                let service = greeted.map_err(|_elapsed| late())?;
                let service =
                    service.map_err(|error| format!("the server did not greet: {error}"))?;
                (service, None)
            }
        };
        let told = tokio::time::timeout(START, service.list_all_tools()).await;
        let told = told
            .map_err(|_elapsed| late())?
            .map_err(|error| format!("the server did not say what it offers: {error}"))?;
        Ok(Self {
            offer: Offer::of(&told, around.vault)?,
            service,
            process: Mutex::new(process),
            timeout,
        })
    }

    /// Returns what the server says it can do.
    pub(crate) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Calls a function. The error is what the server said of its failure, or why it said nothing.
    pub(crate) async fn call(
        &self,
        function: &str,
        arguments: JsonObject,
    ) -> Result<Value, String> {
        let request = CallToolRequestParams::new(function.to_owned()).with_arguments(arguments);
        let called = tokio::time::timeout(self.timeout, self.service.call_tool(request)).await;
        let limit = self.timeout.as_millis();
        let result = called
            .map_err(|_elapsed| {
                format!("the server did not answer within `timeout_ms` of {limit}")
            })?
            .map_err(|error| sentence(&error))?;
        let failed = result.is_error == Some(true);
        let value = describe(result);
        if failed {
            let text = value
                .get("text")
                .and_then(Value::as_str)
                .unwrap_or_default();
            return Err(format!("the server failed: {text}"));
        }
        Ok(value)
    }

    /// Ends the connection and, where there is one, the whole group of processes.
    pub(crate) async fn end(&self) {
        self.service.cancellation_token().cancel();
        let process = locked(&self.process).take();
        if let Some(mut process) = process {
            process.end().await;
        }
    }
}

fn late() -> String {
    format!("the server did not start within {} s", START.as_secs())
}

fn http(
    url: &str,
    headers: &[(String, lazaret_policy::secret::Template)],
    vault: &Vault,
) -> Result<StreamableHttpClientTransport<reqwest::Client>, String> {
    let mut custom = HashMap::new();
    for (name, template) in headers {
        let value = HeaderValue::try_from(vault.fill(template)?.as_str()).ok();
        let name_and_value = HeaderName::try_from(name.as_str()).ok().zip(value);
        let (name, mut value) =
            name_and_value.ok_or_else(|| format!("the header `{name}` cannot be sent"))?;
        value.set_sensitive(true);
        custom.insert(name, value);
    }
    let tls = Tls::new(url.starts_with("https:")).map_err(|error| error.to_string())?;
    let client = tls
        .client()
        .build()
        .map_err(|error| error.without_url().to_string())?;
    let config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(custom)
        .max_sse_event_size(MAX_MESSAGE_BYTES)
        .max_json_response_size(MAX_MESSAGE_BYTES);
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

fn sentence(error: &ServiceError) -> String {
    match error {
        ServiceError::McpError(error) => format!("the server refused: {}", error.message),
        ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
            "the server has ended".to_owned()
        }
        other => format!("the server gave no answer: {other}"),
    }
}

/// Puts a result into the form that `docs/mcp.md` documents.
fn describe(result: CallToolResult) -> Value {
    let mut texts = Vec::new();
    let mut others = Vec::new();
    for block in result.content {
        match block {
            ContentBlock::Text(text) => texts.push(text.text),
            other => others.push(serde_json::to_value(other).unwrap_or_default()),
        }
    }
    json!({
        "text": texts.join("\n"),
        "structured": result.structured_content,
        "others": others,
    })
}
