//! The host's side of every WIT interface: one file each, and nothing in it but the way
//! to the choke point.

mod clock;
mod content;
mod files;
mod gate;
mod log;
mod model;
mod secrets;
pub(crate) mod tools;
mod web;

use crate::state::GuestState;

/// The shared words have no functions.
impl crate::bindings::types::Host for GuestState {}

/// What an orchestrator asks for travels in its turns.
impl crate::bindings::turns::Host for GuestState {}
