//! Lazaret's manifests, and what manifests and policies have in common: names, limits, a
//! reader of TOML that reports every problem with its place, and the codes of all problems.
//!
//! A crate of its own so that a tool that only packs plugins is not compiled with all that a
//! policy needs. Pure: texts are arguments, problems are values.
//!
//! ```
//! use lazaret_manifest::manifest::Manifest;
//!
//! let problems = Manifest::parse("plugin.toml", "name = \"a\"\nversion = \"1\"\nworld = \"agnt\"\n");
//! let said: Vec<String> = problems.unwrap_err().iter().map(ToString::to_string).collect();
//! assert_eq!(said, [
//!     "plugin.toml:2:11: `1` is no version",
//!     "plugin.toml:3:9: there is no world `agnt`",
//! ]);
//! ```
#![forbid(unsafe_code)]

pub mod codes;
pub mod diagnostic;
pub mod grant;
pub mod limits;
pub mod manifest;
pub mod name;
pub mod reader;
pub mod suggest;
pub mod text;
