//! Can a policy's conditions hold for some call that the schema of the arguments allows?
//!
//! Cedar judges by types: a text that is no choice of an `enum`, a number out of bounds, and two
//! comparisons that exclude each other are well typed. Here the conditions are gone through, each
//! way by itself, with what is left of every attribute that is compared with a literal. What is
//! not understood excludes nothing, so that whoever is told that a policy can never match is told
//! the truth.

use std::collections::BTreeMap;
use std::slice;

use serde_json::Value;

use super::CALLS;
use super::values::{Values, is_plain};

/// The most ways that are gone by themselves; past it an `||` excludes nothing.
const MAX_CASES: usize = 64;

/// How deep expressions are looked into; what is below excludes nothing.
const MAX_DEPTH: usize = 64;

/// What is left, on one way, of the attributes that were compared, by their names from the
/// context on.
type Case = BTreeMap<Vec<String>, Values>;

/// Returns whether a policy, in Cedar's JSON form, matches some call.
pub(super) fn can_match(policy: &Value, schema: &Value) -> bool {
    let arguments = Arguments(schema);
    let clauses = policy.get("conditions").and_then(Value::as_array);
    let mut cases = vec![Case::new()];
    for clause in clauses.into_iter().flatten() {
        let wanted = clause.get("kind").and_then(Value::as_str) != Some("unless");
        if let Some(body) = clause.get("body") {
            cases = arguments.assume(cases, body, wanted, 0);
        }
    }
    !cases.is_empty()
}

/// The arguments, by their schema.
struct Arguments<'a>(&'a Value);

impl Arguments<'_> {
    /// Returns the cases in which an expression is `wanted`.
    fn assume(
        &self,
        cases: Vec<Case>,
        expression: &Value,
        wanted: bool,
        depth: usize,
    ) -> Vec<Case> {
        let entry = expression.as_object().and_then(|one| one.iter().next());
        let Some((operator, operands)) = entry.filter(|_| depth < MAX_DEPTH) else {
            return cases;
        };
        let next = |cases: Vec<Case>, operand: &str, wanted: bool| match operands.get(operand) {
            Some(expression) => self.assume(cases, expression, wanted, depth + 1),
            None => cases,
        };
        let either = |cases: Vec<Case>, one: &str, other: &str| {
            let mut all = next(cases.clone(), one, wanted);
            all.extend(next(cases.clone(), other, wanted));
            if all.len() > MAX_CASES { cases } else { all }
        };
        match (operator.as_str(), wanted) {
            ("&&", true) | ("||", false) => next(next(cases, "left", wanted), "right", wanted),
            ("&&", false) | ("||", true) => either(cases, "left", "right"),
            // Which of the two it is excludes nothing: the condition would be gone through twice.
            ("if-then-else", _) => either(cases, "then", "else"),
            ("!", _) => next(cases, "arg", !wanted),
            ("Value", _) if *operands == Value::Bool(!wanted) => Vec::new(),
            (".", _) => self.is(cases, expression, &Value::Bool(wanted)),
            ("!=", _) => self.compare(cases, "==", operands, !wanted),
            ("==" | "<" | "<=" | ">" | ">=", _) => self.compare(cases, operator, operands, wanted),
            ("contains" | "containsAll" | "containsAny", _) => {
                self.contain(cases, operator, operands, wanted)
            }
            _ => cases,
        }
    }

    /// Returns the cases in which an attribute is this value.
    fn is(&self, cases: Vec<Case>, expression: &Value, value: &Value) -> Vec<Case> {
        match attribute(expression) {
            Some(path) => self.narrow(cases, &path, |left| left.among(slice::from_ref(value))),
            None => cases,
        }
    }

    /// Returns the cases in which a comparison of an attribute with a literal comes out so.
    fn compare(
        &self,
        cases: Vec<Case>,
        operator: &str,
        operands: &Value,
        wanted: bool,
    ) -> Vec<Case> {
        let (Some(left), Some(right)) = (operands.get("left"), operands.get("right")) else {
            return cases;
        };
        let (path, operator, literal) = match (attribute(left), attribute(right)) {
            (Some(path), None) => (path, operator, literal(right)),
            (None, Some(path)) => (path, mirrored(operator), literal(left)),
            (Some(_), Some(_)) | (None, None) => return cases,
        };
        let Some(literal) = literal else {
            return cases;
        };
        self.narrow(cases, &path, |left| {
            compared(left, operator, literal, wanted)
        })
    }

    /// Returns the cases in which it comes out so whether literals have an attribute among them,
    /// or an attribute that is a list has these literals.
    fn contain(
        &self,
        cases: Vec<Case>,
        operator: &str,
        operands: &Value,
        wanted: bool,
    ) -> Vec<Case> {
        let (Some(left), Some(right)) = (operands.get("left"), operands.get("right")) else {
            return cases;
        };
        if let (Some(choices), Some(path)) = (literals(left), attribute(right)) {
            return match (operator, wanted) {
                ("contains", true) => self.narrow(cases, &path, |left| left.among(&choices)),
                ("contains", false) => self.narrow(cases, &path, |left| left.without(&choices)),
                _ => cases,
            };
        }
        let (Some(path), Some(asked)) = (attribute(left), literals(right)) else {
            return cases;
        };
        let items = self.schema_of(&path).and_then(|list| list.get("items"));
        let items = items.map(Values::of).unwrap_or_default();
        let mut asked = asked.iter();
        let possible = match operator {
            "containsAny" => asked.any(|one| items.allows(one)),
            _ => asked.all(|one| items.allows(one)),
        };
        if wanted && !possible {
            return Vec::new();
        }
        cases
    }

    /// Returns the cases that are left when an attribute is no more than this.
    fn narrow(
        &self,
        cases: Vec<Case>,
        path: &[String],
        narrowed: impl Fn(Values) -> Values,
    ) -> Vec<Case> {
        let narrow = |mut case: Case| {
            let left = case.remove(path).unwrap_or_else(|| self.values_of(path));
            let left = narrowed(left);
            let is_possible = !left.is_empty();
            case.insert(path.to_vec(), left);
            is_possible.then_some(case)
        };
        cases.into_iter().filter_map(narrow).collect()
    }

    fn values_of(&self, path: &[String]) -> Values {
        if path == [CALLS] {
            return Values::default().at_least(0);
        }
        self.schema_of(path).map(Values::of).unwrap_or_default()
    }

    fn schema_of(&self, path: &[String]) -> Option<&Value> {
        let mut names = path.iter();
        names.try_fold(self.0, |schema, name| schema.get("properties")?.get(name))
    }
}

/// What is left of an attribute where its comparison with a literal comes out so.
fn compared(left: Values, operator: &str, literal: &Value, wanted: bool) -> Values {
    let number = literal.as_i64();
    match (operator, wanted, number) {
        ("==", true, _) => left.among(slice::from_ref(literal)),
        ("==", false, _) => left.without(slice::from_ref(literal)),
        ("<", true, Some(number)) | (">=", false, Some(number)) => {
            left.at_most(number.saturating_sub(1))
        }
        ("<=", true, Some(number)) | (">", false, Some(number)) => left.at_most(number),
        (">", true, Some(number)) | ("<=", false, Some(number)) => {
            left.at_least(number.saturating_add(1))
        }
        (">=", true, Some(number)) | ("<", false, Some(number)) => left.at_least(number),
        _ => left,
    }
}

/// The operator that says the same with its operands exchanged.
fn mirrored(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

/// Returns the names from the context to an attribute.
fn attribute(mut expression: &Value) -> Option<Vec<String>> {
    let mut path = Vec::new();
    while let Some(access) = expression.get(".") {
        path.push(access.get("attr")?.as_str()?.to_owned());
        expression = access.get("left")?;
    }
    path.reverse();
    let of_context = expression.get("Var").and_then(Value::as_str) == Some("context");
    (of_context && !path.is_empty()).then_some(path)
}

fn literal(expression: &Value) -> Option<&Value> {
    expression.get("Value").filter(|value| is_plain(value))
}

/// Returns one literal, or those of a set that has nothing else in it.
fn literals(expression: &Value) -> Option<Vec<Value>> {
    match expression.get("Set").and_then(Value::as_array) {
        Some(all) => all.iter().map(|one| literal(one).cloned()).collect(),
        None => literal(expression).map(|one| vec![one.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matches(condition: &Value) -> bool {
        let policy = json!({ "conditions": [{ "kind": "when", "body": condition }] });
        can_match(&policy, &json!({ "properties": { "n": { "minimum": 0 } } }))
    }

    fn compared(attribute: &str, operator: &str, number: i64) -> Value {
        let left = json!({ ".": { "left": { "Var": "context" }, "attr": attribute } });
        json!({ operator: { "left": left, "right": { "Value": number } } })
    }

    fn joined(operator: &str, left: &Value, right: &Value) -> Value {
        json!({ operator: { "left": left, "right": right } })
    }

    #[test]
    fn one_level_deeper_than_is_looked_excludes_nothing() {
        let yes = json!({ "Value": true });
        let nested = |levels: usize| {
            let below = compared("n", "<", 0);
            (0..levels).fold(below, |inner, _| joined("&&", &inner, &yes))
        };
        assert!(!matches(&nested(MAX_DEPTH - 1)));
        assert!(matches(&nested(MAX_DEPTH)));
    }

    #[test]
    fn one_way_more_than_is_gone_by_itself_excludes_nothing() {
        let either = |name: &str, operator: &str| {
            let (one, two) = (compared(name, operator, 1), compared(name, operator, 2));
            joined("||", &one, &two)
        };
        // Each of the others doubles the ways, and so does the last.
        let doubled = |times: usize| {
            let others = (1..times).map(|number| either(&format!("a{number}"), "!="));
            let ways = others.fold(json!({ "Value": true }), |all, one| {
                joined("&&", &all, &one)
            });
            let ways = joined("&&", &ways, &either("n", "=="));
            matches(&joined("&&", &ways, &compared("n", "==", 3)))
        };
        assert_eq!(MAX_CASES, 1 << 6);
        assert!(!doubled(6));
        assert!(doubled(7));
    }
}
