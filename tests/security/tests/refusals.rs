//! One refusal for each interface of the contract, before any grant.
//!
//! Each stands in a file of its own, which the tests on the tree look for.

mod clock_refused;
mod content_refused;
mod files_refused;
mod gate_refused;
mod log_refused;
mod model_refused;
mod secrets_refused;
mod tools_refused;
mod web_refused;
