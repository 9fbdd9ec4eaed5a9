//! How large a component is and how long it takes to run.
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::time::{Duration, Instant};

use lazaret_security::Stage;
use serde_json::json;

use crate::component;

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The component's bytes, manifest included.
    pub bytes: usize,
    /// A whole run with one agent, its component compiled before.
    pub run: Duration,
}

/// Runs a component's smallest case; the shortest of several counts.
pub fn measure(language: &str) -> Measured {
    let bytes = component(language);
    let order = json!({ "case": "clock", "value": null }).to_string();
    let run = || {
        let stage = Stage::of("noop")
            .component("subject", bytes.clone())
            .rule("[limits]", "memory_mib", "256")
            .rule("[limits]", "cpu_ms", "20000")
            .rule("[limits]", "wall_ms", "60000")
            .order(order.clone());
        let started = Instant::now();
        stage.play();
        started.elapsed()
    };
    let runs = (0..4).map(|_| run());
    Measured {
        bytes: bytes.len(),
        run: runs.min().unwrap_or_default(),
    }
}
