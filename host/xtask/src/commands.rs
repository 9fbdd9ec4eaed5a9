//! The commands, one file each. Each has its `Args` and a `run`.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod guests;
pub(crate) mod setup;
pub(crate) mod test;
