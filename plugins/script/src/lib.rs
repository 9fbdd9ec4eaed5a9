//! The workflow-script engine: scripts that a model wrote, run as an orchestrator of Lazaret.
//!
//! A script is JavaScript for QuickJS-ng. It sees eight globals (`agent`, `parallel`, `pipeline`,
//! `workflow`, `phase`, `log`, `args`, `budget`) and no I/O; what it asks for leaves as requests
//! of a turn, and a batch of replies brings it on. Nothing here is trusted: the host decides about
//! every request, so an engine that is confused, or taken over by its script, gains nothing.
//!
//! - [`task`]: what the host gives it; [`turn`]: the protocol, as in `wit/turns.wit`.
//! - [`Engine`]: the JavaScript context and the life of one script. The globals themselves are
//!   the files of `src/prelude/`.
//! - [`meta`], with [`lexer`] and [`literal`]: reads the head of a script without executing it.
//! - [`schema`]: refuses contradictory schemas; [`view`]: what an opaque script may see of an
//!   answer; [`placeholder`]: what stands for the rest in its texts.
//! - [`check`]: what can be said of a script before it runs.
//! - [`fault`]: the codes of failures, and stack traces in the script's own lines.
//!
//! ```
//! use script::{Engine, task::Task, turn::{Batch, NumberedReply, Reply, Request}};
//!
//! let source = "export const meta = { name: 'hello', description: 'asks one agent' }
//! return (await agent('Say hello')) + '!'";
//! let task = serde_json::json!({ "file": "hello.js", "source": source }).to_string();
//!
//! let mut engine = Engine::new(|level, line| eprintln!("{level:?} {line}"));
//! let turn = engine.start(&Task::parse(&task, Vec::new())?);
//! assert!(matches!(turn.requests[0].request, Request::Spawn(_)));
//!
//! let reply = NumberedReply { id: turn.requests[0].id, reply: Reply::Value("hello".into()) };
//! let turn = engine.resume(&Batch { replies: vec![reply], output_tokens: 2 });
//! assert_eq!(turn.finished, Some(Ok(script::turn::Answer::Json("\"hello!\"".into()))));
//! # Ok::<(), String>(())
//! ```

pub mod check;
pub mod engine;
pub mod fault;
pub mod lexer;
pub mod literal;
pub mod meta;
pub mod placeholder;
pub mod schema;
pub mod task;
pub mod turn;
pub mod view;

pub use crate::engine::Engine;

#[cfg(target_arch = "wasm32")]
mod guest;
