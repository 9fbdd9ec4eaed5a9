//! The life of a run as data and pure state machines: no I/O, no clock, no async.
//!
//! [`schedule`] decides what starts next and in which order results are delivered;
//! [`approval`] is what waits for a person; [`budget`] is what may be used up; [`event`] is what
//! the journal holds; [`replay`] decides what of it is used when a run goes on; [`status`] is how
//! a run ends; [`view`] is how it is looked at; [`receipt`] is what a signer states of it;
//! [`recount`] counts the bits again.
//!
//! ```
//! use lazaret_workflow::schedule::{Delivery, Number, Schedule};
//!
//! let mut schedule = Schedule::new(2);
//! for number in 0..3 {
//!     schedule.request(Number(number), Delivery::InOrder);
//! }
//! // Two at once; the third waits.
//! assert_eq!(schedule.next_to_start(), Some(Number(0)));
//! assert_eq!(schedule.next_to_start(), Some(Number(1)));
//! assert_eq!(schedule.next_to_start(), None);
//! // The second one ends first, and its result waits for the first one's.
//! schedule.finish(Number(1));
//! assert_eq!(schedule.next_to_deliver(), None);
//! schedule.finish(Number(0));
//! assert_eq!(schedule.next_to_deliver(), Some(Number(0)));
//! ```
#![forbid(unsafe_code)]

pub mod approval;
pub mod budget;
pub mod event;
pub mod receipt;
pub mod recount;
pub mod replay;
pub mod schedule;
pub mod status;
pub mod synthesise;
pub mod view;
