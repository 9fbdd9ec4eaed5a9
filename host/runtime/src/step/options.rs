//! A task's options: what they ask of the host, and what the guest is told besides.

use serde_json::Value;

use super::Step;
use crate::run::Run;

/// The one kind of isolation.
pub(crate) const WORKTREE: &str = "worktree";

/// The option that says how many tokens models may write for a task.
const TOKEN_BUDGET: &str = "token_budget";

/// A task's options, with what the host itself has to know of them.
///
/// They are kept as text: an agent may wait for long, thousands do, and what a hostile text is
/// parsed to takes many times its room. So they are parsed when they are asked for, and again
/// when the agent starts.
#[derive(Debug)]
pub(crate) struct Options {
    text: String,
    is_isolated: bool,
    tokens: Option<u64>,
    timeout_ms: Option<u64>,
}

/// Parses options. Those that are no JSON ask for nothing.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

impl Options {
    /// Takes options as a text, and as what it was parsed to.
    pub(crate) fn new(text: &str, parsed: &Value) -> Self {
        let isolation = parsed.get("isolation");
        let number = |key: &str| parsed.get(key).and_then(Value::as_u64);
        Self {
            text: text.to_owned(),
            is_isolated: isolation.is_some_and(|kind| kind == WORKTREE),
            tokens: number(TOKEN_BUDGET),
            timeout_ms: number("timeout_ms"),
        }
    }

    /// Returns them as they were written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the agent is to work on files of its own.
    pub(super) fn is_isolated(&self) -> bool {
        self.is_isolated
    }

    /// Returns how many tokens models may write: a task may ask for fewer than it is given.
    pub(super) fn tokens(&self, given: Option<u64>) -> Option<u64> {
        match (self.tokens, given) {
            (Some(asked), Some(given)) => Some(asked.min(given)),
            (asked, given) => asked.or(given),
        }
    }

    /// Returns for how long the agent may run: a task may ask for less than it is given.
    pub(super) fn wall_ms(&self, given: u64) -> u64 {
        self.timeout_ms.unwrap_or(u64::MAX).clamp(1, given.max(1))
    }
}

/// Returns the task's options with what the profile and the run say besides. What the task
/// says itself stands. `tokens` are those that models may write.
pub(super) fn advised(run: &Run, step: &Step, tokens: Option<u64>) -> String {
    let Value::Object(mut options) = parse(step.options.text()) else {
        return step.options.text().to_owned();
    };
    let advice = &step.profile.advice;
    let workflow = run.compiled.workflow.as_ref();
    let goal = workflow.map(|workflow| workflow.description.clone());
    let said = [
        ("system", advice.system.clone().map(Value::from)),
        ("model", advice.model.clone().map(Value::from)),
        ("effort", advice.effort.clone().map(Value::from)),
        (
            "goal",
            goal.filter(|goal| !goal.is_empty()).map(Value::from),
        ),
        (
            "constraints",
            Some(&advice.constraints)
                .filter(|all| !all.is_empty())
                .map(|all| Value::from(all.clone())),
        ),
    ];
    for (key, value) in said {
        let is_open = options.get(key).is_none_or(Value::is_null);
        if let Some(value) = value.filter(|_| is_open) {
            options.insert(key.to_owned(), value);
        }
    }
    if let Some(asked) = options.get("model").and_then(Value::as_str) {
        let model = run.asked_model(step.number, asked);
        options.insert("model".to_owned(), Value::String(model));
    }
    if let Some(tokens) = tokens {
        options.insert(TOKEN_BUDGET.to_owned(), tokens.into());
    }
    Value::Object(options).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        Options::new(text, &parse(text))
    }

    #[test]
    fn what_is_no_object_asks_for_nothing_and_stays_as_it_is() {
        for text in ["", "{", "null", "7", r#"["isolation"]"#] {
            let options = options(text);
            assert_eq!(options.text(), text);
            assert!(!options.is_isolated(), "{text}");
            assert_eq!(options.tokens(None), None, "{text}");
            assert_eq!(options.wall_ms(5), 5, "{text}");
        }
    }

    #[test]
    fn a_task_may_ask_for_less_and_not_for_more() {
        let options = options(r#"{ "token_budget": 100, "timeout_ms": 100 }"#);
        for (given, told) in [(50, 50), (100, 100), (200, 100)] {
            assert_eq!(options.tokens(Some(given)), Some(told));
            assert_eq!(options.wall_ms(given), told);
        }
        assert_eq!(options.tokens(None), Some(100));
    }

    #[test]
    fn no_agent_is_given_no_time_at_all() {
        assert_eq!(options(r#"{ "timeout_ms": 0 }"#).wall_ms(100), 1);
        assert_eq!(options("{}").wall_ms(0), 1);
    }

    #[test]
    fn only_a_worktree_isolates() {
        assert!(options(r#"{ "isolation": "worktree" }"#).is_isolated());
        assert!(!options(r#"{ "isolation": "container" }"#).is_isolated());
        assert!(!options(r#"{ "isolation": null }"#).is_isolated());
    }
}
