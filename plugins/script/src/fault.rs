//! What failed children mean to a script, and how an error of the script is told to a person.

/// The code at the head of a child's failure text, before its first colon.
///
/// Those named here make `agent()` throw. A failure without one of them (a trap, a time limit,
/// a dead model) is `null` to the script, as upstream has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No attempt gave an answer that satisfies the schema, or the schema contradicts itself.
    Schema,
    /// The token budget is spent.
    Budget,
    /// A named limit was reached, such as the number of agents.
    Limit,
    /// There is no such agent type, workflow or file.
    Unknown,
    /// The isolation that was asked for cannot be had.
    Isolation,
    /// The policy refuses it.
    Denied,
    /// The nested script is wrong, or threw.
    Script,
}

impl Code {
    const ALL: [Self; 7] = [
        Self::Schema,
        Self::Budget,
        Self::Limit,
        Self::Unknown,
        Self::Isolation,
        Self::Denied,
        Self::Script,
    ];

    /// Returns the code's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Budget => "budget",
            Self::Limit => "limit",
            Self::Unknown => "unknown",
            Self::Isolation => "isolation",
            Self::Denied => "denied",
            Self::Script => "script",
        }
    }

    /// Returns the code that a failure text starts with.
    pub fn of(text: &str) -> Option<Self> {
        let (word, _) = text.split_once(':')?;
        Self::ALL.into_iter().find(|code| code.word() == word)
    }

    /// Returns what an opaque script is told: the kind and nothing of the case.
    pub fn fixed_text(self) -> &'static str {
        match self {
            Self::Schema => "schema: the agent gave no answer that satisfies its schema",
            Self::Budget => "budget: the token budget is spent",
            Self::Limit => "limit: a limit of the run was reached",
            Self::Unknown => "unknown: there is no such agent type, workflow or file",
            Self::Isolation => "isolation: the isolation that was asked for cannot be had",
            Self::Denied => "denied: the policy refuses it",
            Self::Script => "script: the nested workflow failed",
        }
    }
}

/// The file name that the engine's own code has in stack traces.
pub const OWN: &str = "lazaret:";

/// Returns a stack trace with the script's frames only.
pub fn script_frames(stack: &str) -> String {
    let frames = stack
        .lines()
        .filter(|line| !line.contains(OWN) && !line.trim().is_empty());
    let frames: Vec<String> = frames.map(|line| format!("    {}", line.trim())).collect();
    frames.join("\n")
}

/// Returns `file:line:column` of the innermost frame in the script.
pub fn place(stack: &str, file: &str) -> Option<String> {
    let start = format!("{file}:");
    stack.lines().find_map(|line| {
        let at = line.rfind(&start)?;
        let place = line.get(at..)?.trim_end_matches(')').trim();
        Some(place.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "    at fail (lazaret:agent.js:3:1)\n    at map (native)\n    at <anonymous> (a b.js:12:5)\n    at x (a b.js:1:1)\n";

    #[test]
    fn a_code_is_the_word_before_the_first_colon() {
        assert_eq!(Code::of("schema: no `a`"), Some(Code::Schema));
        assert_eq!(Code::of("the schema: no"), None);
        assert_eq!(Code::of("schema"), None);
        for code in Code::ALL {
            assert_eq!(Code::of(code.fixed_text()), Some(code));
        }
    }

    #[test]
    fn stacks_show_the_script_and_not_the_engine() {
        assert_eq!(
            script_frames(STACK),
            "    at map (native)\n    at <anonymous> (a b.js:12:5)\n    at x (a b.js:1:1)"
        );
        assert_eq!(place(STACK, "a b.js").as_deref(), Some("a b.js:12:5"));
        assert_eq!(place(STACK, "c.js"), None);
    }
}
