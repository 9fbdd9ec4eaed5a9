//! The commands, one file each. Each has its `Args` and a `run`.

pub(crate) mod bench;
pub(crate) mod bindings;
pub(crate) mod conformance;
pub(crate) mod demo;
pub(crate) mod guests;
pub(crate) mod install;
pub(crate) mod kernel_mutants;
pub(crate) mod setup;
pub(crate) mod test;
