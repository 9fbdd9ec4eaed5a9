//! Which budget is spent, in words.

use std::fmt;

/// Whose budget it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The run's.
    Run,
    /// A phase's.
    Phase(String),
    /// That of the agent of a step.
    Agent(u32),
}

/// What it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Tokens that models write.
    Tokens,
    /// Millionths of a US dollar.
    Money,
    /// Milliseconds.
    Time,
}

/// A budget of which too little is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Whose it is.
    pub scope: Scope,
    /// What it limits.
    pub measure: Measure,
    /// How much it is.
    pub limit: u64,
    /// How much of it was used up; less than the limit where what is left is too little.
    pub used: u64,
}

impl Spent {
    pub(super) fn time(scope: Scope, limit: u64) -> Self {
        Self {
            scope,
            measure: Measure::Time,
            limit,
            used: limit,
        }
    }

    /// Returns whether it is the tokens of the run.
    pub fn is_of_run_tokens(&self) -> bool {
        (&self.scope, self.measure) == (&Scope::Run, Measure::Tokens)
    }

    /// Returns the key that raises it, and the section in which the key stands.
    pub fn key(&self) -> (&'static str, String) {
        let key = match (self.measure, &self.scope) {
            (Measure::Tokens, _) => "tokens",
            (Measure::Money, _) => "usd",
            (Measure::Time, Scope::Agent(_)) => "agent_minutes",
            (Measure::Time, _) => "wall_minutes",
        };
        let section = match &self.scope {
            Scope::Run => "[budget]".to_owned(),
            Scope::Phase(title) => format!("[budget.phase.{title:?}]"),
            Scope::Agent(_) => "[budget.agent]".to_owned(),
        };
        (key, section)
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Run => write!(f, "the run")?,
            Scope::Phase(title) => write!(f, "the phase {title:?}")?,
            Scope::Agent(step) => write!(f, "the agent of step {step}")?,
        }
        let (used, limit) = (self.used, self.limit);
        match self.measure {
            Measure::Tokens => write!(f, " has used {used} of its {limit} output tokens"),
            Measure::Money => write!(f, " has used {} of its {} USD", Usd(used), Usd(limit)),
            Measure::Time => write!(f, " has used its {} minutes", Minutes(limit)),
        }
    }
}

/// Milliseconds, as minutes.
#[derive(Clone, Copy, Debug)]
pub struct Minutes(pub u64);

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 60_000, self.0 % 60_000 / 60);
        if rest == 0 {
            write!(f, "{whole}")
        } else {
            write!(f, "{whole}.{rest:03}")
        }
    }
}

/// Millionths of a US dollar.
struct Usd(u64);

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}
