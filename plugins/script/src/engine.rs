//! The life of one script: started with a task, brought on by batches, over with a result.

mod bridge;
mod compile;
mod context;
mod endless;

use std::rc::Rc;

pub use crate::engine::compile::{SyntaxFault, syntax};

use crate::check;
use crate::engine::bridge::{Drained, Finished};
use crate::engine::context::JsContext;
use crate::lexer::position;
use crate::meta::Meta;
use crate::task::{MAX_SOURCE, Mode, Task};
use crate::turn::{Answer, Batch, Level, Turn};

/// How many bytes of C stack JavaScript may use before it throws a `RangeError`, unless the task
/// says otherwise.
///
/// QuickJS measures the stack in linear memory and never sees the one that the host keeps for
/// return addresses and registers. Built with `-stack-protector 3` (see README.md), every C
/// function takes a piece of the first, and a byte of it goes with at most thirteen of the
/// second (`JSON.parse`, measured): with this limit no recursion, of scripts, parsers or JSON,
/// exhausts a host's stack of 1 MiB. It allows 280 nested calls of a script; a host with a larger
/// stack says so in the task.
pub const MAX_STACK: usize = 80 << 10;

/// Takes a line of the log.
type Log = Rc<dyn Fn(Level, &str)>;

/// Runs one script after the other; each has a JavaScript context of its own.
#[expect(
    missing_debug_implementations,
    reason = "holds a JavaScript heap and a closure, which have nothing to show"
)]
pub struct Engine {
    log: Log,
    /// Made ahead of the script that will use it.
    ready: Option<JsContext>,
    script: Option<JsContext>,
    /// The context of a script that is over. It goes with the engine: to take a heap apart costs
    /// more than a short script, and an instance ends without that.
    over: Option<JsContext>,
}

impl Engine {
    /// Makes an engine that writes its log with a function.
    pub fn new(log: impl Fn(Level, &str) + 'static) -> Self {
        Self {
            log: Rc::new(log),
            ready: None,
            script: None,
            over: None,
        }
    }

    /// Makes the context of the next script now. A snapshot of an engine that is warm starts a
    /// script without parsing the prelude again.
    pub fn warm(&mut self) -> Result<(), String> {
        self.ready = Some(JsContext::new(Rc::clone(&self.log))?);
        Ok(())
    }

    /// Starts a script, or only checks it, and runs it until it waits or is over.
    pub fn start(&mut self, task: &Task) -> Turn {
        if task.check {
            let report = check::report(task);
            return Turn {
                requests: Vec::new(),
                finished: Some(Ok(Answer::Json(report))),
            };
        }
        match self.prepare(task) {
            Ok(script) => {
                let drained = script.drain();
                self.turn(script, drained)
            }
            Err(message) => Turn::failed(message),
        }
    }

    /// Gives the script its replies, one after the other, and runs it until it waits again.
    ///
    /// Between two replies everything that the first set off has run to its end, so it makes no
    /// difference how the host cut the replies into batches.
    pub fn resume(&mut self, batch: &Batch) -> Turn {
        let Some(script) = self.script.take() else {
            return Turn::failed("the script is over");
        };
        script.breathe();
        let delivered = script.set_spent(batch.output_tokens);
        let delivered = delivered.and_then(|()| {
            batch
                .replies
                .iter()
                .try_for_each(|reply| script.deliver(reply))
        });
        let drained = delivered.and_then(|()| script.drain());
        self.turn(script, drained)
    }

    fn prepare(&mut self, task: &Task) -> Result<JsContext, String> {
        let length = task.source.encode_utf16().count();
        if length > MAX_SOURCE {
            return Err(format!(
                "{}: the script has {length} characters, and at most {MAX_SOURCE} are allowed",
                task.file
            ));
        }
        if task.mode == Mode::Opaque && task.seed.is_empty() {
            return Err(
                "an opaque script needs a `seed`, which its placeholders are made from".to_owned(),
            );
        }
        let meta = Meta::read(&task.source).map_err(|problem| {
            let (line, column) = position(&task.source, problem.at);
            format!(
                "SyntaxError: {}\n    at {}:{line}:{column}",
                problem.message, task.file
            )
        })?;
        let mut script = match self.ready.take() {
            Some(ready) => ready,
            None => JsContext::new(Rc::clone(&self.log))?,
        };
        script.run(task, &meta)?;
        Ok(script)
    }

    /// Makes a turn of what a script left, and keeps the script if it goes on.
    fn turn(&mut self, script: JsContext, drained: Result<Drained, String>) -> Turn {
        if let Some(violation) = script.violation() {
            return Turn::failed(violation);
        }
        let drained = match drained {
            Ok(drained) => drained,
            Err(message) => return Turn::failed(message),
        };
        let finished = match drained.finished {
            Some(Finished::Ok(answer)) => Some(Ok(answer)),
            Some(Finished::Err(message)) => Some(Err(message)),
            None if drained.waiting == 0 => Some(Err(
                "the script awaits a promise that nothing will ever settle".to_owned(),
            )),
            None => None,
        };
        let kept = match finished {
            None => &mut self.script,
            Some(_) => &mut self.over,
        };
        *kept = Some(script);
        Turn {
            requests: drained.requests,
            finished,
        }
    }
}
