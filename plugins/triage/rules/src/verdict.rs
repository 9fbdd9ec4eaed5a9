//! What a verdict can say: three closed sets and one yes or no.
//!
//! Every set has its names in one place, so that whoever passes a verdict on
//! (a gate of closed types, a tracker) can list what may come.

/// Defines a closed set with the name of each member.
macro_rules! closed {
    ($(#[$about:meta])* $set:ident { $($(#[$doc:meta])* $member:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $set { $($(#[$doc])* $member,)+ }

        impl $set {
            /// Lists every member, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// Returns the member's name, lower case and stable.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $name,)+ }
            }
        }

        impl std::fmt::Display for $set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

closed! {
    /// Says what sort of report it is.
    ///
    /// The order breaks ties: of two equally likely kinds the earlier one is
    /// taken, and a missed security report costs more than a missed wish.
    Kind {
        /// Something by which one person can harm another.
        Security = "security",
        /// Something does not do what it should.
        Bug = "bug",
        /// Something new is wished for.
        Feature = "feature",
        /// Something is asked.
        Question = "question",
        /// The documentation is wrong, or missing.
        Documentation = "documentation",
        /// Not about the project at all.
        Spam = "spam",
    }
}

closed! {
    /// Says how bad it is, from what the report says happened.
    Severity {
        /// Cosmetic, wording, a small convenience, a how-to question.
        Low = "low",
        /// Wrong behaviour that can be lived with; a wish with a real use.
        Normal = "normal",
        /// Crashes, hangs, damage that can be repaired, a silent failure.
        High = "high",
        /// Data is lost, or somebody else can take over.
        Critical = "critical",
    }
}

closed! {
    /// Says which part of a project it touches; the parts are nobody's in particular.
    Area {
        /// Commands, flags, exit codes, output meant for scripts.
        Cli = "cli",
        /// Connections, protocols, proxies, certificates.
        Network = "network",
        /// Files, disks, databases, formats.
        Storage = "storage",
        /// Time and memory.
        Performance = "performance",
        /// Compiling, packaging, continuous integration.
        Build = "build",
        /// Manuals, guides, examples.
        Docs = "docs",
        /// What is shown to people, in a window or a terminal.
        Ui = "ui",
        /// None of these, or nothing that tells.
        Other = "other",
    }
}

/// Tells what the rules make of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// What sort of report it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// Which part of the project it touches.
    pub area: Area,
    /// Whether somebody waits for an answer.
    pub needs_reply: bool,
}
