//! What a list of tools leaves to an agent: the policy's own names, and those that agent
//! definitions elsewhere use.

use lazaret_kernel::tables::{GateId, Grants, MAX_GATES};

use crate::compiled::{Compiled, Function, FunctionKind};
use lazaret_manifest::grant;

/// Returns whether a tool of this name is known to other agents: an unknown one is a mistake
/// or leaves nothing.
fn stands_for(tool: &str, function: &str) -> Option<bool> {
    // `Bash(git diff:*)` narrows what may be run; the policy's patterns do that here.
    let plain = tool.split_once('(').map_or(tool, |(name, _)| name);
    let in_files = |acts: [&str; 2]| {
        let act = function
            .strip_prefix("files.")
            .and_then(|rest| rest.rsplit_once('.'));
        act.is_some_and(|(_, act)| acts.contains(&act))
    };
    Some(match plain {
        "Read" | "Grep" | "Glob" | "LS" | "NotebookRead" => in_files(["read", "find"]),
        "Edit" | "MultiEdit" | "Write" | "NotebookEdit" => in_files(["write", "edit"]),
        "Bash" => function.starts_with("command."),
        "WebSearch" | "WebFetch" => function.starts_with("web."),
        _ => return served(plain, function),
    })
}

/// Reads `mcp__server__tool`, and `mcp__server` for all that a server has.
fn served(tool: &str, function: &str) -> Option<bool> {
    let rest = tool.strip_prefix("mcp__")?;
    let (server, name) = rest.split_once("__").unwrap_or((rest, ""));
    let of_server = function
        .strip_prefix(server)
        .and_then(|rest| rest.strip_prefix('.'));
    Some(of_server.is_some_and(|own| matches!(name, "" | "*") || own == name))
}

/// Returns whether a tool's name covers a function.
pub(crate) fn covers(tool: &str, function: &str) -> bool {
    stands_for(tool, function).unwrap_or_else(|| grant::covers(tool, function))
}

impl Compiled {
    /// Returns all that a list of tools leaves to an agent. Its models are none of its tools.
    pub fn named_tools(&self, tools: &[&str]) -> Grants {
        let mut grants = Grants::NONE;
        for function in &self.functions {
            let named = || tools.iter().any(|tool| covers(tool, &function.name));
            if (is_model(function) || named())
                && let Some(id) = self.function_id(&function.name)
            {
                grants.allow_function(id);
            }
        }
        for gate in (0..MAX_GATES).map(GateId) {
            grants.allow_gate(gate);
        }
        grants
    }
}

fn is_model(function: &Function) -> bool {
    matches!(function.kind, FunctionKind::Model { .. })
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn tools_of_other_agents_stand_for_functions_of_the_policy() {
        for (tool, function, expected) in [
            ("Read", "files.project.read", true),
            ("Grep", "files.project.find", true),
            ("Read", "files.project.write", false),
            ("Edit", "files.project.edit", true),
            ("Write", "files.project.read", false),
            ("Bash", "command.read", true),
            ("Bash(git diff:*)", "command.read", true),
            ("Bash", "web.search", false),
            ("WebFetch", "web.docs.get", true),
            ("mcp__mail__send", "mail.send", true),
            ("mcp__mail__send", "mail.read", false),
            ("mcp__mail", "mail.read", true),
            ("mcp__mail", "mailing.read", false),
            ("mail.send", "mail.send", true),
            ("files.read", "files.project.find", true),
            ("TodoWrite", "files.project.write", false),
            ("*", "files.project.write", true),
        ] {
            assert_eq!(covers(tool, function), expected, "{tool} {function}");
        }
    }
}
