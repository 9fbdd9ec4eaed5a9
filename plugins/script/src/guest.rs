//! The thin layer between the contract's generated bindings and the engine.

use std::cell::RefCell;

use crate::Engine;
use crate::meta::Meta;
use crate::task::Task;
use crate::turn::{self, Handle, Level};

#[expect(
    unsafe_code,
    clippy::pedantic,
    clippy::error_impl_error,
    reason = "SAFETY: generated from the contract; JUSTIFICATION: memory crosses the border of a component by pointer"
)]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "orchestrator" });

    use super::Script;
    export!(Script);
}

use bindings::lazaret::agent::log;
use bindings::lazaret::agent::turns as wire;
use bindings::lazaret::agent::types as words;

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::new(|level, line| log::write(wire_level(level), line)));
    /// What the whole run is for, by the script's own `meta`; every agent is told.
    static GOAL: RefCell<Option<String>> = const { RefCell::new(None) };
}

struct Script;

impl bindings::Guest for Script {
    fn start(task: words::Task) -> wire::Turn {
        let parts = task.parts.into_iter().map(|part| turn::Part {
            name: part.name,
            content: Handle(part.content),
        });
        let turn = match Task::parse(&task.text, parts.collect()) {
            Ok(task) => {
                GOAL.set(
                    Meta::read(&task.source)
                        .ok()
                        .and_then(|meta| meta.description()),
                );
                ENGINE.with_borrow_mut(|engine| engine.start(&task))
            }
            Err(message) => turn::Turn::failed(message),
        };
        wire_turn(turn)
    }

    fn resume(batch: wire::Batch) -> wire::Turn {
        let batch = turn::Batch {
            replies: batch.replies.into_iter().map(numbered_reply).collect(),
            output_tokens: batch.output_tokens,
        };
        wire_turn(ENGINE.with_borrow_mut(|engine| engine.resume(&batch)))
    }
}

fn wire_turn(turn: turn::Turn) -> wire::Turn {
    let requests = turn
        .requests
        .into_iter()
        .map(|numbered| wire::NumberedRequest {
            id: numbered.id,
            request: wire_request(numbered.request),
        });
    wire::Turn {
        requests: requests.collect(),
        finished: turn.finished.map(|finished| match finished {
            Ok(turn::Answer::Json(json)) => Ok(words::Answer::Json(json)),
            Ok(turn::Answer::Content(handle)) => Ok(words::Answer::Content(handle.0)),
            Err(message) => Err(words::Failure { message }),
        }),
    }
}

fn wire_request(request: turn::Request) -> wire::Request {
    match request {
        turn::Request::Project { content, pointer } => wire::Request::Project(wire::Projection {
            content: content.0,
            pointer,
        }),
        turn::Request::ComposeText(pieces) => wire::Request::ComposeText(wire_pieces(pieces)),
        turn::Request::ComposeJson { skeleton, leaves } => {
            wire::Request::ComposeJson(wire::Composition {
                skeleton,
                leaves: leaves.into_iter().map(wire_leaf).collect(),
            })
        }
        turn::Request::Split { content, max } => wire::Request::Split(wire::Splitting {
            content: content.0,
            max,
        }),
        turn::Request::Gate {
            content,
            schema,
            rule,
        } => wire::Request::Gate(wire::Gating {
            content: content.0,
            schema,
            rule,
        }),
        turn::Request::Reveal(handle) => wire::Request::Reveal(handle.0),
        turn::Request::Spawn(spawn) => wire::Request::Spawn(wire::Spawning {
            profile: spawn.profile,
            name: spawn.name,
            phase: spawn.phase,
            text: wire_pieces(spawn.text),
            parts: Vec::new(),
            options: GOAL.with_borrow(|goal| with_goal(spawn.options, goal.as_deref())),
        }),
        turn::Request::Workflow { target, arguments } => {
            wire::Request::Workflow(wire::NestedWorkflow {
                target,
                arguments: arguments.0,
            })
        }
        turn::Request::Wait(milliseconds) => wire::Request::Wait(milliseconds),
        turn::Request::Cancel(id) => wire::Request::Cancel(id),
        turn::Request::Phase(title) => wire::Request::Phase(title),
    }
}

/// Adds the run's goal to an agent's options.
fn with_goal(options: String, goal: Option<&str>) -> String {
    match (serde_json::from_str(&options), goal) {
        (Ok(serde_json::Value::Object(mut fields)), Some(goal)) => {
            fields.insert("goal".to_owned(), goal.into());
            serde_json::Value::Object(fields).to_string()
        }
        _ => options,
    }
}

fn wire_pieces(pieces: Vec<turn::Piece>) -> Vec<words::Piece> {
    let piece = |piece| match piece {
        turn::Piece::Literal(text) => words::Piece::Literal(text),
        turn::Piece::Content(handle) => words::Piece::Content(handle.0),
    };
    pieces.into_iter().map(piece).collect()
}

fn wire_leaf(leaf: turn::Leaf) -> words::Leaf {
    words::Leaf {
        pointer: leaf.pointer,
        content: leaf.content.0,
    }
}

fn wire_level(level: Level) -> log::Level {
    match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    }
}

fn numbered_reply(numbered: wire::NumberedReply) -> turn::NumberedReply {
    turn::NumberedReply {
        id: numbered.id,
        reply: reply(numbered.reply),
    }
}

fn reply(reply: wire::Reply) -> turn::Reply {
    match reply {
        wire::Reply::Done => turn::Reply::Done,
        wire::Reply::Content(handle) => turn::Reply::Content(Handle(handle)),
        wire::Reply::Contents(handles) => {
            turn::Reply::Contents(handles.into_iter().map(Handle).collect())
        }
        wire::Reply::Value(text) => turn::Reply::Value(text),
        wire::Reply::Invalid => turn::Reply::Invalid,
        wire::Reply::Outcome(wire::Outcome::Value(handle)) => {
            turn::Reply::Outcome(turn::Outcome::Value(Handle(handle)))
        }
        wire::Reply::Outcome(wire::Outcome::None) => turn::Reply::Outcome(turn::Outcome::None),
        wire::Reply::Outcome(wire::Outcome::Failed(text)) => {
            turn::Reply::Outcome(turn::Outcome::Failed(text))
        }
        // A script has no way to ask.
        wire::Reply::Said(_) => turn::Reply::Failed("nobody was asked".to_owned()),
        wire::Reply::Denied(denial) => turn::Reply::Denied(turn::Denial {
            kind: kind(denial.kind).to_owned(),
            rule: denial.rule,
            message: denial.message,
            remedy: denial.remedy,
        }),
        wire::Reply::Failed(text) => turn::Reply::Failed(text),
    }
}

fn kind(kind: words::DenialKind) -> &'static str {
    match kind {
        words::DenialKind::NotGranted => "not-granted",
        words::DenialKind::Taint => "taint",
        words::DenialKind::Readers => "readers",
        words::DenialKind::Clearance => "clearance",
        words::DenialKind::UnknownHandle => "unknown-handle",
        words::DenialKind::Gate => "gate",
        words::DenialKind::Limit => "limit",
        words::DenialKind::Refused => "refused",
    }
}

/// Runs before the first call when the module is snapshotted (Wizer): what a start would do for
/// any script is then done once for all.
#[expect(
    unsafe_code,
    reason = "SAFETY: the name is Wizer's own; JUSTIFICATION: it calls the core module, past the contract"
)]
#[unsafe(export_name = "wizer-initialize")]
extern "C" fn initialize() {
    // Without a snapshot of it a start only takes longer.
    drop(ENGINE.with_borrow_mut(Engine::warm));
}

/// The one import that QuickJS would need, answered here instead: it asks for the time when a
/// context is made (to seed `Math.random`, which scripts do not have) and never learns it.
#[expect(
    unsafe_code,
    reason = "SAFETY: rquickjs-sys/wasm-shim/shim.c declares it so, and nothing else defines it; JUSTIFICATION: without it the component has an `env` import"
)]
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    0.0
}

/// What `-stack-protector` compares. Its value is no secret: the flag is on so that every C
/// function takes stack where QuickJS can measure it (`MAX_STACK`), not against smashing, which
/// the sandbox contains anyway.
#[expect(
    unsafe_code,
    reason = "SAFETY: clang declares it so; JUSTIFICATION: the C side is compiled with the flag"
)]
#[unsafe(no_mangle)]
static __stack_chk_guard: usize = 0x0bad_cafe;

/// Where a function goes that finds the guard changed.
#[expect(
    unsafe_code,
    reason = "SAFETY: clang declares it so; JUSTIFICATION: the C side is compiled with the flag"
)]
#[unsafe(no_mangle)]
extern "C" fn __stack_chk_fail() -> ! {
    core::arch::wasm32::unreachable()
}
