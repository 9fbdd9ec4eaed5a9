//! A rule's mistakes, each at its line: its form, its names and types, and that it can match.

use std::ops::Range;
use std::str::FromStr as _;

use cedar_policy::{
    Policy, PolicyId, PolicySet, Schema, ValidationError, ValidationMode, ValidationWarning,
    Validator,
};
use miette::Diagnostic as _;
use serde_json::Value;

use super::{CallRule, MAX_RULE_BYTES, attributes, possible, schema, with_rest};
use crate::compiled::Function;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::{Diagnostic, quote};
use lazaret_manifest::text::{At, Report};

/// The most policies of one function.
const MAX_POLICIES: usize = 64;

/// What is said of a policy whose conditions no call meets, and what to do about it.
const NEVER: &str = "the rule can never match";
const INSTEAD: &str = "its conditions contradict each other, or the types, choices or bounds that the schema gives the arguments; correct them, or take it out";

/// Reads a rule's text.
pub(crate) fn parse(
    written: &At<String>,
    schema: Option<Value>,
    report: &mut Report,
) -> Option<CallRule> {
    if written.value.len() > MAX_RULE_BYTES {
        let message = format!("the rule has more than {MAX_RULE_BYTES} bytes");
        report.error(codes::TOO_LARGE, &written.span, message);
        return None;
    }
    let policies = match PolicySet::from_str(&written.value) {
        Ok(policies) => policies,
        Err(errors) => {
            for error in errors.iter() {
                let span = place(error, written, report);
                let hint = "write Cedar policies, such as `forbid(principal, action, resource) when { context.amount > 100 };`".to_owned();
                report.hinted(codes::RULE, &span, one_line(&error.to_string()), hint);
            }
            return None;
        }
    };
    if policies.templates().next().is_some() {
        let message = "the rule has a slot such as `?principal`".to_owned();
        report.error(codes::RULE, &written.span, message);
        return None;
    }
    let count = policies.policies().count();
    if count == 0 || count > MAX_POLICIES {
        let message = format!("the rule has {count} policies");
        let hint = format!("write 1 to {MAX_POLICIES}");
        report.hinted(codes::RULE, &written.span, message, hint);
        return None;
    }
    let looks_at = attributes(&policies);
    Some(CallRule {
        text: report.text().clone(),
        written: written.clone(),
        schema,
        policies: with_rest(policies),
        looks_at,
    })
}

impl CallRule {
    /// Checks the rule against what the function's arguments are. Returns every mistake.
    pub(crate) fn validate(
        &self,
        function: &Function,
        json_schema: &Value,
        callers: (&[&str], Option<&str>),
    ) -> Vec<Diagnostic> {
        let mut report = Report::new(self.text.clone());
        let described = schema::of(function, json_schema, callers);
        let schema = match Schema::from_json_value(described) {
            Ok(schema) => schema,
            Err(error) => {
                let message = format!(
                    "no rule can be written for {}: {}",
                    quote(&function.name),
                    one_line(&error.to_string())
                );
                report.error(codes::RULE, &self.written.span, message);
                return report.into_problems();
            }
        };
        let result = Validator::new(schema).validate(&self.policies, ValidationMode::Strict);
        for error in result.validation_errors() {
            let span = place(error, &self.written, &report);
            let message = one_line(&error.to_string());
            let hint = self.hint(error);
            report.hinted(codes::RULE, &span, message, hint);
        }
        for warning in result.validation_warnings() {
            let span = place(warning, &self.written, &report);
            let (message, next) = match warning {
                ValidationWarning::ImpossiblePolicy(_)
                | ValidationWarning::InvalidActionApplication(_) => (NEVER.to_owned(), INSTEAD),
                other => (
                    one_line(&other.to_string()),
                    "write it in letters that look like what they are",
                ),
            };
            report.hinted(codes::RULE, &span, message, next.to_owned());
        }
        let errors = result.validation_errors().map(ValidationError::policy_id);
        let warnings = result.validation_warnings();
        let warnings = warnings.map(ValidationWarning::policy_id);
        let told: Vec<&PolicyId> = errors.chain(warnings).collect();
        self.find_impossible(json_schema, &told, &mut report);
        report.into_problems()
    }

    /// Reports the policies that are well typed and match no call that the schema allows. Of those
    /// that are `told`, something is said already.
    fn find_impossible(&self, json_schema: &Value, told: &[&PolicyId], report: &mut Report) {
        let mut from = 0;
        for policy in self.numbered() {
            // Cedar does not say where a policy stands, but gives its text, in the text's order.
            let text = policy.to_cedar().unwrap_or_default();
            let rest = self.written.value.get(from..).unwrap_or_default();
            let start = from + rest.find(&text).unwrap_or_default();
            from = start + text.len();
            let impossible = |json: Value| !possible::can_match(&json, json_schema);
            if !told.contains(&policy.id()) && policy.to_json().is_ok_and(impossible) {
                let span = within(start..from, &self.written, report);
                report.hinted(codes::RULE, &span, NEVER.to_owned(), INSTEAD.to_owned());
            }
        }
    }

    /// The policies as they are written, in the order of Cedar's numbers for them.
    fn numbered(&self) -> impl Iterator<Item = &Policy> {
        let numbers = (0..MAX_POLICIES).map(|number| PolicyId::new(format!("policy{number}")));
        numbers.map_while(move |id| self.policies.policy(&id))
    }

    /// Cedar's own help, or where the types come from.
    fn hint(&self, error: &ValidationError) -> Option<String> {
        if self.schema.is_some() {
            return error.help().map(|help| one_line(&help.to_string()));
        }
        Some("the tool says no more of its arguments: write `schema` beside the rule".to_owned())
    }
}

/// Finds the bytes of the policy at which a rule is wrong.
fn place(problem: &dyn miette::Diagnostic, written: &At<String>, report: &Report) -> Range<usize> {
    let found = problem.labels().and_then(|mut labels| labels.next());
    let Some(label) = found else {
        return written.span.clone();
    };
    let part = label.offset()..label.offset() + label.len();
    within(part, written, report)
}

/// Finds the bytes of the policy that are a part of a rule's text. Only in a literal string is
/// what is written what is meant; for another the whole string is the place.
fn within(part: Range<usize>, written: &At<String>, report: &Report) -> Range<usize> {
    let raw = report.text().as_str().get(written.span.clone());
    let opening = raw.and_then(|raw| {
        ["'''\r\n", "'''\n", "'''", "'"]
            .into_iter()
            .find(|opening| raw.starts_with(opening))
    });
    let Some(opening) = opening else {
        return written.span.clone();
    };
    let start = written.span.start + opening.len() + part.start;
    start..(start + part.len().max(1)).min(written.span.end)
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
