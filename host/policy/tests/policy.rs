//! Are wrong texts refused with their place, and right ones compiled to the tables they say?
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::assertions_on_result_states,
    reason = "a test that cannot go on fails, and says with which case"
)]

#[path = "cases/admin.rs"]
mod admin;
#[path = "cases/asked.rs"]
mod asked;
#[path = "cases/check.rs"]
mod check;
#[path = "cases/closed.rs"]
mod closed;
#[path = "cases/codes.rs"]
mod codes;
#[path = "cases/commands.rs"]
mod commands;
#[path = "cases/compile.rs"]
mod compile;
#[path = "cases/explain.rs"]
mod explain;
#[path = "cases/members.rs"]
mod members;
#[path = "cases/models.rs"]
mod models;
#[path = "cases/mounts.rs"]
mod mounts;
#[path = "cases/narrow.rs"]
mod narrow;
#[path = "cases/numbers.rs"]
mod numbers;
#[path = "cases/orchestrators.rs"]
mod orchestrators;
#[path = "cases/policy.rs"]
mod policy;
#[path = "cases/routes.rs"]
mod routes;
#[path = "cases/rules.rs"]
mod rules;
#[path = "cases/secrets.rs"]
mod secrets;
#[path = "cases/servers.rs"]
mod servers;
#[path = "cases/triage.rs"]
mod triage;
#[path = "cases/web.rs"]
mod web;
#[path = "../../manifest/tests/cases/wrong.rs"]
mod wrong;
