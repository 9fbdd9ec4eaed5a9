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

/// The schema says that all four are there; `lazaret-policy` counts 6 · 4 · 8 · 2 values.
#[cfg(test)]
mod tests {
    use super::*;
    use lazaret_sdk::closed::Closed as _;

    #[test]
    fn the_schema_lists_every_value() {
        let schema = Verdict::schema();
        let kinds = schema["properties"]["kind"]["enum"].as_array().unwrap();
        assert_eq!(kinds.len(), 6);
        assert_eq!(schema["required"].as_array().unwrap().len(), 4);
    }
}
