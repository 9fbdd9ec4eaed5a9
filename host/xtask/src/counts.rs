//! How many tests passed, failed and were skipped, read from what the runners print.

use std::fmt;
use std::ops::AddAssign;

/// Sums over one or many test runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored, or left out by a filter.
    pub(crate) skipped: u64,
}

impl Counts {
    /// Reads the summary of cargo-nextest, or else every summary of libtest in `output`.
    ///
    /// Nextest repeats what a failed test printed, libtest's summary included.
    pub(crate) fn read(output: &str) -> Self {
        let lines: Vec<String> = output.lines().map(without_colour).collect();
        if let Some(found) = lines.iter().rev().find_map(|line| nextest(line)) {
            return found;
        }
        let mut sum = Self::default();
        for found in lines.iter().filter_map(|line| libtest(line)) {
            sum += found;
        }
        sum
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// `     Summary [   0.031s] 5/9 tests run: 3 passed (1 flaky), 1 failed, 1 timed out, 2 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let (_, tail) = line
        .trim_start()
        .strip_prefix("Summary [")?
        .split_once("run: ")?;
    let parts: Vec<&str> = tail.split(", ").collect();
    let passed = number_before(&parts, "passed");
    let failed = ["failed", "timed out", "exec failed"]
        .iter()
        .map(|word| number_before(&parts, word))
        .sum();
    Some(Counts {
        passed,
        failed,
        skipped: number_before(&parts, "skipped"),
    })
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`
fn libtest(line: &str) -> Option<Counts> {
    let (_, tail) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let parts: Vec<&str> = tail.split("; ").collect();
    Some(Counts {
        passed: number_before(&parts, "passed"),
        failed: number_before(&parts, "failed"),
        skipped: number_before(&parts, "ignored") + number_before(&parts, "filtered out"),
    })
}

/// Returns 3 for `3 passed (1 flaky)` and `passed`; 0 where no part says it.
fn number_before(parts: &[&str], what: &str) -> u64 {
    let says = |part: &&str| -> Option<u64> {
        let (number, word) = part.trim().split_once(' ')?;
        let word = word.split(" (").next()?;
        (word == what).then(|| number.parse().ok())?
    };
    parts.iter().find_map(says).unwrap_or(0)
}

/// Drops the escape sequences `ESC [ … letter`.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, passed: u64, failed: u64, skipped: u64) {
        assert_eq!(
            Counts::read(output),
            Counts {
                passed,
                failed,
                skipped
            },
            "{output}"
        );
    }

    #[test]
    fn summaries_of_both_runners_are_read() {
        check(
            "     Summary [   0.031s] 3 tests run: 3 passed, 0 skipped",
            3,
            0,
            0,
        );
        check(
            "     Summary [   0.1s] 5/9 tests run: 3 passed (1 flaky), 1 failed, 1 timed out, 2 skipped",
            3,
            2,
            2,
        );
        check(
            "     Summary [   0.1s] 1 test run: 1 passed (1 slow), 1 exec failed, 0 skipped",
            1,
            1,
            0,
        );
        check(
            "test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.0s",
            3,
            1,
            3,
        );
    }

    #[test]
    fn several_summaries_are_summed() {
        let line = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.0s\n";
        check(&line.repeat(3), 6, 0, 3);
    }

    #[test]
    fn colours_do_not_hide_a_failure() {
        check(
            "\u{1b}[31;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m1\u{1b}[0m \u{1b}[31;1mfailed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped",
            1,
            1,
            0,
        );
    }

    #[test]
    fn what_a_failed_test_printed_is_not_counted_again() {
        let output = "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out\n\
                      Summary [ 0.1s] 2 tests run: 1 passed, 1 failed, 0 skipped\n";
        check(output, 1, 1, 0);
        check("    test result: ok. 1 passed; 0 failed", 0, 0, 0);
    }

    #[test]
    fn other_lines_count_nothing() {
        check(
            "running 3 tests\ntest a ... ok\n3 passed, 4 failed",
            0,
            0,
            0,
        );
    }

    #[test]
    fn the_line_of_counts_is_exact() {
        let counts = Counts {
            passed: 12,
            failed: 1,
            skipped: 3,
        };
        assert_eq!(counts.to_string(), "12 passed, 1 failed, 3 skipped");
    }
}
