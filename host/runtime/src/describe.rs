//! Asks each tool what functions it has, in an instance that holds nothing and may do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::Grants;

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
    Ok(descriptions)
}
