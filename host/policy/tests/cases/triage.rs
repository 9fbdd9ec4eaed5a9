//! A policy of the size of the shipped one, and manifests that go with it.

use std::collections::BTreeMap;

use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;

/// A workflow's own policy: a reader that is cleared for reports, an actor that is not.
pub(crate) const POLICY: &str = r#"
version = 1
[workflow]
name = "triage"
description = "sorts reports"
orchestrator = "triage-orchestrator"
untrusted = "opaque"
gates = ["verdict"]
print = true
[plugin.triage-orchestrator]
file = "triage-orchestrator.wasm"
[plugin.triage-reader]
file = "triage-reader.wasm"
[plugin.triage-actor]
file = "triage-actor.wasm"
[plugin.triage-tracker]
file = "triage-tracker.wasm"
[readers]
private = ["operator", "models"]
team = ["alice@example.org"]
[source.args]
tags = ["issue"]
readers = "private"
items = ""
item_schema = '''
{ "type": "object" }'''
max_items = 50
[[source.args.field]]
pointer = "/*/number"
tags = []
[[source.args.field]]
pointer = "/*/url"
tags = ["link"]
readers = "public"
[files.tracker]
path = ".lazaret/triage"
tags = ["issue"]
readers = "private"
tolerate = ["issue"]
write = true
create = true
[files.notes]
path = "notes"
tags = []
[tool.tracker]
plugin = "triage-tracker"
use = ["files.tracker.read", "files.tracker.write"]
[tool.tracker.fn.label]
args = { number = [], labels = [] }
recipients = "private"
label = { tags = [], readers = "public" }
[tool.tracker.fn.draft]
args = { number = [], body = ["issue"] }
recipients = "private"
label = { tags = ["draft"], readers = "team" }
[tool.tracker.fn.close]
args = { number = [] }
caller = ["issue"]
recipients = ["tracker.example.org"]
decide = "ask"
label = { tags = [], readers = "public" }
[tool.tracker.fn.poke]
label = { tags = [], readers = "public" }
[gate.verdict]
removes = ["issue"]
bits_per_item = 16
[gate.total]
removes = ["issue", "link"]
bits_per_item = 2.5
[profile.reader]
plugin = "triage-reader"
reads = ["issue"]
use = ["files.notes.read", "model.fast"]
[profile.actor]
plugin = "triage-actor"
use = ["tracker.*", "files.notes.read"]
gates = ["verdict", "total"]
readers = ["operator"]
[model.fast]
provider = "anthropic"
model = "small"
key = "env:ANTHROPIC_API_KEY"
[budget]
agents = 100
gate_bits_per_item = 4
gate_bits = 1_000
usd = 1.5
wall_minutes = 120
agent_minutes = 20
[budget.agent]
tokens = 20_000
[budget.phase."Deep review"]
usd = 0.25
agents = 12
gate_bits = 40
[limits]
memory_mib = 32
wall_ms = 60_000
agents_at_once = 8
"#;

/// A plugin's manifest by its name; `rest` is what it asks for.
pub(crate) fn manifest(name: &str, world: &str, rest: &str) -> (String, Manifest) {
    let text = format!("name = \"{name}\"\nversion = \"0.1.0\"\nworld = \"{world}\"\n{rest}");
    (
        name.to_owned(),
        Manifest::parse("plugin.toml", &text).unwrap(),
    )
}

/// The manifests of the policy's plugins.
pub(crate) fn manifests() -> BTreeMap<String, Manifest> {
    BTreeMap::from([
        manifest(
            "triage-orchestrator",
            "orchestrator",
            "[requests]\ngates = [\"verdict\"]\n[limits]\nmemory_mib = 16",
        ),
        manifest(
            "triage-reader",
            "agent",
            "[requests]\nuse = [\"files.notes.*\", \"mail.send\"]\nreads = [\"issue\", \"mail\"]\n\
             [limits]\nmemory_mib = 128\nwall_ms = 5_000",
        ),
        manifest(
            "triage-actor",
            "agent",
            "[requests]\nuse = [\"tracker.label\", \"tracker.draft\"]\ngates = [\"verdict\"]",
        ),
        manifest("triage-tracker", "tool", "[requests]\nuse = [\"files.*\"]"),
    ])
}

/// The policy with its plugins.
pub(crate) fn compiled() -> Compiled {
    compile(
        &Policy::parse("lazaret.toml", POLICY).unwrap(),
        &manifests(),
    )
    .unwrap()
}
