//! An agent that imports an interface of WASI.

wit_bindgen::generate!({
    inline: r#"
        package test:guest;
        package wasi:random@0.2.0 {
            interface random { get-random-u64: func() -> u64; }
        }
        world wants-wasi {
            import wasi:random/random@0.2.0;
            use lazaret:agent/types@0.1.0.{task, answer, failure};
            export run: func(task: task) -> result<answer, failure>;
        }
    "#,
    path: "../../wit",
    generate_all,
});

struct WantsWasi;

impl Guest for WantsWasi {
    fn run(_task: Task) -> Result<Answer, Failure> {
        Ok(Answer::Text(
            wasi::random::random::get_random_u64().to_string(),
        ))
    }
}

export!(WantsWasi);
