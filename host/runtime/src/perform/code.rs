//! Runs code that somebody wrote, in a fresh instance of the script engine with nothing but its
//! input: it holds no grant, and may ask the host for nothing.

use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::tables::Grants;
use serde_json::json;

use super::{Output, input, tool};
use crate::bindings::types::Task;
use crate::call::Caller;
use crate::instance;
use crate::payload::Payload;
use crate::plugin::Linked;
use crate::scripts::STACK;

/// What the engine wants to see first.
const META: &str = "export const meta = { name: 'code', description: 'code of an agent' }\n";

pub(super) async fn run(
    caller: &Caller,
    permit: &EffectPermit,
    inputs: &[(String, Payload)],
) -> Result<Output, String> {
    let run = caller.run();
    let rule = run
        .compiled
        .code
        .as_ref()
        .ok_or("the policy has no `[code]`")?;
    let plugin = run
        .plugins
        .get(&rule.plugin)
        .ok_or("the engine is not loaded")?;
    let linked = plugin.linked().map_err(|error| error.to_string())?;
    let Linked::Orchestrator(linked) = linked else {
        return Err("the engine is no orchestrator".to_owned());
    };
    let task = task(caller, permit, inputs)?;
    let mark = caller.derive("code-instance", u64::from(permit.function().0));
    let instance = run
        .monitor()
        .start_tool(permit, Grants::NONE, mark)
        .map_err(|_denial| "the code could not be started".to_owned())?;
    let inner = caller.tool(instance);
    let ended = instance::within(&inner, &rule.limits, linked.engine(), async |mut store| {
        instance::refuel(store, &rule.limits)?;
        let guest = linked.instantiate_async(&mut store).await?;
        guest.call_start(&mut store, &task).await
    })
    .await;
    let output = ended
        .map_err(|stopped| format!("the code {}", stopped.sentence()))
        .and_then(|turn| {
            let finished = turn.finished;
            finished.ok_or_else(|| "code may ask for nothing: it has its input alone".to_owned())
        })
        .and_then(|answer| tool::to_output(&inner, answer));
    run.monitor().end(instance);
    output
}

/// What the engine is told: the code, its input, and that it may start nobody.
fn task(
    caller: &Caller,
    permit: &EffectPermit,
    inputs: &[(String, Payload)],
) -> Result<Task, String> {
    let mut source = input(inputs, "source")?.to_text();
    if !source.contains("export const meta") {
        source.insert_str(0, META);
    }
    let given = input(inputs, "input")
        .map(Payload::to_value)
        .unwrap_or_default();
    let text = json!({
        "file": "code.js",
        "source": source,
        "mode": "float",
        "limits": { "agents": 0, "stack": STACK },
        "budget": { "total": null },
        "seed": format!("{:016x}", caller.derive("code", u64::from(permit.function().0))),
        "args": given,
    });
    Ok(Task {
        text: text.to_string(),
        parts: Vec::new(),
        options: "{}".to_owned(),
    })
}
