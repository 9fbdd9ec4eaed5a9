//! The JavaScript context of one script: its limits, the prelude, and the calls into it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::function::{Args, Func, IntoArgs};
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, FromJs, Function, Object, Persistent, Runtime,
    Value,
};
use serde_json::json;

use crate::engine::bridge::{Drained, spell};
use crate::engine::{Log, MAX_STACK, compile, endless};
use crate::fault::{place, script_frames};
use crate::meta::Meta;
use crate::placeholder::Placeholders;
use crate::schema;
use crate::task::{Mode, Task};
use crate::turn::{Handle, Level, NumberedReply};
use crate::view::View;

/// The prelude's modules in the order in which they are loaded.
const PRELUDE: [(&str, &str); 13] = [
    ("bridge.js", include_str!("../prelude/bridge.js")),
    ("opaque.js", include_str!("../prelude/opaque.js")),
    ("errors.js", include_str!("../prelude/errors.js")),
    ("console.js", include_str!("../prelude/console.js")),
    ("outcome.js", include_str!("../prelude/outcome.js")),
    ("view.js", include_str!("../prelude/view.js")),
    ("agent.js", include_str!("../prelude/agent.js")),
    ("together.js", include_str!("../prelude/together.js")),
    ("workflow.js", include_str!("../prelude/workflow.js")),
    ("timers.js", include_str!("../prelude/timers.js")),
    ("text.js", include_str!("../prelude/text.js")),
    ("clone.js", include_str!("../prelude/clone.js")),
    ("url.js", include_str!("../prelude/url.js")),
];
/// Loaded last: they close the world before the script comes in.
const CLOSING: [(&str, &str); 2] = [
    ("bans.js", include_str!("../prelude/bans.js")),
    ("main.js", include_str!("../prelude/main.js")),
];

/// What the prelude's calls into Rust share.
struct Shared {
    log: Log,
    file: RefCell<String>,
    source: RefCell<String>,
    placeholders: RefCell<Placeholders>,
    /// What ends the script whatever it catches: the first cause.
    violation: RefCell<Option<String>>,
    /// How often QuickJS may still ask whether to go on, until the script waits for something.
    pace: Cell<u32>,
}

impl Shared {
    /// Whether the script has to end now.
    fn must_end(&self) -> bool {
        let left = self.pace.get();
        self.pace.set(left.saturating_sub(1));
        left == 0 || self.violation.borrow().is_some()
    }

    /// Names the line at which the script computed for too long, if it did.
    fn take_exhaustion(&self, stack: &str) {
        if self.pace.get() > 0 {
            return;
        }
        let message = endless::told(&self.source.borrow(), &self.file.borrow(), stack);
        self.violation.borrow_mut().get_or_insert(message);
    }
}

/// A context with the prelude in it, and maybe a script that waits.
pub(super) struct JsContext {
    // INVARIANT: everything that refers to the heap is dropped before `runtime`, which aborts
    // on what is left. Fields drop in this order; `Drop` clears the tracker first.
    core: Persistent<Object<'static>>,
    context: Context,
    runtime: Runtime,
    shared: Rc<Shared>,
    mode: Mode,
    /// The pace that each turn begins with.
    limit: u32,
}

impl JsContext {
    /// Makes a context and loads the prelude, for any script.
    pub(super) fn new(log: Log) -> Result<Self, String> {
        let shared = Rc::new(Shared {
            log,
            file: RefCell::default(),
            source: RefCell::default(),
            placeholders: RefCell::new(Placeholders::new("")),
            violation: RefCell::default(),
            pace: Cell::new(u32::MAX),
        });
        let runtime = Runtime::new().map_err(|error| broken(&error))?;
        runtime.set_max_stack_size(MAX_STACK);
        let violated = Rc::clone(&shared);
        // The error that a violation throws can be caught; this ends the script at the next
        // loop or call whatever it catches.
        runtime.set_interrupt_handler(Some(Box::new(move || violated.must_end())));
        let context = Context::full(&runtime).map_err(|error| broken(&error))?;
        let core = context.with(|ctx| {
            load(&ctx, &shared)
                .catch(&ctx)
                .map_err(|error| told(&error))
        })?;
        let context = Self {
            core,
            context,
            runtime,
            shared,
            mode: Mode::Float,
            limit: u32::MAX,
        };
        context.track_rejections()?;
        Ok(context)
    }

    /// Compiles a script and runs it until it waits. Once in a context's life.
    pub(super) fn run(&mut self, task: &Task, meta: &Meta) -> Result<(), String> {
        self.mode = task.mode;
        self.shared.file.replace(task.file.clone());
        self.shared.source.replace(task.source.clone());
        self.shared
            .placeholders
            .replace(Placeholders::new(&task.seed));
        self.runtime.set_max_stack_size(task.limits.stack);
        self.runtime.set_memory_limit(task.limits.memory);
        self.limit = task.limits.pace;
        self.breathe();
        self.call::<(), _>("begin", (told_task(task, meta),))?;
        let wrapped = compile::wrap(&task.source, &meta.statement);
        self.context.with(|ctx| {
            let body = compile::compile(&ctx, &wrapped, &task.file).map_err(|fault| {
                format!(
                    "{fault}\n    at {}:{}:{}",
                    task.file, fault.line, fault.column
                )
            })?;
            self.call_in::<Value<'_>, _>(&ctx, "run", (body,)).map(drop)
        })?;
        self.pump();
        Ok(())
    }

    /// Gives the script the time of one turn: it has waited for something.
    pub(super) fn breathe(&self) {
        self.shared.pace.set(self.limit);
    }

    /// Tells the script how many tokens the run has used.
    pub(super) fn set_spent(&self, tokens: u64) -> Result<(), String> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "JavaScript's numbers are floats; a run of 2^53 tokens is not one"
        )]
        self.call("setSpent", (tokens as f64,))
    }

    /// Settles what waits for a reply, and runs all that follows from it.
    pub(super) fn deliver(&self, reply: &NumberedReply) -> Result<(), String> {
        let (kind, payload) = spell(&reply.reply, self.mode);
        self.call::<(), _>("deliver", (reply.id, kind, payload))?;
        self.pump();
        Ok(())
    }

    /// Takes what the script asked since the last time.
    pub(super) fn drain(&self) -> Result<Drained, String> {
        let json: String = self.call("drain", ())?;
        serde_json::from_str(&json).map_err(|error| format!("the engine broke: {error}"))
    }

    /// Returns the first quarantine violation, if there was one.
    pub(super) fn violation(&self) -> Option<String> {
        self.shared.violation.borrow().clone()
    }

    fn pump(&self) {
        while self.runtime.is_job_pending() && self.shared.violation.borrow().is_none() {
            if let Err(exception) = self.runtime.execute_pending_job() {
                // Only what nothing can catch gets here, and the violation says why.
                exception.0.with(|ctx| {
                    let caught = ctx.catch();
                    let stack = caught.as_exception().and_then(rquickjs::Exception::stack);
                    self.shared.take_exhaustion(&stack.unwrap_or_default());
                });
            }
        }
    }

    fn call<R: for<'js> FromJs<'js>, A: for<'js> IntoArgs<'js>>(
        &self,
        name: &str,
        arguments: A,
    ) -> Result<R, String> {
        self.context.with(|ctx| self.call_in(&ctx, name, arguments))
    }

    fn call_in<'js, R: FromJs<'js>, A: IntoArgs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        arguments: A,
    ) -> Result<R, String> {
        let call = || {
            let core = self.core.clone().restore(ctx)?;
            let function: Function<'js> = core.get(name)?;
            let mut list = Args::new(ctx.clone(), arguments.num_args());
            arguments.into_args(&mut list)?;
            function.call_arg(list)
        };
        call().catch(ctx).map_err(|error| {
            if let CaughtError::Exception(exception) = &error {
                let stack = exception.stack().unwrap_or_default();
                self.shared.take_exhaustion(&stack);
            }
            self.violation().unwrap_or_else(|| told(&error))
        })
    }

    fn track_rejections(&self) -> Result<(), String> {
        let tracker = self.context.with(|ctx| {
            let core = self.core.clone().restore(&ctx)?;
            core.get::<_, Function<'_>>("rejected")
                .map(|function| Persistent::save(&ctx, function))
        });
        let tracker = tracker.map_err(|error| broken(&error))?;
        self.runtime
            .set_host_promise_rejection_tracker(Some(Box::new(
                move |ctx, promise, reason, heard| {
                    let told = tracker
                        .clone()
                        .restore(&ctx)
                        .and_then(|function| function.call::<_, ()>((promise, reason, heard)));
                    if told.is_err() {
                        drop(ctx.catch());
                    }
                },
            )));
        Ok(())
    }
}

impl Drop for JsContext {
    fn drop(&mut self) {
        self.runtime.set_host_promise_rejection_tracker(None);
    }
}

/// Evaluates the prelude with an `engine` object that it shares, and returns that object.
fn load<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Persistent<Object<'static>>> {
    let core = Object::new(ctx.clone())?;
    core.set("host", host(ctx, shared)?)?;
    core.set("globals", Object::new(ctx.clone())?)?;
    for (name, source) in PRELUDE.into_iter().chain(CLOSING) {
        let mut options = EvalOptions::default();
        options.filename = Some(format!("{}{name}", crate::fault::OWN));
        let module: Function<'js> = ctx.eval_with_options(source, options)?;
        module.call::<_, ()>((core.clone(),))?;
    }
    Ok(Persistent::save(ctx, core))
}

/// The part of the task that the prelude reads.
fn told_task(task: &Task, meta: &Meta) -> String {
    let mut told = json!({
        "file": task.file,
        "meta": meta.fields,
        "mode": match task.mode { Mode::Float => "float", Mode::Opaque => "opaque" },
        "limits": { "items": task.limits.items, "agents": task.limits.agents, "list": task.limits.list },
        "budget": { "total": task.budget.total, "spent": task.budget.spent },
        "nested": task.nested,
        "parts": task.parts,
    });
    if let (Some(args), Some(told)) = (&task.args, told.as_object_mut()) {
        told.insert("args".to_owned(), args.clone());
    }
    told.to_string()
}

/// The functions that the prelude calls.
fn host<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let here = || Rc::clone(shared);

    let s = here();
    object.set(
        "log",
        Func::from(move |level: String, line: String| (s.log)(level_of(&level), &line)),
    )?;
    let s = here();
    object.set(
        "place",
        Func::from(move |stack: String| place(&stack, &s.file.borrow()).unwrap_or_default()),
    )?;
    object.set("frames", Func::from(|stack: String| script_frames(&stack)))?;
    object.set(
        "contradiction",
        Func::from(|schema: String| {
            let parsed = serde_json::from_str(&schema).map_err(|error| error.to_string());
            parsed.map_or_else(Some, |schema| schema::contradiction(&schema))
        }),
    )?;
    object.set(
        "view",
        Func::from(|schema: String, list: u32| {
            let view = serde_json::from_str(&schema)
                .map_or(View::Opaque, |schema| View::of(&schema, list));
            json!(view).to_string()
        }),
    )?;
    let s = here();
    object.set(
        "opaque",
        Func::from(move |handle: String, name: String| {
            let handle = Handle(handle.parse().unwrap_or_default());
            s.placeholders.borrow_mut().add(handle, name)
        }),
    )?;
    let s = here();
    object.set(
        "touches",
        Func::from(move |text: String| s.placeholders.borrow().touches(&text)),
    )?;
    let s = here();
    object.set(
        "describe",
        Func::from(move |text: String| s.placeholders.borrow().describe(&text)),
    )?;
    let s = here();
    object.set(
        "pieces",
        Func::from(move |text: String| {
            let pieces = s.placeholders.borrow().pieces(&text);
            let told = pieces.map_or_else(
                |damaged| json!({ "refused": damaged.to_string() }),
                |pieces| json!({ "pieces": pieces }),
            );
            told.to_string()
        }),
    )?;
    let s = here();
    object.set(
        "dissect",
        Func::from(move |text: String| {
            let parts = s.placeholders.borrow().dissect(&text);
            let told = parts.map_or_else(
                |refused| json!({ "refused": refused }),
                |parts| json!(parts),
            );
            told.to_string()
        }),
    )?;
    let s = here();
    object.set(
        "violate",
        Func::from(move |message: String| {
            // The first one is the cause; a script that catches it can only add to it.
            s.violation.borrow_mut().get_or_insert(message);
        }),
    )?;
    Ok(object)
}

fn level_of(word: &str) -> Level {
    match word {
        "debug" => Level::Debug,
        "warn" => Level::Warn,
        "error" => Level::Error,
        _ => Level::Info,
    }
}

fn broken(error: &rquickjs::Error) -> String {
    format!("the engine broke: {error}")
}

/// An error that came out of the prelude itself, such as memory that ran out inside it.
fn told(error: &CaughtError<'_>) -> String {
    match error {
        CaughtError::Exception(exception) => {
            let stack = exception.stack().unwrap_or_default();
            format!(
                "{}\n{}",
                exception.message().unwrap_or_default(),
                script_frames(&stack)
            )
            .trim_end()
            .to_owned()
        }
        other => other.to_string(),
    }
}
