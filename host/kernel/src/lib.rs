//! The kernel of Lazaret: labels, handles, gates and the monitor that decides every act.
//!
//! Pure: no I/O, no async, no clock, no randomness, no policy language, no dependency.
//! It is small enough to be read in an evening; begin with [`monitor`].
//!
//! ```
//! use lazaret_kernel::content::{Facts, Media};
//! use lazaret_kernel::denial::Denial;
//! use lazaret_kernel::label::{Label, Readers, TagSet};
//! use lazaret_kernel::monitor::Monitor;
//! use lazaret_kernel::origins::Origins;
//! use lazaret_kernel::tables::{Grants, Tables};
//!
//! // An instance that is cleared for nothing tainted holds a tainted text.
//! let mut monitor = Monitor::new(Tables::default());
//! let actor = monitor.start_root(Label::BOTTOM, Label::BOTTOM, Grants::NONE, 1);
//! let mail = Label { taint: TagSet::of(0), readers: Readers::PUBLIC };
//! let facts = Facts::flat(mail, Origins::NONE, Media::Text);
//! let held = monitor.admit(actor, facts, "wire the money")?;
//!
//! // It may hold and describe it, but not read it.
//! assert_eq!(monitor.describe(actor, held)?.1, mail);
//! assert!(matches!(monitor.read(actor, held), Err(Denial::Clearance { .. })));
//! # Ok::<(), Denial>(())
//! ```
#![forbid(unsafe_code)]

pub mod capacity;
pub mod closed;
pub mod content;
pub mod denial;
pub mod instance;
pub mod label;
pub mod ledger;
pub mod monitor;
pub mod names;
pub mod origins;
pub mod pointer;
pub mod tables;
pub mod tree;
