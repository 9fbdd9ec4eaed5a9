//! Asks a language model: the permitted request, with its contents filled in.

use std::sync::Mutex;

use lazaret_models::{Arguments, Block, ModelError, Progress, Response, ToolCall, tokens};
use lazaret_policy::compiled::Target;
use lazaret_workflow::event::{Elsewhere, Usage};
use serde_json::{Value, json};

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::models::{Connection, Patience, Tariff};
use crate::payload::Payload;
use crate::progress;
use crate::run::{Run, locked};
use crate::words;

mod reasoning;
mod request;

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
    let mut request = request::read(&id, &written)?;
    if let Some(most) = caller.most_tokens() {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        request.max_output_tokens = Some(request.max_output_tokens.unwrap_or(most).min(most));
    }
    let bill = Bill::new(connection, &id);
    let told = |progress: Progress| match progress {
        Progress::AttemptFailed { spent, .. } => bill.add(&spent),
        Progress::Tokens(written) => run.tell(&progress::Progress::Wrote {
            step: caller.step(),
            tokens: written,
        }),
        Progress::Started { .. }
        | Progress::Text(_)
        | Progress::Reasoning(_)
        | Progress::Tool(_) => {}
    };
    let (seed, watch) = (caller.derive("model", 0), caller.watch());
    let response = connection.ask(&request, watch, patience, seed, &told).await;
    if let Ok(response) = &response {
        bill.add(&response.usage);
    }
    let usage = bill.sum();
    run.tally().use_up_in(caller.step(), usage);
    if bill.lacks_price() {
        run.tally().unpriced.insert(format!("{provider}/{id}"));
    }
    match response {
        Ok(response) => Ok(Output {
            usage: Some(usage),
            ..Output::plain(Payload::json(answer(&response)))
        }),
        Err(error) => Err(Failure {
            usage: Some(usage),
            ..failure(&error)
        }),
    }
}

/// What one effect uses up: its answer, and the attempts that gave none.
struct Bill<'a> {
    connection: &'a Connection,
    model: &'a str,
    sum: Mutex<(Usage, bool)>,
}

impl<'a> Bill<'a> {
    fn new(connection: &'a Connection, model: &'a str) -> Self {
        Self {
            connection,
            model,
            sum: Mutex::default(),
        }
    }

    fn add(&self, used: &lazaret_models::Usage) {
        let cost = self.connection.tariff.cost(self.model, used);
        let mut sum = locked(&self.sum);
        let (usage, lacks_price) = &mut *sum;
        usage.input_tokens = usage.input_tokens.saturating_add(used.prompt());
        usage.output_tokens = usage.output_tokens.saturating_add(used.output);
        usage.cost_micros = usage.cost_micros.saturating_add(cost.unwrap_or(0));
        *lacks_price |= cost.is_none() && *used != lazaret_models::Usage::default();
    }

    fn sum(&self) -> Usage {
        locked(&self.sum).0
    }

    fn lacks_price(&self) -> bool {
        locked(&self.sum).1
    }
}

fn id(target: &Target, written: &Value) -> String {
    match &target.model {
        Some(model) => model.clone(),
        None => request::text(written, "model"),
    }
}

/// What an answer to one request may cost.
#[derive(Debug)]
pub(crate) struct Price {
    tariff: Option<Tariff>,
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
    let tariff = connection.map(|connection| &connection.tariff);
    match tariff.filter(|tariff| tariff.knows(&id)) {
        Some(tariff) => {
            let guess = tokens::of_request(&request::read(&id, &written)?);
            price.prompt = guess.saturating_mul(PROMPT_FACTOR);
            price.tariff = Some(tariff.clone());
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
            tariff: None,
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
        let tariff = self.tariff.as_ref();
        tariff
            .and_then(|tariff| tariff.cost(&self.id, &usage))
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
    let hint = error.hint();
    let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
    Failure {
        message: format!("{}: {error}{hint}", error.code()),
        elsewhere,
        label: None,
        usage: None,
    }
}

/// The answer as `wit/model.wit` documents it.
fn answer(response: &Response) -> Value {
    let calls: Vec<Value> = response.tool_calls.iter().map(call).collect();
    let thoughts = response.blocks.iter().filter_map(|block| match block {
        Block::Reasoning(thought) => Some(reasoning::write(thought)),
        Block::Text(_) | Block::Image(_) | Block::ToolUse(_) | Block::ToolResult(_) => None,
    });
    let signatures = response.tool_calls.iter().filter_map(reasoning::of_call);
    json!({
        "text": response.text,
        "reasoning": thoughts.chain(signatures).collect::<Vec<_>>(),
        "tool_calls": calls,
        "stop": response.stop.name(),
        "usage": {"input": response.usage.prompt(), "output": response.usage.output},
    })
}

fn call(call: &ToolCall) -> Value {
    let (arguments, malformed) = match &call.arguments {
        Arguments::Json(value) => (value.clone(), Value::Null),
        Arguments::Malformed(text) => (Value::Null, Value::String(text.clone())),
    };
    json!({
        "id": call.id, "name": call.name, "arguments": arguments, "malformed": malformed,
    })
}
