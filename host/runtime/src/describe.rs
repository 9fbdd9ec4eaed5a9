//! Asks each tool what functions it has, in an instance that holds nothing and may do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::Grants;
use lazaret_policy::compiled::{Compiled, FunctionKind, WorktreeAct};
use serde_json::{Map, Value, json};

use crate::bindings::types::ToolDescription;
use crate::call::Caller;
use crate::error::HostError;
use crate::instance;
use crate::plugin::Linked;
use crate::run::Run;

/// The most functions of one tool.
const MAX_FUNCTIONS: usize = 256;

/// Returns what the tools say of the functions that the policy names, by full name.
pub(crate) async fn all(run: &Arc<Run>) -> Result<BTreeMap<String, ToolDescription>, HostError> {
    let mut descriptions = BTreeMap::new();
    for (name, tool) in &run.compiled.tools {
        let Some(plugin) = run.plugins.get(&tool.plugin) else {
            continue;
        };
        let room = plugin.room()?;
        let Linked::Tool(linked) = room.linked() else {
            return Err(HostError::plugin(plugin.name(), "the plugin is no tool"));
        };
        let mark = run.derive(name, 0, 0);
        let nobody = run
            .monitor()
            .start_root(Label::BOTTOM, Label::BOTTOM, Grants::NONE, mark);
        let caller = Caller::new(Arc::clone(run), nobody, 0);
        let told = instance::within(&caller, &tool.limits, linked.engine(), async |mut store| {
            let bindings = linked.instantiate_async(&mut store).await?;
            bindings.call_available(&mut store).await
        })
        .await;
        run.monitor().end(nobody);
        let told = told.map_err(|stopped| HostError::plugin(plugin.name(), stopped.sentence()))?;
        for description in told.into_iter().take(MAX_FUNCTIONS) {
            let function = format!("{name}.{}", description.function);
            if run.compiled.function_id(&function).is_some() {
                let named = ToolDescription {
                    function: function.clone(),
                    ..description
                };
                descriptions.insert(function, named);
            }
        }
    }
    descriptions.extend(servers(run).map(|told| (told.function.clone(), told)));
    Ok(descriptions)
}

/// What the pinned servers say of their functions. Of one that nobody has pinned only the
/// policy's own words are told.
fn servers(run: &Run) -> impl Iterator<Item = ToolDescription> {
    run.compiled.functions.iter().filter_map(move |declared| {
        let FunctionKind::Mcp { server, function } = &declared.kind else {
            return None;
        };
        let pinned = run.compiled.servers.get(server)?.pin.is_some();
        let offer = run.servers.get(server)?.offer();
        let offered = offer.tools().iter().find(|tool| tool.name == *function);
        let (description, schema) = match offered.filter(|_| pinned) {
            Some(tool) => (tool.description.clone(), tool.schema.clone()),
            None => (String::new(), any_of(&declared.arguments)),
        };
        Some(ToolDescription {
            function: declared.name.clone(),
            description,
            schema: schema.to_string(),
        })
    })
}

/// The schema of an object with these fields, of which nothing else is known.
fn any_of(names: &[String]) -> Value {
    let fields: Map<String, Value> = names.iter().map(|name| (name.clone(), json!({}))).collect();
    json!({ "type": "object", "properties": fields })
}

/// The schema of a command's arguments.
const COMMAND: &str = r#"{"type":"object","properties":{"argv":{"type":"array","items":{"type":"string"},"description":"the program and its arguments, one word each"},"directory":{"type":"string","description":"where it starts, from the top of the project"}},"required":["argv"]}"#;

/// The schema of code and its input.
const CODE: &str = r#"{"type":"object","properties":{"source":{"type":"string"},"input":{}},"required":["source"]}"#;

/// The schema of what names a worktree.
const WORKTREE: &str = r#"{"type":"object","properties":{"worktree":{"type":"string","description":"its name, such as w3"}},"required":["worktree"]}"#;

/// Returns what the host says of its own functions that are called by name.
pub(crate) fn own(compiled: &Compiled) -> impl Iterator<Item = ToolDescription> {
    compiled.functions.iter().filter_map(|function| {
        let (description, schema) = match &function.kind {
            FunctionKind::WebFetch { site, method } => {
                let method = method.name();
                let body = if function.arguments.iter().any(|name| name == "body") {
                    r#","body":{}"#
                } else {
                    ""
                };
                let schema = format!(
                    r#"{{"type":"object","properties":{{"url":{{"type":"string"}},"headers":{{"type":"array","items":{{"type":"object","properties":{{"name":{{"type":"string"}},"value":{{"type":"string"}}}},"required":["name","value"]}}}}{body}}},"required":["url"]}}"#
                );
                (format!("Sends a `{method}` request to `{site}`, a site of the web."), schema)
            }
            FunctionKind::WebSearch => (
                "Searches the web.".to_owned(),
                r#"{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}"#.to_owned(),
            ),
            FunctionKind::Person => (
                "Asks the operator. `question` is your own text; contents go with it under names of \
                 your choice. Answers `approved`, `denied`, `expired` or `edited` with a text."
                    .to_owned(),
                r#"{"type":"object","properties":{"question":{"type":"string"}},"required":["question"]}"#.to_owned(),
            ),
            FunctionKind::Command { group } => {
                let group = compiled.commands.as_ref()?.group(group)?;
                let patterns: Vec<String> = group.run.iter().map(ToString::to_string).collect();
                let description = format!(
                    "Runs a program in the project, without a shell. `argv` is one of: {}; `*` is any more words.",
                    patterns.join(" | ")
                );
                (description, COMMAND.to_owned())
            }
            FunctionKind::Code => (
                "Runs JavaScript with nothing but `input`, which it sees as `args`: no files, no network, no clock. `source` is the body of an async function; what it returns is the answer.".to_owned(),
                CODE.to_owned(),
            ),
            FunctionKind::Worktree { act } => {
                let description = match act {
                    WorktreeAct::Patch => "Shows what an agent has changed in its worktree, as lines of a patch.",
                    WorktreeAct::Merge => "Takes over what an agent has changed in its worktree: all of it, or nothing where it conflicts.",
                };
                (description.to_owned(), WORKTREE.to_owned())
            }
            _ => return None,
        };
        Some(ToolDescription {
            function: function.name.clone(),
            description,
            schema,
        })
    })
}
