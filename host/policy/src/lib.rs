//! Lazaret's policy: manifests, the operator's word, and what follows from both.
//!
//! Pure: texts are arguments, problems are values. A plugin's [`manifest`] asks, the
//! operator's [`policy`] gives, [`compile`] makes the kernel's tables of what is both,
//! [`rules`] decides by arguments, [`admin`] forbids, [`explain`] puts a denial of the monitor in words, [`check`] judges a policy as a whole, and [`closed`] says which JSON
//! Schemas have countable values.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use lazaret_kernel::denial::Denial;
//! use lazaret_policy::compile::compile;
//! use lazaret_policy::manifest::Manifest;
//! use lazaret_policy::policy::Policy;
//!
//! let policy = Policy::parse("lazaret.toml", r#"
//!     version = 1
//!     [plugin.reader]
//!     file = "reader.wasm"
//!     [source.args]
//!     tags = ["issue"]
//!     [files.notes]
//!     path = "notes"
//!     tags = []
//!     write = true
//!     [profile.reader]
//!     plugin = "reader"
//!     reads = ["issue"]
//!     use = ["files.notes.*"]
//! "#)?;
//! let manifest = Manifest::parse("plugin.toml", r#"
//!     name = "reader"
//!     version = "0.1.0"
//!     world = "agent"
//!     [requests]
//!     use = ["files.notes.read"]
//!     reads = ["issue"]
//! "#)?;
//! let compiled = compile(&policy, &BTreeMap::from([("reader".to_owned(), manifest)]))?;
//!
//! // Granted is what the policy gives and the plugin asked for.
//! let read = compiled.function_id("files.notes.read").unwrap();
//! let write = compiled.function_id("files.notes.write").unwrap();
//! let profile = compiled.tables.profile(compiled.profile_id("reader").unwrap()).unwrap();
//! assert!(profile.grants.has_function(read));
//! assert!(!profile.grants.has_function(write));
//! assert_eq!(compiled.explain(&Denial::NotGranted(write)).rule, "not-granted:files.notes.write");
//! # Ok::<(), Vec<lazaret_policy::diagnostic::Diagnostic>>(())
//! ```
//!
//! What is wrong with a text is found all at once, each problem with its place:
//!
//! ```
//! use lazaret_policy::policy::Policy;
//!
//! let problems = Policy::parse("lazaret.toml", "version = 1\n[gate.verdict]\nremoves = [\"isue\"]\n");
//! let said: Vec<String> = problems.unwrap_err().iter().map(ToString::to_string).collect();
//! assert_eq!(said, [
//!     "lazaret.toml:2:7: [gate.verdict] has no `bits_per_item`",
//!     "lazaret.toml:3:12: no source carries the tag `isue`",
//! ]);
//! ```
#![forbid(unsafe_code)]

pub mod admin;
pub mod channel;
pub mod check;
pub mod closed;
pub mod command;
pub mod compile;
pub mod compiled;
pub mod explain;
pub mod policy;
mod rule_words;
pub mod rules;
pub mod secret;
pub mod server;
pub mod suggestion;
mod tools;
pub mod web;

pub use lazaret_manifest::diagnostic::Diagnostic;
pub use lazaret_manifest::{diagnostic, limits, manifest};
