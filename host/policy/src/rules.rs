//! Rules over a call's arguments, written in Cedar: what labels cannot say, such as an amount.
//!
//! The monitor has permitted the call by then; a rule can only take that back. Cedar's own
//! order holds: what one policy forbids, no other permits. Where a rule has only `forbid`, the
//! rest is permitted; where it has a `permit`, only what one permits. A rule that cannot be
//! evaluated, because an argument is missing or is no such value, forbids.
//!
//! Principal is who calls (`Profile::"actor"`, or `Workflow::"triage"`), action the function
//! (`Action::"bank.transfer"`), resource the tool (`Tool::"bank"`), and the context has the
//! arguments and `calls`, the number of calls of the function that the run has made before.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, RestrictedExpression,
};
use serde_json::Value;

use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::text::{At, Text};

mod fits;
mod possible;
mod schema;
mod validate;
mod values;

pub(crate) use validate::parse;

/// The context's attribute that says how often the function was called.
pub const CALLS: &str = "calls";

/// The most bytes of one function's rule.
pub const MAX_RULE_BYTES: usize = 16 * 1024;

/// The most bytes of the arguments that a rule looks at: each becomes a value of Cedar's.
pub const MAX_LOOKED_AT: usize = 256 * 1024;

/// The bytes of stack that a decision has: many times what Cedar wants to have left.
const STACK: usize = 1 << 20;

/// The id of the permission that stands where a rule only forbids.
const REST: &str = "the rest";

/// One function's rule.
#[derive(Clone, Debug)]
pub struct CallRule {
    pub(crate) text: Text,
    pub(crate) written: At<String>,
    /// The schema of the arguments, where the policy has it.
    pub(crate) schema: Option<Value>,
    policies: PolicySet,
    looks_at: Attributes,
}

/// What of the context the policies look at.
#[derive(Clone, Debug, Default)]
struct Attributes {
    named: BTreeSet<String>,
    /// The context as a whole.
    all: bool,
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// An agent of this profile.
    Profile(&'a str),
    /// The workflow's orchestrator.
    Workflow(&'a str),
}

/// One call of `tool.function`, as a rule decides it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The function's full name.
    pub function: &'a str,
    /// Who makes it.
    pub principal: Principal<'a>,
    /// The arguments that the rule looks at.
    pub arguments: &'a [(&'a str, &'a Value)],
    /// How many calls of the function there were before.
    pub calls: u64,
    /// What the tool says of its arguments, where the policy has no schema of them.
    pub told: &'a Value,
}

/// What a rule says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing forbids it.
    Permitted,
    /// These policies forbid it, or none permits it, or it could not be evaluated.
    Forbidden(String),
}

impl CallRule {
    /// Returns whether the rule looks at an argument. Of one that it does not look at, nothing
    /// is told.
    pub fn looks_at(&self, argument: &str) -> bool {
        self.looks_at.all || self.looks_at.named.contains(argument)
    }

    /// Returns whether the rule depends on how often the function was called.
    pub fn counts(&self) -> bool {
        self.looks_at(CALLS)
    }

    /// Returns the rule as it is written.
    pub fn written(&self) -> &str {
        &self.written.value
    }

    /// Returns whether the policy itself says what the arguments are.
    pub fn has_schema(&self) -> bool {
        self.schema.is_some()
    }

    /// Decides one call.
    ///
    /// Cost: builds Cedar values of the arguments on a stack of its own; outside of the monitor's
    /// hot path.
    pub fn decide(&self, call: Call<'_>) -> Ruling {
        // Cedar refuses to go on where it finds too little of the thread's stack left. A guest's
        // call runs on a fiber, of whose stack it knows nothing.
        stacker::grow(STACK, || self.decide_here(call))
    }

    fn decide_here(&self, call: Call<'_>) -> Ruling {
        let schema = self.schema.as_ref().unwrap_or(call.told);
        let looks_at = |name: &str| self.looks_at(name);
        if let Some(name) = fits::misfit(schema, looks_at, call.arguments) {
            let message = format!("the argument {} is not what its schema says", quote(&name));
            return Ruling::Forbidden(message);
        }
        let Some(request) = request(call) else {
            let message = "the arguments are no values that a rule can look at";
            return Ruling::Forbidden(message.to_owned());
        };
        let response =
            Authorizer::new().is_authorized(&request, &self.policies, &Entities::empty());
        let diagnostics = response.diagnostics();
        // Cedar leaves out a policy that it cannot evaluate: one that forbids would be lost.
        if let Some(error) = diagnostics.errors().next() {
            return Ruling::Forbidden(format!("it could not be evaluated: {error}"));
        }
        match response.decision() {
            Decision::Allow => Ruling::Permitted,
            Decision::Deny => Ruling::Forbidden(self.reasons(diagnostics.reason())),
        }
    }

    fn reasons<'a>(&self, ids: impl Iterator<Item = &'a PolicyId>) -> String {
        let mut names: Vec<String> = ids
            .filter_map(|id| self.policies.policy(id))
            .map(name_of)
            .collect();
        names.sort();
        if names.is_empty() {
            return "nothing permits it".to_owned();
        }
        names.join(", ")
    }
}

/// Returns the policy's own name, or its number in the rule.
fn name_of(policy: &Policy) -> String {
    let id = policy.id().to_string();
    let number = id
        .strip_prefix("policy")
        .and_then(|at| at.parse::<u32>().ok());
    match (policy.annotation("id"), number) {
        (Some(name), _) if !name.is_empty() => name.to_owned(),
        (_, Some(number)) => format!("policy {}", number + 1),
        _ => id,
    }
}

/// Adds the permission that a rule which only forbids stands for.
fn with_rest(mut policies: PolicySet) -> PolicySet {
    let permits = policies
        .policies()
        .any(|one| one.effect() == Effect::Permit);
    let rest = Policy::parse(
        Some(PolicyId::new(REST)),
        "permit(principal, action, resource);",
    );
    if let (false, Ok(rest)) = (permits, rest) {
        // Without it nothing would be permitted, which is the safe side.
        drop(policies.add(rest));
    }
    policies
}

fn request(call: Call<'_>) -> Option<Request> {
    let Call {
        function,
        principal,
        arguments,
        calls,
        told: _,
    } = call;
    let (tool, _) = function.split_once('.')?;
    let principal = match principal {
        Principal::Profile(name) => entity("Profile", name)?,
        Principal::Workflow(name) => entity("Workflow", name)?,
    };
    let size: usize = arguments.iter().map(|(_, value)| size_of(value)).sum();
    if size > MAX_LOOKED_AT {
        return None;
    }
    let mut pairs = Vec::with_capacity(arguments.len() + 1);
    for (name, value) in arguments {
        pairs.push(((*name).to_owned(), expression(value)?));
    }
    let calls = i64::try_from(calls).unwrap_or(i64::MAX);
    pairs.push((CALLS.to_owned(), RestrictedExpression::new_long(calls)));
    let context = Context::from_pairs(pairs).ok()?;
    let (action, resource) = (entity("Action", function)?, entity("Tool", tool)?);
    Request::new(principal, action, resource, context, None).ok()
}

fn entity(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(kind).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

/// A value as it is: nothing in it can name an entity or call a function of Cedar's.
fn expression(value: &Value) -> Option<RestrictedExpression> {
    Some(match value {
        Value::Bool(value) => RestrictedExpression::new_bool(*value),
        Value::Number(number) => RestrictedExpression::new_long(number.as_i64()?),
        Value::String(text) => RestrictedExpression::new_string(text.clone()),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(expression).collect();
            RestrictedExpression::new_set(items?)
        }
        Value::Object(fields) => {
            let fields: Option<Vec<_>> = fields
                .iter()
                .map(|(name, value)| Some((name.clone(), expression(value)?)))
                .collect();
            RestrictedExpression::new_record(fields?).ok()?
        }
        Value::Null => return None,
    })
}

fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 8,
        Value::Array(items) => items.iter().map(size_of).sum::<usize>() + 8,
        Value::Object(fields) => {
            let sizes = fields.iter();
            let sizes = sizes.map(|(name, value)| name.len() + size_of(value));
            sizes.sum::<usize>() + 8
        }
    }
}

/// Finds what the policies look at in the context.
fn attributes(policies: &PolicySet) -> Attributes {
    let mut found = Attributes::default();
    for policy in policies.policies() {
        match policy.to_json() {
            Ok(json) => visit(&json, &mut found),
            Err(_unwritable) => found.all = true,
        }
    }
    found
}

fn visit(value: &Value, found: &mut Attributes) {
    let is_context = |value: &Value| value.get("Var").and_then(Value::as_str) == Some("context");
    match value {
        Value::Object(fields) => {
            if is_context(value) {
                found.all = true;
                return;
            }
            for access in [".", "has"].iter().filter_map(|name| fields.get(*name)) {
                let of_context = access.get("left").is_some_and(is_context);
                let attribute = access.get("attr").and_then(Value::as_str);
                if let (true, Some(attribute)) = (of_context, attribute) {
                    found.named.insert(attribute.to_owned());
                    return;
                }
            }
            for field in fields.values() {
                visit(field, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
