//! Are wrong manifests refused with their place, and does a component carry its own?
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::assertions_on_result_states,
    reason = "a test that cannot go on fails, and says with which case"
)]

#[path = "cases/manifest.rs"]
mod manifest;
#[path = "cases/names.rs"]
mod names;
#[path = "cases/reader.rs"]
mod reader;
#[path = "cases/section.rs"]
mod section;
#[path = "cases/wrong.rs"]
mod wrong;
