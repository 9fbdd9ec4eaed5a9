//! A stage for attacks: one policy, one hostile guest, one run, and what became of it.
//!
//! ```no_run
//! use lazaret_security::Stage;
//!
//! let stage = || Stage::of("calls_a_tool");
//! stage().play().refused_by("not-granted:tracker.pay");
//! stage()
//!     .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
//!     .play()
//!     .nothing_refused();
//! ```
//!
//! The second run is the **twin** of the first: one line of the policy differs, and the
//! attack succeeds. Without it a guest that fails for some other reason would pass for one
//! that was refused.

mod dist;
mod github;
mod played;
mod policy;
mod site;
mod stage;

pub use dist::{Version, guest, place, without_manifest};
pub use github::{GitHub, Issue};
pub use played::Played;
pub use policy::PolicyText;
pub use site::{Asked, Reply, Site};
pub use stage::{Stage, host, launch};
