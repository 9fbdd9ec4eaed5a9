//! Asks a language model: the permitted request, with its contents filled in.

use std::sync::{Mutex, PoisonError};

use lazaret_models::{Arguments, Block, ModelError, Progress, Response, ToolCall};
use lazaret_policy::compiled::Target;
use lazaret_workflow::event::{Elsewhere, Usage};
use serde_json::{Value, json};

use super::{Failure, Output, input};
use crate::call::Caller;
use crate::models::{Connection, Patience};
use crate::payload::Payload;
use crate::progress;

mod reasoning;
mod request;

pub(super) async fn ask(
    caller: &Caller,
    target: &Target,
    inputs: &[(String, Payload)],
    patience: Patience,
) -> Result<Output, Failure> {
    let run = caller.run();
    if let Some(spent) = run.over_budget() {
        return Err(spent.into());
    }
    let provider = &target.provider;
    let Some(connection) = run.models.get(provider) else {
        return Err(format!("there is no provider `{provider}`").into());
    };
    let written = input(inputs, "request")?.to_value();
    let id = match &target.model {
        Some(model) => model.clone(),
        None => request::text(&written, "model"),
    };
    let request = request::read(&id, &written)?;
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
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        let (usage, lacks_price) = &mut *sum;
        usage.input_tokens = usage.input_tokens.saturating_add(used.prompt());
        usage.output_tokens = usage.output_tokens.saturating_add(used.output);
        usage.cost_micros = usage.cost_micros.saturating_add(cost.unwrap_or(0));
        *lacks_price |= cost.is_none() && *used != lazaret_models::Usage::default();
    }

    fn sum(&self) -> Usage {
        self.sum.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn lacks_price(&self) -> bool {
        self.sum.lock().unwrap_or_else(PoisonError::into_inner).1
    }
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
