//! Makes a function of a script, so that every line and column stays where the author has it.

use std::ops::Range;

use rquickjs::context::EvalOptions;
use rquickjs::{CatchResultExt as _, CaughtError, Context, Ctx, Function, Runtime};

use crate::engine::MAX_STACK;

/// Stands where `export const meta` stood. `meta` needs a name and a description, so the statement
/// is longer than this, unless it has several lines, and then nothing follows on this one.
const HEAD: &str = "(async function(){";
const TAIL: &str = "\n})";

/// Where and why a script is not valid JavaScript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// The engine's words.
    pub message: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

/// Returns the script as an async function, with blanks for `meta`.
pub(super) fn wrap(source: &str, meta: &Range<usize>) -> String {
    let before = source.get(..meta.start).unwrap_or_default();
    let statement = source.get(meta.clone()).unwrap_or_default();
    let after = source.get(meta.end..).unwrap_or_default();
    let blank = |line: &str| " ".repeat(line.chars().count());
    let mut lines = statement.split('\n');
    let first = lines.next().unwrap_or_default().chars().count();
    let mut wrapped = format!("{before}{HEAD:first$}");
    for line in lines {
        wrapped.push('\n');
        wrapped.push_str(&blank(line));
    }
    wrapped + after + TAIL
}

/// Compiles a wrapped script, executing nothing of a valid one.
pub(super) fn compile<'js>(
    ctx: &Ctx<'js>,
    wrapped: &str,
    file: &str,
) -> Result<Function<'js>, SyntaxFault> {
    let mut options = EvalOptions::default();
    options.filename = Some(file.to_owned());
    let body: Function<'_> = ctx
        .eval_with_options(wrapped, options)
        .catch(ctx)
        .map_err(|error| fault(&error, file))?;
    // A body that closes the function itself compiles as something else.
    let text: String = ctx
        .eval::<Function<'_>, _>("(f) => Function.prototype.toString.call(f)")
        .and_then(|text| text.call((body.clone(),)))
        .unwrap_or_default();
    let whole = wrapped
        .find(HEAD)
        .and_then(|start| wrapped.get(start + 1..wrapped.len() - 1));
    if whole == Some(text.as_str()) {
        return Ok(body);
    }
    Err(SyntaxFault {
        message: "unexpected `}`".to_owned(),
        line: 1,
        column: 1,
    })
}

/// Says whether a script with this `meta` statement is valid JavaScript.
pub fn syntax(source: &str, meta: &Range<usize>, file: &str) -> Result<(), SyntaxFault> {
    let unusable = |error: rquickjs::Error| SyntaxFault {
        message: error.to_string(),
        line: 1,
        column: 1,
    };
    let runtime = Runtime::new().map_err(unusable)?;
    runtime.set_max_stack_size(MAX_STACK);
    let context = Context::full(&runtime).map_err(unusable)?;
    context.with(|ctx| compile(&ctx, &wrap(source, meta), file).map(drop))
}

fn fault(error: &CaughtError<'_>, file: &str) -> SyntaxFault {
    let CaughtError::Exception(exception) = error else {
        return SyntaxFault {
            message: error.to_string().trim().to_owned(),
            line: 1,
            column: 1,
        };
    };
    let stack = exception.stack().unwrap_or_default();
    let place = crate::fault::place(&stack, file).unwrap_or_default();
    let mut numbers = place.rsplit(':').map_while(|number| number.parse().ok());
    let column = numbers.next().unwrap_or(1);
    SyntaxFault {
        message: exception.message().unwrap_or_default(),
        line: numbers.next().unwrap_or(1),
        column,
    }
}

impl std::fmt::Display for SyntaxFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SyntaxError: {}", self.message)
    }
}
