//! Where a script computed for too long.
//!
//! QuickJS knows the places of calls, fields, `return` and `throw`. An interrupted loop without
//! any of them has the last such place before it: there, the loop that comes next is named.

use crate::check::scan::Scan;
use crate::fault::{place, script_frames};

const ENDLESS: &str = "limit: the script computed for too long without waiting for an agent; look for an endless loop or a regular expression that tries too much";

/// What is told of it, from the stack at which it was interrupted.
pub(super) fn told(source: &str, file: &str, stack: &str) -> String {
    let mut message = format!("{ENDLESS}\n{}", script_frames(stack));
    let reached = place(stack, file).and_then(|text| line_and_column(&text));
    if let Some((line, column)) = reached.and_then(|at| next_loop(source, at)) {
        let at = format!("\n    the loop at {file}:{line}:{column} is the next one");
        message.push_str(&at);
    }
    message.trim_end().to_owned()
}

fn line_and_column(place: &str) -> Option<(u32, u32)> {
    let mut parts = place.rsplitn(3, ':');
    let (column, line) = (parts.next()?, parts.next()?);
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Finds the loop that begins next after a place that is in none.
fn next_loop(source: &str, place: (u32, u32)) -> Option<(u32, u32)> {
    let scan = Scan::new(source);
    let loops = scan.loops();
    let within =
        |(from, to): &(usize, usize)| scan.position(*from) <= place && place <= scan.position(*to);
    if loops.iter().any(within) {
        return None;
    }
    let starts = loops.iter().map(|(from, _)| scan.position(*from));
    starts.filter(|start| *start > place).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_at(source: &str, line: u32, column: u32) -> String {
        let stack = format!("    at <anonymous> (a.js:{line}:{column})\n");
        let told = told(source, "a.js", &stack);
        told.strip_prefix(ENDLESS).unwrap().to_owned()
    }

    #[test]
    fn a_loop_without_a_place_of_its_own_is_the_next_one() {
        for (source, expected) in [
            ("f()\nfor (;;) {}", "2:1"),
            ("f()\n  while (true) n += 1", "2:3"),
            ("f()\ndo { n += 1 } while (true)\nfor (;;) {}", "2:1"),
        ] {
            let told = told_at(source, 1, 1);
            assert!(
                told.contains(&format!("the loop at a.js:{expected} ")),
                "{told}"
            );
        }
    }

    #[test]
    fn a_place_in_a_loop_is_its_own() {
        for source in ["for (;;) { f() }", "for (;;) f()\nfor (;;) {}", "f()"] {
            let told = told_at(source, 1, 10);
            assert_eq!(told, "\n    at <anonymous> (a.js:1:10)");
        }
    }
}
