//! An orchestrator that imports the agents' clock.

wit_bindgen::generate!({
    inline: r#"
        package test:guest;
        world directs-with-a-clock {
            import lazaret:agent/clock@0.1.0;
            include lazaret:agent/orchestrator@0.1.0;
        }
    "#,
    path: "../../wit",
    generate_all,
});

use lazaret::agent::{clock, types};

struct DirectsWithAClock;

impl Guest for DirectsWithAClock {
    fn start(_task: Task) -> Turn {
        let answer = types::Answer::Text(clock::now().to_string());
        Turn {
            requests: Vec::new(),
            finished: Some(Ok(answer)),
        }
    }

    fn resume(_batch: Batch) -> Turn {
        Turn {
            requests: Vec::new(),
            finished: None,
        }
    }
}

export!(DirectsWithAClock);
