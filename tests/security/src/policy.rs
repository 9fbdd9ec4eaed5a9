//! A policy's text in which single lines are replaced, so that a twin's difference is visible.

use std::fmt;

/// The policy under which every attack begins.
const BASE: &str = include_str!("policy.toml");

/// A policy as text.
#[derive(Clone, Debug)]
pub struct PolicyText {
    lines: Vec<String>,
}

impl PolicyText {
    /// Returns the policy under which every attack begins.
    pub fn base() -> Self {
        Self::of(BASE)
    }

    /// Returns a policy of that text.
    pub fn of(text: &str) -> Self {
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// Sets a key of the section that begins with the line `header`.
    pub fn set(&mut self, header: &str, key: &str, value: &str) {
        let start = self
            .lines
            .iter()
            .position(|line| line == header)
            .unwrap_or_else(|| panic!("the policy has no line `{header}`"));
        let body = start + 1;
        let end = self.lines[body..]
            .iter()
            .position(|line| line.starts_with('['))
            .map_or(self.lines.len(), |length| body + length);
        let assignment = format!("{key} = {value}");
        let is_key = |line: &String| line.split_once(" = ").is_some_and(|(name, _)| name == key);
        match self.lines[body..end].iter().position(is_key) {
            Some(at) => {
                assert_ne!(self.lines[body + at], assignment, "nothing would change");
                self.lines[body + at] = assignment;
            }
            None => self.lines.insert(body, assignment),
        }
    }

    /// Puts another line in the place of one.
    pub fn replace(&mut self, old: &str, new: &str) {
        let line = self.lines.iter_mut().find(|line| *line == old);
        new.clone_into(line.unwrap_or_else(|| panic!("the policy has no line `{old}`")));
    }

    /// Adds sections at the end.
    pub fn add(&mut self, text: &str) {
        self.lines.extend(text.lines().map(str::to_owned));
    }
}

impl fmt::Display for PolicyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replaced_in_its_own_section_only() {
        let mut policy = PolicyText::of("[a]\nx = 1\n[b]\nx = 2\n");
        policy.set("[b]", "x", "3");
        assert_eq!(policy.to_string(), "[a]\nx = 1\n[b]\nx = 3\n");
    }

    #[test]
    fn a_key_that_is_not_there_is_added() {
        let mut policy = PolicyText::of("[a]\nx = 1\n[b]\n");
        policy.set("[a]", "y", "2");
        assert_eq!(policy.to_string(), "[a]\ny = 2\nx = 1\n[b]\n");
    }

    #[test]
    #[should_panic(expected = "nothing would change")]
    fn a_twin_that_differs_in_nothing_is_noticed() {
        PolicyText::of("[a]\nx = 1\n").set("[a]", "x", "1");
    }

    #[test]
    #[should_panic(expected = "no line `[c]`")]
    fn a_section_that_is_not_there_is_noticed() {
        PolicyText::base().set("[c]", "x", "1");
    }
}
