//! The directories that the agent was granted, as tools of a model.

use lazaret_sdk::files::{self, Mount};
use lazaret_sdk::model::{ToolCall, ToolSpec};
use lazaret_sdk::{Content, Error};
use serde_json::Value;

/// Tools that only look, with their arguments; `?` marks those that can be left out.
const LOOKING: [(&str, &str, &[&str]); 4] = [
    (
        "read_file",
        "Gives a file's text, or `count` lines of it from line `first`.",
        &["path", "first?#", "count?#"],
    ),
    ("list_files", "Gives what is in a directory.", &["path"]),
    (
        "find_files",
        "Gives the files below a directory whose paths match a pattern such as `**/*.rs`.",
        &["path", "pattern"],
    ),
    (
        "search_files",
        "Gives the lines below a directory that a regular expression matches, in files whose paths match `glob`.",
        &["path", "pattern", "glob?"],
    ),
];

/// Tools that change files.
const CHANGING: [(&str, &str, &[&str]); 4] = [
    (
        "write_file",
        "Replaces a file as a whole.",
        &["path", "text"],
    ),
    (
        "edit_file",
        "Replaces `old`, which must be in the file exactly once, by `new`; with `all` everywhere.",
        &["path", "old", "new", "all?!"],
    ),
    (
        "remove_file",
        "Removes a file or an empty directory.",
        &["path"],
    ),
    (
        "move_file",
        "Moves a file to where nothing is.",
        &["path", "to"],
    ),
];

/// Returns the tools for these directories.
pub(crate) fn specs(mounts: &[Mount]) -> Vec<ToolSpec> {
    let names = |writable: bool| {
        let chosen = mounts.iter().filter(|mount| !writable || mount.writable);
        let names: Vec<String> = chosen.map(|mount| format!("`{}/…`", mount.name)).collect();
        names.join(", ")
    };
    let (all, writable) = (names(false), names(true));
    let looking = LOOKING.iter().map(|tool| (tool, &all));
    let changing = CHANGING.iter().map(|tool| (tool, &writable));
    looking
        .chain(changing)
        .filter(|(_, places)| !places.is_empty())
        .map(|((name, description, arguments), places)| ToolSpec {
            name: (*name).to_owned(),
            description: format!("{description} A path begins with {places}."),
            schema: schema(arguments),
        })
        .collect()
}

fn schema(arguments: &[&str]) -> String {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for argument in arguments {
        let name = argument.trim_end_matches(['?', '#', '!']);
        let kind = match argument.chars().last() {
            Some('#') => "integer",
            Some('!') => "boolean",
            _ => "string",
        };
        properties.insert(name.to_owned(), serde_json::json!({ "type": kind }));
        if !argument.contains('?') {
            required.push(name);
        }
    }
    serde_json::json!({"type": "object", "properties": properties, "required": required})
        .to_string()
}

/// Makes a call of one of these tools; `None` is a call of another one.
pub(crate) fn call(call: &ToolCall) -> Option<Result<Content, Error>> {
    let known = LOOKING.iter().chain(&CHANGING);
    known
        .map(|(name, _, _)| name)
        .find(|name| **name == call.name)
        .map(|name| perform(name, &call.arguments))
}

fn perform(name: &str, arguments: &Value) -> Result<Content, Error> {
    let text = |key: &str| {
        let given = arguments.get(key).and_then(Value::as_str);
        given.ok_or_else(|| Error::Invalid(format!("the argument `{key}` is missing")))
    };
    let number = |key: &str| {
        let given = arguments.get(key).and_then(Value::as_u64);
        given.and_then(|number| u32::try_from(number).ok())
    };
    let path = text("path")?;
    match name {
        "read_file" => match (number("first"), number("count")) {
            (None, None) => files::read(path),
            (first, count) => {
                files::read_lines(path, first.unwrap_or(1), count.unwrap_or(u32::MAX))
            }
        },
        "list_files" => files::list(path),
        "find_files" => files::glob(path, text("pattern")?),
        "search_files" => files::grep(path, text("pattern")?, text("glob").ok()),
        "write_file" => {
            files::write(path, Content::text(text("text")?)?)?;
            Content::text("done")
        }
        "edit_file" => {
            let all = arguments.get("all") == Some(&Value::Bool(true));
            files::edit(path, text("old")?, Content::text(text("new")?)?, all)
        }
        "remove_file" => files::remove(path),
        "move_file" => files::rename(path, text("to")?),
        _ => Err(Error::Invalid("no such tool".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(name: &str, writable: bool) -> Mount {
        Mount {
            name: name.to_owned(),
            writable,
        }
    }

    #[test]
    fn a_directory_that_is_only_read_gives_no_tool_that_writes() {
        let names = |mounts: &[Mount]| -> Vec<String> {
            specs(mounts).into_iter().map(|spec| spec.name).collect()
        };
        assert!(names(&[]).is_empty());
        let read = names(&[mount("a", false)]);
        assert_eq!(
            read,
            ["read_file", "list_files", "find_files", "search_files"]
        );
        let all = specs(&[mount("a", false), mount("b", true)]);
        assert_eq!(all.len(), 8);
        assert!(all[0].description.contains("`a/…`, `b/…`"));
        assert!(all[4].description.ends_with("begins with `b/…`."));
    }

    #[test]
    fn a_schema_says_what_can_be_left_out() {
        let schema: Value = serde_json::from_str(&schema(&["path", "first?#", "all?!"])).unwrap();
        assert_eq!(schema["required"], serde_json::json!(["path"]));
        assert_eq!(schema["properties"]["first"]["type"], "integer");
        assert_eq!(schema["properties"]["all"]["type"], "boolean");
    }
}
