//! The named limits that a call can go past, and what helps where one was reached.

/// A limit of the host. Each has its line in `docs/errors/host-limit.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit<'a> {
    /// Agents of a run.
    Agents,
    /// Agents of the phase with this title.
    PhaseAgents(&'a str),
    /// Bytes of text or JSON of one call.
    CreateBytes,
    /// Bytes of text and JSON that one instance hands over in all.
    KeptBytes,
    /// Requests of one turn.
    Requests,
    /// Milliseconds of one wait.
    WaitMs,
    /// Calls of a run that are put to a person.
    Questions,
    /// Questions that the components of a run write themselves.
    Asked,
    /// Bytes of a question's own text.
    QuestionBytes,
    /// Nested workflows one inside another.
    WorkflowDepth,
    /// Nested workflows of a run.
    Workflows,
}

impl Limit<'_> {
    /// Returns the name by which rules and messages call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::PhaseAgents(_) => "phase-agents",
            Self::CreateBytes => "create-bytes",
            Self::KeptBytes => "kept-bytes",
            Self::Requests => "requests",
            Self::WaitMs => "wait-ms",
            Self::Questions => "questions",
            Self::Asked => "asked",
            Self::QuestionBytes => "question-bytes",
            Self::WorkflowDepth => "workflow-depth",
            Self::Workflows => "workflows",
        }
    }

    /// Returns what can be done instead of the call that was too much.
    pub(crate) fn remedy(self) -> String {
        let words = match self {
            Self::Agents => "raise `agents` in [budget], or ask for fewer",
            Self::PhaseAgents(title) => {
                return format!("raise `agents` in [budget.phase.{title:?}], or ask for fewer");
            }
            Self::CreateBytes => "hand over less at once, or by handle",
            Self::KeptBytes => "hand over by handle, or split the work over several agents",
            Self::Requests => "ask for the rest in a later turn",
            Self::WaitMs => "wait for less at once, or let a schedule start another run",
            Self::Questions => "make fewer calls that need a person",
            Self::Asked => "put several questions into one",
            Self::QuestionBytes => "ask in fewer words, and give what is long as a part",
            Self::WorkflowDepth => "let the first workflow call the third itself",
            Self::Workflows => "call fewer workflows, or use agents",
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../../docs/errors/host-limit.md");

    const ALL: [Limit<'static>; 11] = [
        Limit::Agents,
        Limit::PhaseAgents("TITLE"),
        Limit::CreateBytes,
        Limit::KeptBytes,
        Limit::Requests,
        Limit::WaitMs,
        Limit::Questions,
        Limit::Asked,
        Limit::QuestionBytes,
        Limit::WorkflowDepth,
        Limit::Workflows,
    ];

    #[test]
    fn the_page_has_a_line_for_every_limit_with_its_remedy() {
        for limit in ALL {
            let start = format!("| `{}` |", limit.name());
            let line = PAGE.lines().find(|line| line.starts_with(&start));
            let line = line.unwrap_or_else(|| panic!("no line `{start}`"));
            assert!(line.contains(&limit.remedy()), "{line}");
        }
    }
}
