//! Asks each tool what functions it has, in an instance that holds nothing and may do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::Grants;
use lazaret_policy::compiled::{Compiled, FunctionKind};
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
        let Linked::Tool(linked) = plugin.linked() else {
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

/// Returns what the host says of its own functions of the web, to who calls them by name.
pub(crate) fn web(compiled: &Compiled) -> impl Iterator<Item = ToolDescription> {
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
            _ => return None,
        };
        Some(ToolDescription {
            function: function.name.clone(),
            description,
            schema,
        })
    })
}
