//! Calls a function of a tool that is a component: a fresh instance each time, which
//! starts at the join of the call's labels and may do only what the tool was granted.

use lazaret_kernel::instance::Handle;
use lazaret_kernel::monitor::EffectPermit;
use serde_json::{Map, Value};

use super::Output;
use crate::bindings::types;
use crate::call::Caller;
use crate::instance;
use crate::payload::Payload;
use crate::plugin::Linked;

pub(super) async fn call(
    caller: &Caller,
    permit: &EffectPermit,
    tool: &str,
    function: &str,
    inputs: Vec<(String, Payload)>,
) -> Result<Output, String> {
    let run = caller.run();
    let rule = run
        .compiled
        .tools
        .get(tool)
        .ok_or("the policy has no such tool")?;
    let plugin = run
        .plugins
        .get(&rule.plugin)
        .ok_or("the tool's plugin is not loaded")?;
    let arguments: Map<String, Value> = inputs
        .into_iter()
        .map(|(name, payload)| (name, payload.to_value()))
        .collect();
    let arguments = Value::Object(arguments).to_string();
    let turn = match run.tool_turns.get(tool) {
        // Whoever has the turn may be waiting for a person.
        Some(turn) => {
            let _pause = run.waiting().pause();
            Some(turn.lock().await)
        }
        None => None,
    };
    let room = plugin.room().map_err(|error| error.to_string())?;
    let Linked::Tool(linked) = room.linked() else {
        return Err("the tool's plugin is no tool".to_owned());
    };
    let mark = caller.derive("tool", u64::from(permit.function().0));
    let instance = run
        .monitor()
        .start_tool(permit, rule.grants, mark)
        .map_err(|_denial| "the tool could not be started".to_owned())?;
    let inner = caller.tool(instance);
    let ended = instance::within(&inner, &rule.limits, linked.engine(), async |mut store| {
        let bindings = linked.instantiate_async(&mut store).await?;
        bindings.call_call(&mut store, function, &arguments).await
    })
    .await;
    let output = ended
        .map_err(|stopped| format!("the tool {}", stopped.sentence()))
        .and_then(|answer| to_output(&inner, answer));
    run.monitor().end(instance);
    drop((room, turn));
    output
}

pub(super) fn to_output(
    tool: &Caller,
    answer: Result<types::Answer, types::Failure>,
) -> Result<Output, String> {
    let payload =
        match answer.map_err(|failure| failure.message)? {
            types::Answer::Text(text) => Payload::text(text),
            types::Answer::Json(json) => {
                let value = serde_json::from_str(&json);
                Payload::json(
                    value.map_err(|_malformed| "the tool answered malformed JSON".to_owned())?,
                )
            }
            types::Answer::Content(handle) => {
                let text = tool.read(Handle(handle));
                Payload::text(text.map_err(|_denied| {
                    "the tool answered a content that it may not read".to_owned()
                })?)
            }
        };
    Ok(Output::plain(payload))
}
