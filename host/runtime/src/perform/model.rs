//! Asks a language model: the permitted request, with its contents filled in.

use std::sync::Arc;

use lazaret_models::{
    Arguments, Block, Effort, Message, ModelError, Piece, Prices, Request, Response, Role, Tool,
    ToolCall, ToolResult, tokens,
};
use lazaret_policy::compiled::Target;
use lazaret_workflow::event::{Elsewhere, Usage};
use serde_json::{Value, json};

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::models::Patience;
use crate::payload::Payload;
use crate::run::Run;
use crate::words;

pub(super) async fn ask(
    caller: &Caller,
    target: &Target,
    inputs: &[(String, Payload)],
    patience: Patience,
) -> Result<Output, Failure> {
    let run = caller.run();
    let provider = &target.provider;
    let Some(connection) = run.models.get(provider) else {
        return Err(format!("there is no provider `{provider}`").into());
    };
    let written = input(inputs, "request")?.to_value();
    let id = id(target, &written);
    let mut request = request(&id, &written)?;
    if let Some(most) = caller.most_tokens() {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        request.max_output_tokens = Some(request.max_output_tokens.unwrap_or(most).min(most));
    }
    let seed = caller.derive("model", 0);
    let watch = caller.watch();
    let response = connection.ask(&request, watch, patience, seed).await;
    let response = response.map_err(|error| failure(&error))?;
    let usage = Usage {
        input_tokens: response.usage.prompt(),
        output_tokens: response.usage.output,
        cost_micros: connection.prices.cost(&id, &response.usage).unwrap_or(0),
    };
    run.tally().use_up_in(caller.step(), usage);
    Ok(Output {
        usage: Some(usage),
        ..Output::plain(Payload::json(answer(&response)))
    })
}

fn id(target: &Target, written: &Value) -> String {
    match &target.model {
        Some(model) => model.clone(),
        None => text(written, "model"),
    }
}

/// What an answer to one request may cost.
#[derive(Debug)]
pub(crate) struct Price {
    prices: Option<Arc<Prices>>,
    id: String,
    prompt: u64,
    asked: Option<u64>,
}

/// The tokens of a prompt are guessed, a fifth too low at worst for words; code and numbers
/// have more.
const PROMPT_FACTOR: u64 = 2;

/// Returns what an answer may cost. The failure is that of a model whose price is not known; a
/// server on this machine costs nothing.
pub(crate) fn price(
    run: &Run,
    target: &Target,
    inputs: &[(String, Payload)],
) -> Result<Price, Failure> {
    let written = input(inputs, "request")?.to_value();
    let id = id(target, &written);
    let mut price = Price::free(inputs);
    let connection = run.models.get(&target.provider);
    let prices = connection.map(|connection| &connection.prices);
    match prices.filter(|prices| prices.price(&id).is_some()) {
        Some(prices) => {
            let guess = tokens::of_request(&request(&id, &written)?);
            price.prompt = guess.saturating_mul(PROMPT_FACTOR);
            price.prices = Some(Arc::clone(prices));
        }
        None if is_here(run, target) => {}
        None => return Err(words::no_price(&id).into()),
    }
    price.id = id;
    Ok(price)
}

impl Price {
    /// The price of a model that costs nothing.
    pub(crate) fn free(inputs: &[(String, Payload)]) -> Self {
        let written = input(inputs, "request").map(Payload::to_value);
        let asked = written.ok().and_then(|written| {
            let most = written.get("max_output_tokens");
            most.and_then(Value::as_u64)
        });
        Self {
            prices: None,
            id: String::new(),
            prompt: 0,
            asked,
        }
    }

    /// Returns the most tokens that the request itself asks for.
    pub(crate) fn asked_tokens(&self) -> Option<u64> {
        self.asked
    }

    /// Returns what an answer of so many tokens may cost, in millionths of a US dollar.
    pub(crate) fn of(&self, tokens: u64) -> u64 {
        let usage = lazaret_models::Usage {
            input: self.prompt,
            output: tokens,
            ..lazaret_models::Usage::default()
        };
        let prices = self.prices.as_ref();
        prices
            .and_then(|prices| prices.cost(&self.id, &usage))
            .unwrap_or(0)
    }
}

/// Whether a model's server is on this machine.
fn is_here(run: &Run, target: &Target) -> bool {
    let provider = run.compiled.providers.get(&target.provider);
    let address = provider.and_then(|provider| provider.base_url.as_deref());
    let address = address.and_then(|address| url::Url::parse(address).ok());
    address.is_some_and(|address| match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

fn failure(error: &ModelError) -> Failure {
    let elsewhere = if error.is_overload() {
        Elsewhere::NoRoom
    } else if error.may_fall_back() {
        Elsewhere::Perhaps
    } else {
        Elsewhere::No
    };
    Failure {
        message: format!("{}: {error}", error.code()),
        elsewhere,
        label: None,
    }
}

/// Reads the request that `call/doors.rs` composed.
fn request(model: &str, value: &Value) -> Result<Request, String> {
    let mut request = Request {
        model: model.to_owned(),
        schema: value
            .get("schema")
            .filter(|schema| !schema.is_null())
            .cloned(),
        effort: value.get("effort").and_then(Value::as_str).and_then(effort),
        max_output_tokens: value
            .get("max_output_tokens")
            .and_then(Value::as_u64)
            .and_then(|tokens| u32::try_from(tokens).ok()),
        cache: true,
        ..Request::default()
    };
    for tool in items(value, "tools") {
        request.tools.push(Tool {
            name: text(tool, "name"),
            description: text(tool, "description"),
            schema: tool.get("schema").cloned().unwrap_or_default(),
        });
    }
    for message in items(value, "messages") {
        let blocks = items(message, "blocks");
        match text(message, "role").as_str() {
            "system" => {
                let said: Vec<String> = blocks.iter().map(|block| text(block, "text")).collect();
                request
                    .system
                    .get_or_insert_default()
                    .push_str(&said.join("\n"));
            }
            role => request.messages.push(Message {
                role: speaker(role)?,
                blocks: blocks.iter().map(block).collect(),
            }),
        }
    }
    Ok(request)
}

fn speaker(role: &str) -> Result<Role, String> {
    match role {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "tool" => Ok(Role::Tool),
        other => Err(format!("there is no role `{other}`")),
    }
}

fn block(value: &Value) -> Block {
    match text(value, "type").as_str() {
        "tool_use" => Block::ToolUse(ToolCall {
            id: text(value, "id"),
            name: text(value, "name"),
            arguments: Arguments::Json(value.get("arguments").cloned().unwrap_or_default()),
            signature: None,
        }),
        "tool_result" => Block::ToolResult(ToolResult {
            id: text(value, "id"),
            content: vec![Piece::Text(text(value, "text"))],
            is_error: value.get("is_error") == Some(&Value::Bool(true)),
        }),
        _ => Block::Text(text(value, "text")),
    }
}

fn effort(word: &str) -> Option<Effort> {
    Some(match word {
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" => Effort::XHigh,
        "max" => Effort::Max,
        _ => return None,
    })
}

/// The answer as `wit/model.wit` documents it.
fn answer(response: &Response) -> Value {
    let calls = response.tool_calls.iter().map(|call| {
        let (arguments, malformed) = match &call.arguments {
            Arguments::Json(value) => (value.clone(), Value::Null),
            Arguments::Malformed(text) => (Value::Null, Value::String(text.clone())),
        };
        json!({"id": call.id, "name": call.name, "arguments": arguments, "malformed": malformed})
    });
    json!({
        "text": response.text,
        "tool_calls": calls.collect::<Vec<_>>(),
        "stop": response.stop.name(),
        "usage": {"input": response.usage.prompt(), "output": response.usage.output},
    })
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A content may be any JSON; a model reads it as text.
fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}
