//! The narrowest change of a policy under which refused calls would have been permitted.
//!
//! A change is text for a person to read and to apply, or not. It widens what the policy
//! grants, so that nothing here is ever applied by itself.

use toml_edit::{Array, DocumentMut, Item, Value};

use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;

/// A call that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The profile of the agent that called; nothing for the orchestrator.
    pub profile: Option<String>,
    /// The code of the rule's kind.
    pub code: String,
    /// The rule, `code:subject`.
    pub rule: String,
    /// The refusal in a sentence.
    pub message: String,
}

/// A policy that would have permitted more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestion {
    /// The policy's text with every change.
    pub text: String,
    /// What was changed, a sentence each.
    pub changes: Vec<String>,
    /// What no narrow change would permit, and what to think of instead.
    pub left: Vec<String>,
}

/// Says what to change of a policy's text. Each refusal is taken once, in order.
///
/// The names in a refusal are the agent's own words: only what `is_function` says to be the whole
/// name of a function is ever granted.
pub fn suggest(
    policy: &str,
    is_function: impl Fn(&str) -> bool,
    refused: &[Refused],
) -> Option<Suggestion> {
    let mut editor = Editor {
        document: policy.parse().ok()?,
        is_function: &is_function,
        changes: Vec::new(),
        left: Vec::new(),
    };
    let mut seen: Vec<&Refused> = Vec::new();
    for one in refused {
        if !seen.contains(&one) {
            seen.push(one);
            editor.take(one);
        }
    }
    Some(Suggestion {
        text: editor.document.to_string(),
        changes: editor.changes,
        left: editor.left,
    })
}

struct Editor<'a> {
    document: DocumentMut,
    is_function: &'a dyn Fn(&str) -> bool,
    changes: Vec<String>,
    left: Vec<String>,
}

impl Editor<'_> {
    fn take(&mut self, refused: &Refused) {
        let subject = refused
            .rule
            .split_once(':')
            .map_or("", |(_, subject)| subject);
        let code = refused.code.as_str();
        let done = if code == codes::DENIED_NOT_GRANTED.0 {
            self.grant(refused, subject)
        } else if code == codes::DENIED_GATE_NOT_GRANTED.0 {
            self.grant_gate(refused, subject)
        } else if code == codes::DENIED_TAINT.0 {
            let (function, argument) = subject.split_once('/').unwrap_or((subject, ""));
            self.tolerate(function, Some(argument), &tags(&refused.message))
        } else if code == codes::DENIED_CALLER_TAINT.0 {
            self.tolerate(subject, None, &tags(&refused.message))
        } else if code == codes::DENIED_CLEARANCE.0 {
            self.clear(refused, &tags(&refused.message))
        } else {
            None
        };
        if done.is_none() {
            self.left
                .push(format!("{}: {}", refused.rule, advice(code)));
        }
    }

    /// Lets the caller's profile use a function.
    fn grant(&mut self, refused: &Refused, function: &str) -> Option<()> {
        let profile = refused.profile.as_deref()?;
        if !(self.is_function)(function) {
            return None;
        }
        let section = self.section(&["profile", profile])?;
        add(list_of(section, "use")?, function);
        self.changes.push(format!(
            "the profile {} may use {}",
            quote(profile),
            quote(function)
        ));
        Some(())
    }

    fn grant_gate(&mut self, refused: &Refused, gate: &str) -> Option<()> {
        let path: &[&str] = match &refused.profile {
            Some(profile) => &["profile", profile],
            None => &["workflow"],
        };
        let section = self.section(path)?;
        add(list_of(section, "gates")?, gate);
        let who = path.join(" ");
        self.changes
            .push(format!("the {who} may use the gate {}", quote(gate)));
        Some(())
    }

    /// Lets an argument, or all of them and the caller, carry tags.
    fn tolerate(&mut self, function: &str, argument: Option<&str>, tags: &[String]) -> Option<()> {
        if tags.is_empty() {
            return None;
        }
        let (tool, name) = function.split_once('.')?;
        match tool {
            "files" => self.tolerate_files(name.split_once('.')?.0, tags)?,
            "web" => {
                let site = name.split_once('.').map_or(name, |(site, _)| site);
                let section = self.section(&["web", site])?;
                add_all(list_of(section, "tolerate")?, tags);
            }
            _ => {
                let section = self.section(&["tool", tool, "fn", name])?;
                self::tolerate(section, argument, tags)?;
            }
        }
        let what = argument.map_or_else(
            || format!("a caller of {}", quote(function)),
            |argument| format!("{} of {}", quote(argument), quote(function)),
        );
        self.changes
            .push(format!("{what} may carry {}", tags.join(", ")));
        Some(())
    }

    /// A directory keeps no labels: what it takes, its files carry from then on.
    fn tolerate_files(&mut self, mount: &str, tags: &[String]) -> Option<()> {
        let section = self.section(&["files", mount])?;
        add_all(list_of(section, "tolerate")?, tags);
        add_all(list_of(section, "tags")?, tags);
        Some(())
    }

    fn clear(&mut self, refused: &Refused, tags: &[String]) -> Option<()> {
        let profile = refused.profile.as_deref()?;
        if tags.is_empty() {
            return None;
        }
        let section = self.section(&["profile", profile])?;
        add_all(list_of(section, "reads")?, tags);
        self.changes.push(format!(
            "the profile {} may read {}, and then act only where that is tolerated",
            quote(profile),
            tags.join(", ")
        ));
        Some(())
    }

    fn section(&mut self, path: &[&str]) -> Option<&mut Item> {
        let mut item = self.document.as_item_mut();
        for key in path {
            item = item.get_mut(key)?;
        }
        item.is_table_like().then_some(item)
    }
}

fn tolerate(section: &mut Item, argument: Option<&str>, tags: &[String]) -> Option<()> {
    let args = section.get_mut("args");
    match (argument, args) {
        (Some(argument), Some(args)) => add_all(list_of(args, argument)?, tags),
        (Some(_), None) => return None,
        (None, args) => {
            if let Some(args) = args {
                let table = args.as_table_like_mut()?;
                for (_, item) in table.iter_mut() {
                    add_all(item.as_array_mut()?, tags);
                }
            }
            add_all(list_of(section, "caller")?, tags);
        }
    }
    Some(())
}

/// Returns a key's list, made where it is not there. What is no list is left alone.
fn list_of<'a>(section: &'a mut Item, key: &str) -> Option<&'a mut Array> {
    let table = section.as_table_like_mut()?;
    if !table.contains_key(key) {
        table.insert(key, Item::Value(Value::Array(Array::new())));
    }
    table.get_mut(key)?.as_array_mut()
}

fn add(list: &mut Array, text: &str) {
    let there = list.iter().any(|item| item.as_str() == Some(text));
    if !there {
        list.push(text);
    }
}

fn add_all(list: &mut Array, texts: &[String]) {
    for text in texts {
        add(list, text);
    }
}

/// Returns the tags that a refusal names: they are the last names in its sentence.
fn tags(message: &str) -> Vec<String> {
    let at = [" what carries ", " content tagged ", " carries "]
        .iter()
        .filter_map(|words| message.rfind(words).map(|at| at + words.len()))
        .max();
    let named = at.and_then(|at| message.get(at..)).unwrap_or_default();
    let named = named.split(", and ").next().unwrap_or_default();
    named
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn advice(code: &str) -> &'static str {
    match code {
        "readers" => {
            "it would tell somebody what is not for them: narrow `recipients`, or widen `readers` of the source if its text is theirs"
        }
        "needs-approval" | "not-approved" => "a person decides it, and may do so again",
        "rule-forbids" => "a rule over the arguments forbids it: that is for its author to change",
        "gate-item-budget" | "gate-run-budget" => {
            "the bits are spent: ask for a smaller type, or raise the budget"
        }
        "gate-caller" => "the caller has read what the gate removes: let another ask",
        "host-limit" => "a limit was reached: docs/errors/host-limit.md says what to do about each",
        _ => "no narrow change permits it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "version = 1\n\
        [tool.tracker.fn.draft]  # kept\nargs = { number = [], body = [\"issue\"] }\n\
        [files.notes]\npath = \"notes\"\ntags = []\n\
        [web.wiki]\nallow = [\"https://w.org/**\"]\ntags = [\"web\"]\n\
        [profile.actor]\nplugin = \"actor\"\nuse = []\n";

    fn refused(code: &str, subject: &str, message: &str) -> Refused {
        Refused {
            profile: Some("actor".to_owned()),
            code: code.to_owned(),
            rule: format!("{code}:{subject}"),
            message: message.to_owned(),
        }
    }

    fn suggested(all: &[Refused]) -> Suggestion {
        let is_function = |name: &str| ["tracker.draft", "web.wiki.get"].contains(&name);
        suggest(POLICY, is_function, all).unwrap()
    }

    fn changed(one: Refused) -> Vec<String> {
        let suggestion = suggested(&[one]);
        let new = suggestion.text.lines();
        new.filter(|line| !POLICY.lines().any(|old| old == *line))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn each_refusal_changes_one_line_and_keeps_the_rest() {
        let cases = [
            (
                refused("not-granted", "tracker.draft", "…"),
                "use = [\"tracker.draft\"]",
            ),
            (
                refused("gate-not-granted", "verdict", "…"),
                "gates = [\"verdict\"]",
            ),
            (
                refused(
                    "taint",
                    "tracker.draft/body",
                    "the argument `body` of `tracker.draft` does not take what carries `mail`, `web`",
                ),
                "args = { number = [], body = [\"issue\", \"mail\", \"web\"] }",
            ),
            (
                refused(
                    "taint",
                    "web.wiki.get/url",
                    "… does not take what carries `mail`",
                ),
                "tolerate = [\"mail\"]",
            ),
        ];
        for (one, line) in cases {
            assert_eq!(changed(one), [line]);
        }
    }

    #[test]
    fn a_directory_takes_only_what_it_gives_back() {
        let one = refused(
            "taint",
            "files.notes.write/content",
            "… what carries `mail`",
        );
        assert_eq!(changed(one), ["tags = [\"mail\"]", "tolerate = [\"mail\"]"]);
    }

    #[test]
    fn a_caller_is_tolerated_by_every_argument() {
        let one = refused(
            "caller-taint",
            "tracker.draft",
            "`tracker.draft` may not be called by a component that has read content tagged `mail`",
        );
        assert_eq!(
            changed(one),
            [
                "args = { number = [\"mail\"], body = [\"issue\", \"mail\"] }",
                "caller = [\"mail\"]"
            ]
        );
    }

    #[test]
    fn what_no_narrow_change_permits_is_said_and_nothing_changes() {
        for code in ["readers", "rule-forbids", "spawn-grants", "unknown-handle"] {
            let suggestion = suggested(&[refused(code, "x", "…")]);
            assert_eq!(suggestion.text, POLICY);
            assert_eq!((suggestion.changes.len(), suggestion.left.len()), (0, 1));
        }
        // The orchestrator holds what its children hold: there is no list to add to.
        let orchestrator = Refused {
            profile: None,
            ..refused("not-granted", "tracker.draft", "…")
        };
        assert_eq!(suggested(&[orchestrator]).left.len(), 1);
    }

    #[test]
    fn an_agent_that_asks_for_a_name_of_its_own_choice_is_not_granted_it() {
        for name in ["*", "web.*", "tracker.*", "web.wiki.post", "files.write"] {
            let suggestion = suggested(&[refused("not-granted", name, "…")]);
            assert_eq!(suggestion.text, POLICY, "{name}");
            assert_eq!(suggestion.left.len(), 1);
        }
    }

    #[test]
    fn the_same_refusal_is_taken_once() {
        let one = refused("not-granted", "tracker.draft", "…");
        let suggestion = suggested(&[one.clone(), one]);
        assert_eq!(suggestion.changes.len(), 1);
    }
}
