//! Does every rule of the table in section 4 of the design refuse, grant, and end at its limit?
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test helper that cannot go on fails its test"
)]

#[path = "acts/approval.rs"]
mod approval;
#[path = "acts/beyond.rs"]
mod beyond;
#[path = "acts/choice.rs"]
mod choice;
#[path = "acts/content.rs"]
mod content;
#[path = "acts/decision.rs"]
mod decision;
#[path = "acts/denials.rs"]
mod denials;
#[path = "acts/effect.rs"]
mod effect;
#[path = "acts/gate.rs"]
mod gate;
#[path = "acts/handles.rs"]
mod handles;
#[path = "acts/leaks.rs"]
mod leaks;
#[path = "acts/moved.rs"]
mod moved;
#[path = "acts/nest.rs"]
mod nest;
#[path = "acts/outcome.rs"]
mod outcome;
#[path = "acts/question.rs"]
mod question;
#[path = "acts/recall.rs"]
mod recall;
#[path = "acts/reserve.rs"]
mod reserve;
#[path = "acts/spawn.rs"]
mod spawn;
#[path = "support/stage.rs"]
mod stage;
#[path = "acts/vouched.rs"]
mod vouched;
