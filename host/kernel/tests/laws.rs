//! Do the laws of information flow hold for whole runs of random, adversarial guests?
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test helper that cannot go on fails its test, and shares are reported"
)]

#[path = "support/doc.rs"]
mod doc;
#[path = "laws/guest.rs"]
mod guest;
#[path = "laws/single.rs"]
mod single;
#[path = "laws/two_runs.rs"]
mod two_runs;
#[path = "laws/world.rs"]
mod world;
