//! What became of a run: the report, the journal's events, the files.

use std::collections::BTreeSet;
use std::fs;

use lazaret_journal::{Journal, RunId, Sequence};
use lazaret_runtime::Report;
use lazaret_workflow::event::{Ending, Event};
use serde_json::Value;
use tempfile::TempDir;

/// A run that has ended.
#[derive(Debug)]
pub struct Played {
    /// What the host reported.
    pub report: Report,
    /// What the journal holds.
    pub events: Vec<Event>,
    directory: TempDir,
}

impl Played {
    pub(crate) fn new(report: Report, journal: &Journal, id: &RunId, directory: TempDir) -> Self {
        let events = journal
            .records(id, Sequence::FIRST)
            .map(|record| {
                let record = record.expect("a record of the run");
                serde_json::from_slice(record.payload()).expect("an event of the run")
            })
            .collect();
        Self {
            report,
            events,
            directory,
        }
    }

    /// Checks that this rule refused something and no other did, and that the journal says so.
    #[track_caller]
    pub fn refused_by(&self, rule: &str) {
        assert_eq!(self.rules(), BTreeSet::from([rule]), "{}", self.told());
        let recorded =
            |event: &Event| matches!(event, Event::Denied { rule: other, .. } if other == rule);
        assert!(
            self.events.iter().any(recorded),
            "the journal has no refusal by `{rule}`"
        );
    }

    /// Checks that no rule refused anything.
    #[track_caller]
    pub fn nothing_refused(&self) {
        assert_eq!(self.rules(), BTreeSet::new(), "{}", self.told());
    }

    /// Returns the rules that refused something.
    pub fn rules(&self) -> BTreeSet<&str> {
        self.report
            .denials
            .iter()
            .map(|denial| denial.rule.as_str())
            .collect()
    }

    /// Returns how the one subject ended, as its parent was told: `value`, `failed`,
    /// `sealed`, or the rule that refused to start it.
    #[track_caller]
    pub fn ended(&self) -> &str {
        self.result()["ended"].as_str().unwrap_or_default()
    }

    /// Returns what the one subject answered.
    #[track_caller]
    pub fn answer(&self) -> &Value {
        assert_eq!(self.ended(), "value", "{}", self.told());
        &self.result()["answer"]
    }

    /// Returns the printed result.
    #[track_caller]
    pub fn result(&self) -> &Value {
        let result = self.report.result.as_ref();
        result.unwrap_or_else(|| panic!("the run printed no result: {}", self.told()))
    }

    /// Returns the effects that were made, apart from printing: function and success.
    pub fn effects(&self) -> Vec<(&str, bool)> {
        let mut made = Vec::new();
        for event in &self.events {
            let Event::EffectIntended {
                step,
                effect,
                function,
                ..
            } = event
            else {
                continue;
            };
            let done = |event: &Event| match event {
                Event::EffectDone {
                    step: at,
                    effect: number,
                    ok,
                    ..
                } if (at, number) == (step, effect) => Some(*ok),
                _ => None,
            };
            let ok = self.events.iter().find_map(done).unwrap_or(false);
            if function != "run.print" {
                made.push((function.as_str(), ok));
            }
        }
        made
    }

    /// Returns the tags that the answers of a function carry, those of every call in turn.
    /// The report's taint is more: the bound that the orchestrator sees of a subject that read.
    pub fn answers_taint(&self, function: &str) -> Vec<&[String]> {
        let mut taints = Vec::new();
        for event in &self.events {
            let Event::EffectDone {
                step,
                effect,
                answer,
                ..
            } = event
            else {
                continue;
            };
            let intended = |event: &Event| {
                matches!(event, Event::EffectIntended { step: at, effect: number, function: other, .. }
                    if (at, number) == (step, effect) && other == function)
            };
            if self.events.iter().any(intended) {
                taints.push(&*answer.label.taint);
            }
        }
        taints
    }

    /// Returns the tags that the subject's own answer carries: those of all that it read.
    #[track_caller]
    pub fn subject_taint(&self) -> &[String] {
        let subject = self.events.iter().find_map(|event| match event {
            Event::StepFinished {
                step: 1,
                ending: Ending::Value { answer },
                ..
            } => Some(&*answer.label.taint),
            _ => None,
        });
        subject.unwrap_or_else(|| panic!("the subject gave no answer: {}", self.told()))
    }

    /// Returns the bits that untrusted content could decide, in thousandths.
    pub fn millibits(&self) -> u64 {
        self.report.bits.total.thousandths()
    }

    /// Returns why the agents that failed did so, as the operator sees it: the cause's kind.
    pub fn causes(&self) -> Vec<&str> {
        let failed = |event| match event {
            &Event::StepFinished {
                ending: Ending::Failed { ref cause, .. },
                ..
            } => Some(cause.as_str()),
            _ => None,
        };
        self.events.iter().filter_map(failed).collect()
    }

    /// Returns the lines that guests wrote for the operator.
    pub fn logged(&self) -> Vec<&str> {
        let events = self.events.iter();
        events
            .filter_map(|event| match event {
                Event::Logged { message, .. } => Some(message.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Returns what is in a file below the working directory, if it is there.
    pub fn file(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.directory.path().join(path)).ok()
    }

    /// Returns the bytes of a file below the working directory, none where it is not there.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.directory.path().join(path)).unwrap_or_default()
    }

    /// What a failed assertion should show.
    fn told(&self) -> String {
        format!(
            "result {:?}, failures {:?}, denials {:?}",
            self.report.result, self.report.failures, self.report.denials
        )
    }
}
