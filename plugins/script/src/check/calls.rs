//! Calls of the globals: their options, their schemas, and promises that nobody awaits.

use serde_json::Value;

use crate::check::Findings;
use crate::check::scan::{Call, Field, Scan};
use crate::lexer::Kind;
use crate::literal::unquote;
use crate::schema;

const OPTIONS: [&str; 10] = [
    "label",
    "phase",
    "schema",
    "model",
    "effort",
    "isolation",
    "agentType",
    "tools",
    "timeout",
    "plugin",
];
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];
/// The globals that give a promise.
const PROMISED: [&str; 4] = ["agent", "parallel", "pipeline", "workflow"];

/// Looks at every call of a global.
pub(super) fn check(scan: &Scan<'_>, findings: &mut Findings<'_>) {
    for call in scan.calls("agent") {
        agent(scan, &call, findings);
    }
    for call in scan.calls("parallel") {
        parallel(scan, &call, findings);
    }
    for name in PROMISED {
        for call in scan.calls(name) {
            dropped_promise(scan, &call, name, findings);
        }
    }
    banned(scan, findings);
}

fn agent(scan: &Scan<'_>, call: &Call, findings: &mut Findings<'_>) {
    for field in option_fields(scan, call) {
        let text = (field.first.kind == Kind::Text).then(|| unquote(field.first.text));
        match (field.name.as_str(), text) {
            ("schema", _) => contradiction(scan, &field, findings),
            ("effort", Some(effort)) if !EFFORTS.contains(&effort.as_str()) => findings.warning(
                field.first.start,
                "unknown-effort",
                format!("effort `{effort}` is unknown and ignored"),
                "use low, medium, high, xhigh or max",
            ),
            ("isolation", Some(isolation)) if isolation != "worktree" => findings.error(
                field.first.start,
                "unknown-isolation",
                format!("isolation `{isolation}` is unknown"),
                "there is only 'worktree'",
            ),
            (name, _) if !OPTIONS.contains(&name) => findings.warning(
                field.at,
                "unknown-option",
                format!("agent() has no option `{name}`; it is ignored"),
                &nearest(name).map_or_else(
                    || format!("the options are {}", OPTIONS.join(", ")),
                    |known| format!("did you mean `{known}`?"),
                ),
            ),
            _ => {}
        }
    }
}

/// The fields of a call's options, if they are written out in the call.
fn option_fields<'s>(scan: &Scan<'s>, call: &Call) -> Vec<Field<'s>> {
    call.arguments
        .get(1)
        .map_or_else(Vec::new, |(from, _)| scan.fields(*from))
}

fn contradiction(scan: &Scan<'_>, field: &Field<'_>, findings: &mut Findings<'_>) {
    let (from, to) = field.value;
    let found = scan
        .literal(from, to)
        .and_then(|schema| schema::contradiction(&schema));
    if let Some(message) = found {
        findings.error(
            field.first.start,
            "contradictory-schema",
            format!("no answer can satisfy this schema: {message}"),
            "agent() would throw before the agent starts",
        );
    }
}

/// Finds the known option that a name was probably meant to be.
fn nearest(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase().replace(['_', '-'], "");
    let alias = match lower.as_str() {
        "name" | "title" => "label",
        "agent" | "type" | "subagent" | "subagenttype" | "profile" => "agentType",
        "jsonschema" | "output" | "outputschema" | "format" => "schema",
        "timeoutms" | "deadline" => "timeout",
        "worktree" => "isolation",
        other => {
            return OPTIONS
                .into_iter()
                .map(|known| (strsim::osa_distance(&known.to_lowercase(), other), known))
                .filter(|(distance, known)| *distance <= known.len() / 3)
                .min()
                .map(|(_, known)| known);
        }
    };
    Some(alias)
}

/// `parallel` of what is no list of functions, as far as it can be seen.
fn parallel(scan: &Scan<'_>, call: &Call, findings: &mut Findings<'_>) {
    let (Some((from, to)), hint) = (
        call.arguments.first().copied(),
        "wrap each call, as in `() => agent(…)`",
    ) else {
        return;
    };
    let literal = scan.is(from, "[").then(|| from + 1);
    let promised =
        |index: usize| PROMISED.iter().any(|name| scan.is(index, name)) && scan.is(index + 1, "(");
    let direct = literal.filter(|first| promised(*first));
    // `.map((x) => agent(…))` makes promises; `.map((x) => () => agent(…))` makes functions.
    let mapped = (from..to).find(|index| {
        let arrow = scan.is(*index, "=>") && promised(*index + 1);
        arrow && mapped_directly(scan, from, *index)
    });
    if let Some(index) = direct.or_else(|| mapped.map(|arrow| arrow + 1)) {
        let message = "parallel() takes functions, and this is a promise";
        findings.error(scan.start(index), "parallel-promise", message, hint);
    }
}

/// Tells whether an arrow's function is what `.map` gets, rather than what that one returns.
fn mapped_directly(scan: &Scan<'_>, from: usize, arrow: usize) -> bool {
    let parameters = if scan.after(arrow, ")") {
        (from..arrow).find(|open| scan.closing(*open) == Some(arrow - 1))
    } else {
        arrow.checked_sub(1)
    };
    let Some(first) = parameters else {
        return false;
    };
    let first = if scan.after(first, "async") {
        first - 1
    } else {
        first
    };
    // What is mapped has to be the argument itself, not something inside of a function.
    let in_map = scan.after(first, "(") && first >= 2 && scan.after(first - 1, "map");
    let nested = (from..first).any(|index| scan.is(index, "=>") || scan.is(index, "function"));
    in_map && !nested
}

/// A call as a statement of its own starts something that nobody waits for.
fn dropped_promise(scan: &Scan<'_>, call: &Call, name: &str, findings: &mut Findings<'_>) {
    let Some(token) = scan.token(call.name) else {
        return;
    };
    let Some(before) = call.name.checked_sub(1).and_then(|index| scan.token(index)) else {
        return;
    };
    let fresh = token.fresh_line
        && !matches!(
            before.text,
            "=" | "("
                | ","
                | "["
                | ":"
                | "?"
                | "=>"
                | "&&"
                | "||"
                | "??"
                | "+"
                | "..."
                | "return"
                | "await"
        );
    let starts =
        matches!(before.text, ";" | "{" | "}") || (fresh && before.kind != Kind::TemplatePart);
    let ends = scan.token(call.end + 1).is_none_or(|next| {
        next.fresh_line && !next.text.starts_with(['.', '?']) || matches!(next.text, ";" | "}")
    });
    if starts && ends {
        findings.warning(
            token.start,
            "missing-await",
            format!("nobody awaits this {name}(); the script may return while it runs"),
            "put `await` or `return` before it",
        );
    }
}

/// What throws at run time, outside of texts.
fn banned(scan: &Scan<'_>, findings: &mut Findings<'_>) {
    let hint = "pass it in through `args`: a resumed run has to take the same steps";
    for (object, method) in [("Date", "now"), ("Math", "random")] {
        for index in scan.names(object).filter(|index| {
            scan.is(index + 1, ".") && scan.is(index + 2, method) && scan.is(index + 3, "(")
        }) {
            findings.warning(
                scan.start(index),
                "nondeterminism",
                format!("{object}.{method}() throws in a script"),
                hint,
            );
        }
    }
    for index in scan.names("Date").filter(|index| scan.after(*index, "new")) {
        let empty = scan.is(index + 1, "(") && scan.is(index + 2, ")");
        if empty || !scan.is(index + 1, "(") {
            findings.warning(
                scan.start(index),
                "nondeterminism",
                "new Date() without arguments throws in a script",
                hint,
            );
        }
    }
}

/// Tells whether some phase's title is not written out.
pub(super) fn phase_is_computed(scan: &Scan<'_>) -> bool {
    let plain = |index: usize| {
        scan.token(index)
            .is_some_and(|token| matches!(token.kind, Kind::Text | Kind::Template))
    };
    let calls = scan.calls("phase").any(|call| {
        call.arguments
            .first()
            .is_some_and(|(from, to)| !plain(*from) || to - from > 1)
    });
    calls
        || scan.calls("agent").any(|call| {
            let spread = call.arguments.get(1).is_some_and(|(from, to)| {
                !scan.is(*from, "{") || (*from..*to).any(|index| scan.is(index, "..."))
            });
            spread
                || option_fields(scan, &call)
                    .iter()
                    .any(|field| field.name == "phase" && !plain(field.value.0))
        })
}

/// Returns where an option of `agent()` is written out, and as what.
pub(super) fn literals(scan: &Scan<'_>, option: &str) -> Vec<Value> {
    let fields = scan
        .calls("agent")
        .flat_map(|call| option_fields(scan, &call));
    let fields = fields.filter(|field| {
        field.name == option && field.first.kind == Kind::Text && field.value.1 == field.value.0 + 1
    });
    fields
        .map(|field| place(scan, field.first.start, &unquote(field.first.text)))
        .collect()
}

/// Returns the workflows that are called by a name or a path that is written out.
pub(super) fn workflows(scan: &Scan<'_>) -> Vec<Value> {
    let target = |call: Call| {
        let (from, _) = *call.arguments.first()?;
        let path = scan
            .fields(from)
            .into_iter()
            .find(|field| field.name == "scriptPath");
        let token = path.map_or_else(|| scan.token(from).copied(), |field| Some(field.first))?;
        (token.kind == Kind::Text).then(|| place(scan, token.start, &unquote(token.text)))
    };
    scan.calls("workflow").filter_map(target).collect()
}

fn place(scan: &Scan<'_>, at: usize, name: &str) -> Value {
    let (line, column) = scan.position(at);
    serde_json::json!({ "name": name, "line": line, "column": column })
}
