//! The checks, one file each.

mod direction;
mod error_pages;
mod guests;
mod interfaces;
mod length;
mod links;
mod machine_names;
mod output;
mod pure;
mod released;
mod unfinished;
mod wasmtime;
