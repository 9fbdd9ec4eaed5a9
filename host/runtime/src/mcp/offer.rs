//! What a server says it can do, in one form for all time, so that a digest names it.

use std::fmt::Write as _;

use rmcp::model::Tool;
use serde_json::{Map, Value, json};
use similar::TextDiff;

use crate::secrets::Vault;

/// The most functions of one server.
const MAX_TOOLS: usize = 256;

/// The most bytes of everything that a server says of its functions.
const MAX_OFFER_BYTES: usize = 1 << 20;

/// Everything that a server says of its functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    text: String,
    tools: Vec<OfferedTool>,
}

/// What a server says of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedTool {
    /// Its name at the server.
    pub name: String,
    /// What it does, in the server's words.
    pub description: String,
    /// JSON Schema of its arguments.
    pub schema: Value,
    /// Whether the server says that it changes nothing.
    pub read_only: bool,
    /// Whether it may destroy something; what the server does not deny it may.
    pub destructive: bool,
    /// Whether it may reach strangers; what the server does not deny it may.
    pub open_world: bool,
}

impl Offer {
    pub(super) fn of(tools: &[Tool], vault: &Vault) -> Result<Self, String> {
        if tools.len() > MAX_TOOLS {
            return Err(format!(
                "the server offers more functions than `tools` of {MAX_TOOLS}"
            ));
        }
        let mut told: Vec<(Value, OfferedTool)> =
            tools.iter().map(|tool| read(tool, vault)).collect();
        told.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let (values, tools): (Vec<Value>, _) = told.into_iter().unzip();
        let text = serde_json::to_string_pretty(&Value::Array(values)).unwrap_or_default();
        if text.len() > MAX_OFFER_BYTES {
            return Err(format!(
                "what the server says of its functions is past the limit `offer-bytes` of {MAX_OFFER_BYTES}"
            ));
        }
        Ok(Self { text, tools })
    }

    /// Returns the functions in name order.
    pub fn tools(&self) -> &[OfferedTool] {
        &self.tools
    }

    /// Returns the text that the digest is of.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the digest in hexadecimal.
    pub fn digest(&self) -> String {
        crate::plugin::digest(self.text.as_bytes())
    }

    /// Returns what is different from the text of an older offer, line by line.
    pub fn difference(&self, older: &str) -> String {
        let diff = TextDiff::from_lines(older, &self.text);
        let mut text = String::new();
        write!(text, "{}", diff.unified_diff().header("pinned", "offered")).ok();
        text
    }
}

fn read(tool: &Tool, vault: &Vault) -> (Value, OfferedTool) {
    let hints = tool.annotations.clone().unwrap_or_default();
    let value = json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": *tool.input_schema,
        "outputSchema": tool.output_schema.as_deref(),
        "annotations": tool.annotations,
    });
    let value = sorted(vault.redact_json(value));
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let offered = OfferedTool {
        name: text("name"),
        description: text("description"),
        schema: value.get("inputSchema").cloned().unwrap_or_default(),
        read_only: hints.read_only_hint == Some(true),
        destructive: hints.read_only_hint != Some(true) && hints.is_destructive(),
        open_world: hints.open_world_hint != Some(false),
    };
    (value, offered)
}

/// The same value with the keys of every object in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            let fields = fields.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(value: Value) -> Tool {
        serde_json::from_value(value).unwrap()
    }

    fn offer(tools: &[Value]) -> Offer {
        let tools: Vec<Tool> = tools.iter().cloned().map(tool).collect();
        Offer::of(&tools, &Vault::default()).unwrap()
    }

    #[test]
    fn neither_order_names_another_digest() {
        let one = json!({"name": "a", "inputSchema": {"type": "object", "properties": {}}});
        let same = json!({"inputSchema": {"properties": {}, "type": "object"}, "name": "a"});
        let two = json!({"name": "b", "inputSchema": {}});
        let both = offer(&[one.clone(), two.clone()]);
        assert_eq!(both.digest(), offer(&[two, same]).digest());
        assert_ne!(both.digest(), offer(&[one]).digest());
        assert_eq!(both.tools()[1].name, "b");
    }

    #[test]
    fn what_a_server_does_not_deny_it_may_do() {
        let hinted = |hints: Value| {
            let value = json!({"name": "a", "inputSchema": {}, "annotations": hints});
            let tool = offer(&[value]).tools()[0].clone();
            (tool.read_only, tool.destructive, tool.open_world)
        };
        assert_eq!(hinted(json!({})), (false, true, true));
        assert_eq!(
            hinted(json!({"readOnlyHint": true, "openWorldHint": false})),
            (true, false, false)
        );
        assert_eq!(
            hinted(json!({"destructiveHint": false})),
            (false, false, true)
        );
    }

    #[test]
    fn a_changed_description_shows_its_difference() {
        let says =
            |text: &str| offer(&[json!({"name": "a", "description": text, "inputSchema": {}})]);
        let difference = says("pay 666").difference(says("pay").text());
        assert!(
            difference.contains("-    \"description\": \"pay\""),
            "{difference}"
        );
        assert!(
            difference.contains("+    \"description\": \"pay 666\""),
            "{difference}"
        );
    }

    #[test]
    fn one_function_too_many_is_refused() {
        let many = |count: usize| -> Vec<Tool> {
            (0..count)
                .map(|number| tool(json!({"name": number.to_string(), "inputSchema": {}})))
                .collect()
        };
        Offer::of(&many(MAX_TOOLS), &Vault::default()).unwrap();
        Offer::of(&many(MAX_TOOLS + 1), &Vault::default()).unwrap_err();
    }

    #[test]
    fn one_byte_past_what_a_server_may_say_of_itself_is_refused() {
        let long = |bytes: usize| {
            let description = "x".repeat(bytes);
            let one = json!({"name": "a", "description": description, "inputSchema": {}});
            Offer::of(&[tool(one)], &Vault::default())
        };
        let around = long(0).unwrap().text().len();
        long(MAX_OFFER_BYTES - around).unwrap();
        let refused = long(MAX_OFFER_BYTES - around + 1).unwrap_err();
        assert!(refused.contains("`offer-bytes`"), "{refused}");
    }
}
