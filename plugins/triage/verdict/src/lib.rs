//! The verdict: all that a reader's word can decide, as closed types whose values are counted.

lazaret_sdk::closed_enum! {
    /// What a report is.
    pub enum Kind {
        /// Something does not work.
        Bug = "bug",
        /// Something is wished for.
        Feature = "feature",
        /// Somebody asks.
        Question = "question",
        /// The documentation is wrong or missing.
        Documentation = "documentation",
        /// Somebody could be harmed.
        Security = "security",
        /// It is not about the project.
        Spam = "spam",
    }
}

lazaret_sdk::closed_enum! {
    /// How bad it is.
    pub enum Severity {
        /// A nuisance.
        Low = "low",
        /// The usual.
        Normal = "normal",
        /// Somebody is stuck.
        High = "high",
        /// Data or safety is lost.
        Critical = "critical",
    }
}

lazaret_sdk::closed_enum! {
    /// Which part of the project it is about.
    pub enum Area {
        /// The command line.
        Cli = "cli",
        /// Connections.
        Network = "network",
        /// Files and databases.
        Storage = "storage",
        /// Speed and memory.
        Performance = "performance",
        /// Building and packaging.
        Build = "build",
        /// The documentation.
        Docs = "docs",
        /// What people see.
        Ui = "ui",
        /// None of these.
        Other = "other",
    }
}

lazaret_sdk::closed_record! {
    /// What a reader says of one report.
    pub struct Verdict {
        /// What it is.
        pub kind: Kind,
        /// How bad it is.
        pub severity: Severity,
        /// Which part it is about.
        pub area: Area,
        /// Whether its author waits for an answer.
        pub needs_reply: bool,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use lazaret_sdk::closed::Closed as _;

    /// The rules that a reader uses know nothing of the contract, so that their words are
    /// written twice; here they are held together.
    #[test]
    fn the_rules_speak_of_the_same_values() {
        use triage_rules as rules;
        assert_eq!(listed("kind"), words(rules::Kind::ALL, rules::Kind::as_str));
        assert_eq!(
            listed("severity"),
            words(rules::Severity::ALL, rules::Severity::as_str)
        );
        assert_eq!(listed("area"), words(rules::Area::ALL, rules::Area::as_str));
    }

    fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> BTreeSet<String> {
        all.iter().map(|one| word(*one).to_owned()).collect()
    }

    fn listed(field: &str) -> BTreeSet<String> {
        let schema = Verdict::schema();
        let values = schema["properties"][field]["enum"].as_array().unwrap();
        let words = values.iter().filter_map(|value| value.as_str());
        words.map(str::to_owned).collect()
    }

    #[test]
    fn the_schema_lists_every_value() {
        let schema = Verdict::schema();
        let kinds = schema["properties"]["kind"]["enum"].as_array().unwrap();
        assert_eq!(kinds.len(), 6);
        assert_eq!(schema["required"].as_array().unwrap().len(), 4);
    }
}
