//! The file of cases: what goes in, what the world answers, what has to come out.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use lazaret_runtime::stand_in::{Effect, StandIn};
use serde_json::{Value, json};
use toml::Table;

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// The run's argument.
    pub(super) input: Value,
    /// What the models answer, in order.
    model: Vec<Value>,
    /// What each function answers, in order.
    tools: BTreeMap<String, Vec<Value>>,
    /// The result.
    pub(super) answer: Option<Value>,
    /// What the failure says instead.
    pub(super) fails: Option<String>,
    /// The rules that refuse, in order; not looked at where it is not said.
    pub(super) refused: Option<Vec<String>>,
}

const KEYS: [&str; 7] = [
    "name", "input", "model", "tools", "answer", "fails", "refused",
];

/// Reads the file.
pub(super) fn read(file: &Path) -> Result<Vec<Case>> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "`{shown}` could not be read; it holds a [[case]] with `name`, `input` and `answer`"
        )
    })?;
    parse(&text).with_context(|| format!("`{shown}` is not as it should be"))
}

fn parse(text: &str) -> Result<Vec<Case>> {
    let table: Table = text.parse()?;
    if let Some(key) = table.keys().find(|key| *key != "case") {
        bail!("there is no section `{key}`; write [[case]]");
    }
    let cases = table.get("case").and_then(toml::Value::as_array);
    let cases = cases
        .filter(|cases| !cases.is_empty())
        .context("there is no [[case]]")?;
    cases.iter().map(case).collect()
}

fn case(value: &toml::Value) -> Result<Case> {
    let table = value.as_table().context("a case is a table")?;
    let name = table.get("name").and_then(toml::Value::as_str);
    let name = name.context("a [[case]] has no `name`")?.to_owned();
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!(
            "the case `{name}` has a field `{key}`; there are {}",
            KEYS.join(", ")
        );
    }
    let json = |key: &str| table.get(key).map(to_json).transpose();
    let tools = table.get("tools").and_then(toml::Value::as_table);
    let tools = tools
        .into_iter()
        .flatten()
        .map(|(function, answers)| Ok((function.clone(), listed(to_json(answers)?))));
    let text = |value: &toml::Value| value.as_str().map(str::to_owned);
    let refused = table.get("refused").map(|rules| {
        let rules = rules.as_array().into_iter().flatten();
        rules.filter_map(text).collect()
    });
    Ok(Case {
        input: json("input")?.unwrap_or(Value::Null),
        model: json("model")?.map_or_else(Vec::new, listed),
        tools: tools.collect::<Result<_>>()?,
        answer: json("answer")?,
        fails: table.get("fails").and_then(text),
        refused,
        name,
    })
}

fn to_json(value: &toml::Value) -> Result<Value> {
    serde_json::to_value(value).context("a value that JSON does not have")
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(all) => all,
        one => vec![one],
    }
}

/// The answers of a case that are still to come.
#[derive(Clone, Debug)]
pub(super) struct Script(Arc<Mutex<Left>>);

#[derive(Debug)]
struct Left {
    model: VecDeque<Value>,
    tools: BTreeMap<String, VecDeque<Value>>,
}

impl Case {
    pub(super) fn script(&self) -> Script {
        let queue = |list: &Vec<Value>| list.iter().cloned().collect();
        let tools = self.tools.iter();
        Script(Arc::new(Mutex::new(Left {
            model: queue(&self.model),
            tools: tools
                .map(|(name, list)| (name.clone(), queue(list)))
                .collect(),
        })))
    }
}

impl Script {
    /// Returns what the host asks.
    pub(super) fn stand_in(&self) -> StandIn {
        let script = self.clone();
        Arc::new(move |effect| script.answer(effect))
    }

    /// A tool of which the case says nothing does its own work.
    fn answer(&self, effect: &Effect<'_>) -> Option<Result<Value, String>> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let function = effect.function;
        if function.starts_with("model.") {
            let Some(next) = left.model.pop_front() else {
                return Some(Err("the case has no further `model` answer".to_owned()));
            };
            return Some(failed_or(next).map(reply));
        }
        let queue = left.tools.get_mut(function);
        if queue.is_none() && !effect.is_outside {
            return None;
        }
        let next = queue
            .and_then(VecDeque::pop_front)
            .ok_or_else(|| format!("the case has no (further) answer in `tools.\"{function}\"`"));
        Some(next.and_then(failed_or))
    }

    /// Says which answers nobody asked for.
    pub(super) fn unused(&self) -> Vec<String> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tools = left
            .tools
            .iter()
            .map(|(name, queue)| (name.as_str(), queue.len()));
        let all = std::iter::once(("model", left.model.len())).chain(tools);
        all.filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} answer(s) of `{name}` were not asked for"))
            .collect()
    }
}

/// `{ error = "…" }` makes the effect fail.
fn failed_or(value: Value) -> Result<Value, String> {
    match value.as_object().filter(|fields| fields.len() == 1) {
        Some(fields) => match fields.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(value),
        },
        None => Ok(value),
    }
}

/// A model's answer as `wit/model.wit` documents it; a text alone is one that only says it.
fn reply(value: Value) -> Value {
    let mut whole = json!({
        "text": "", "tool_calls": [], "stop": "end", "usage": {"input": 0, "output": 0},
    });
    match (value, whole.as_object_mut()) {
        (Value::Object(fields), Some(whole)) => whole.extend(fields),
        (text, Some(whole)) => {
            whole.insert("text".to_owned(), text);
        }
        (_, None) => {}
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &str = r#"
        [[case]]
        name = "one"
        input = { name = "x" }
        model = ["yes", { text = "", stop = "tool_use" }]
        tools."tracker.label" = [{ done = true }, { error = "busy" }]
        answer = 3
        refused = []
    "#;

    fn asked(script: &Script, function: &str) -> Result<Value, String> {
        let effect = Effect {
            function,
            arguments: Vec::new(),
            is_outside: true,
        };
        script.answer(&effect).unwrap()
    }

    #[test]
    fn a_component_tool_that_is_not_scripted_does_its_own_work() {
        let script = parse(CASES).unwrap()[0].script();
        let own = |function| {
            script.answer(&Effect {
                function,
                arguments: Vec::new(),
                is_outside: false,
            })
        };
        assert_eq!(own("counter.count"), None);
        assert!(own("tracker.label").is_some());
    }

    #[test]
    fn answers_come_in_order_and_what_is_left_is_told() {
        let cases = parse(CASES).unwrap();
        let script = cases[0].script();
        assert_eq!(asked(&script, "model.default").unwrap()["text"], "yes");
        assert_eq!(
            asked(&script, "tracker.label").unwrap(),
            json!({"done": true})
        );
        assert_eq!(script.unused().len(), 2);
        assert_eq!(asked(&script, "tracker.label").unwrap_err(), "busy");
        assert_eq!(asked(&script, "model.other").unwrap()["stop"], "tool_use");
        assert_eq!(script.unused(), [""; 0]);
        asked(&script, "model.default").unwrap_err();
        assert!(
            asked(&script, "tracker.close")
                .unwrap_err()
                .contains("tracker.close")
        );
    }

    #[test]
    fn a_wrong_file_says_what_is_wrong() {
        for (text, said) in [
            ("", "no [[case]]"),
            ("[cases]", "no section `cases`"),
            ("[[case]]\ninput = 1", "no `name`"),
            ("[[case]]\nname = \"a\"\nanwser = 1", "field `anwser`"),
            ("[[case]", "unclosed"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
