//! The files that this crate carries, by their path from where they lie in the project.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
