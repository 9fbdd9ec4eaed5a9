//! Do the kernel's values obey their laws? Lattice, capacities, pointers, label trees, origins, names.
#![expect(
    clippy::unwrap_used,
    reason = "a test helper that cannot go on fails its test"
)]

#[path = "units/capacity.rs"]
mod capacity;
#[path = "units/closed.rs"]
mod closed;
#[path = "support/doc.rs"]
mod doc;
#[path = "units/label.rs"]
mod label;
#[path = "units/names.rs"]
mod names;
#[path = "units/origins.rs"]
mod origins;
#[path = "units/pointer.rs"]
mod pointer;
#[path = "support/labels.rs"]
mod support;
#[path = "units/tree.rs"]
mod tree;
