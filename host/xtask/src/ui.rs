//! Where everything that a person or a pipe sees is printed.
//!
//! Results go to stdout, progress to stderr. A reader who has gone away
//! (`cargo xtask test | head`) is no reason to stop the work.

use std::io::Write as _;

/// Prints a line of progress to stderr.
pub(crate) fn note(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").ok();
}

/// Prints a line of the result to stdout.
pub(crate) fn result(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").ok();
}
