//! The section of a policy that a server gets: cautious where the server claims nothing.

use std::fmt::Write as _;

use lazaret_runtime::mcp::{Offer, OfferedTool};
use serde_json::Value;

use crate::cli::ToolsAdd;
use crate::ui;

/// Returns the section's first lines: how the server is reached and what it is given.
pub(crate) fn head(arguments: &ToolsAdd) -> String {
    let mut text = format!("[tool.{}]\n", arguments.name);
    match arguments.command.as_slice() {
        [url] if url.contains("://") => writeln!(text, "mcp = {}", quoted(url)).ok(),
        command => {
            let command: Vec<String> = command.iter().map(|word| quoted(word)).collect();
            writeln!(text, "mcp = [{}]", command.join(", ")).ok()
        }
    };
    if !arguments.env.is_empty() {
        let names: Vec<String> = arguments.env.iter().map(|name| quoted(name)).collect();
        writeln!(text, "env = [{}]", names.join(", ")).ok();
    }
    let secrets: Vec<String> = arguments
        .secret
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(variable, secret)| format!("{variable} = {}", quoted(secret)))
        .collect();
    if !secrets.is_empty() {
        writeln!(text, "secrets = {{ {} }}", secrets.join(", ")).ok();
    }
    text
}

/// Returns the whole section, with a rule for each function whose name a policy can spell.
pub(crate) fn whole(name: &str, head: &str, offer: &Offer) -> String {
    let mut text = head.to_owned();
    writeln!(text, "pin = \"sha256:{}\"", offer.digest()).ok();
    for tool in offer.tools() {
        let arguments = arguments(tool);
        if !is_name(&tool.name) || !arguments.iter().all(|name| is_name(name)) {
            let name = ui::escape(&tool.name);
            ui::note(&format!(
                "left out: `{name}` has a name that a policy cannot spell"
            ));
            continue;
        }
        let args: Vec<String> = arguments
            .iter()
            .map(|name| format!("{name} = []"))
            .collect();
        writeln!(text, "[tool.{name}.fn.{}]", tool.name).ok();
        match args.as_slice() {
            [] => {}
            some => {
                writeln!(text, "args = {{ {} }}", some.join(", ")).ok();
            }
        }
        if !tool.open_world {
            text.push_str("recipients = [\"operator\"]\n");
        }
        if tool.destructive {
            text.push_str("decide = \"ask\"\n");
        }
    }
    text
}

/// Returns the text with another pin in a tool's section, or nothing where it has no such line.
pub(crate) fn with_pin(text: &str, name: &str, digest: &str) -> Option<String> {
    let header = format!("[tool.{name}]");
    let pin = format!("pin = \"{digest}\"");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let start = lines.iter().position(|line| line.trim() == header)? + 1;
    let body = lines
        .iter()
        .skip(start)
        .take_while(|line| !line.trim_start().starts_with('['));
    let old = body
        .clone()
        .position(|line| line.trim_start().starts_with("pin"));
    match old.and_then(|at| lines.get_mut(start + at)) {
        Some(line) => *line = pin,
        None => lines.insert(start, pin),
    }
    Some(lines.join("\n") + "\n")
}

fn arguments(tool: &OfferedTool) -> Vec<String> {
    let fields = tool.schema.get("properties").and_then(Value::as_object);
    fields
        .into_iter()
        .flat_map(|fields| fields.keys().cloned())
        .collect()
}

fn is_name(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() <= 64
        && text.bytes().all(letters)
        && text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
}

/// JSON's escapes are TOML's.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_replaced_or_added_in_its_own_section() {
        let text = "[tool.a]\nmcp = [\"x\"]\npin = \"old\"\n[tool.b]\nmcp = [\"y\"]\n";
        let a = with_pin(text, "a", "new").unwrap();
        assert_eq!(
            a,
            "[tool.a]\nmcp = [\"x\"]\npin = \"new\"\n[tool.b]\nmcp = [\"y\"]\n"
        );
        let b = with_pin(text, "b", "new").unwrap();
        assert!(
            b.ends_with("[tool.b]\npin = \"new\"\nmcp = [\"y\"]\n"),
            "{b}"
        );
        assert_eq!(with_pin(text, "c", "new"), None);
    }
}
