//! How a run ends, and the exit status that says so.

use serde::{Deserialize, Serialize};

/// How a run stands or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is still going on, or was interrupted and can be resumed.
    Running,
    /// It gave a result and nothing failed.
    Done,
    /// It gave a result, but some agents or input items failed.
    DoneWithFailures,
    /// The workflow itself failed.
    Failed,
    /// It waits for a person.
    Waiting,
    /// A budget is spent.
    BudgetExhausted,
    /// The workflow looked inside an opaque value.
    QuarantineViolation,
    /// A person cancelled it.
    Cancelled,
}

impl Status {
    /// Returns the exit status of the command that ran it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed | Self::Running => 1,
            Self::Waiting => 3,
            Self::BudgetExhausted => 4,
            Self::DoneWithFailures => 5,
            Self::QuarantineViolation => 6,
            Self::Cancelled => 130,
        }
    }

    /// Returns the word that reports and the journal use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::DoneWithFailures => "done-with-failures",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::BudgetExhausted => "budget-exhausted",
            Self::QuarantineViolation => "quarantine-violation",
            Self::Cancelled => "cancelled",
        }
    }
}
