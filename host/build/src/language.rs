//! The languages that components are written in.

use lazaret_manifest::manifest::World;

/// A language with an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Rust.
    Rust,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// C.
    C,
}

impl Language {
    /// Every language, in the order in which documents list them.
    pub const ALL: [Self; 6] = [
        Self::Rust,
        Self::JavaScript,
        Self::TypeScript,
        Self::Python,
        Self::Go,
        Self::C,
    ];

    /// Returns the name that `--lang` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
            Self::Python => "python",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// Returns the language's own name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::C => "C",
        }
    }

    /// Returns the language of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Returns whether its SDK can write components of that world. An orchestrator waits for
    /// many things at a time, which takes promises or futures.
    pub const fn has(self, world: World) -> bool {
        match (self, world) {
            (_, World::Agent | World::Tool) => true,
            (
                Self::Rust | Self::JavaScript | Self::TypeScript | Self::Python,
                World::Orchestrator,
            ) => true,
            (Self::Go | Self::C, World::Orchestrator) => false,
        }
    }
}
