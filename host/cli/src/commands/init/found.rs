//! What a project has: a repository, how it is built, and which models there are for it.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the environment"
)]

use std::path::Path;

use lazaret_models::{LOCAL_SERVERS, discover};

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The directory's name.
    pub(super) name: String,
    pub(super) is_repository: bool,
    /// The variable that has the token of GitHub, or is to have it.
    pub(super) github_token: &'static str,
    pub(super) kinds: Vec<Kind>,
    /// Directories of the project that its commands need and no agent changes.
    pub(super) shared: Vec<&'static str>,
    /// Toolchains and caches of the operator's home that its commands need, and that are there.
    pub(super) caches: Vec<String>,
    pub(super) models: Models,
}

/// How a project is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Cargo,
    Node,
    Python,
    Go,
    Make,
}

/// The models that can be asked.
#[derive(Debug)]
pub(super) enum Models {
    /// At least one, the first choice first.
    Found(Vec<Provider>),
    Nowhere,
}

/// A provider with the models that the aliases stand for.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) name: &'static str,
    /// The variable that has its key.
    pub(super) key: Option<&'static str>,
    pub(super) base_url: Option<String>,
    pub(super) fast: String,
    pub(super) middle: String,
    pub(super) strong: String,
}

/// Providers with a key in the environment: its variable, and models by size.
const WITH_KEY: [(&str, &str, [&str; 3]); 4] = [
    (
        "anthropic",
        "ANTHROPIC_API_KEY",
        ["claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"],
    ),
    (
        "openai",
        "OPENAI_API_KEY",
        ["gpt-5-nano", "gpt-5-mini", "gpt-5"],
    ),
    (
        "gemini",
        "GEMINI_API_KEY",
        [
            "gemini-2.5-flash-lite",
            "gemini-2.5-flash",
            "gemini-2.5-pro",
        ],
    ),
    (
        "openrouter",
        "OPENROUTER_API_KEY",
        [
            "anthropic/claude-haiku-4.5",
            "anthropic/claude-sonnet-4.5",
            "anthropic/claude-opus-4.5",
        ],
    ),
];

/// Where a server that speaks as OpenAI does is, for the clients that know no other.
const OPENAI_ADDRESS: &str = "OPENAI_BASE_URL";

/// The policy's names of the servers of this machine, in the order of [`LOCAL_SERVERS`].
const LOCAL: [&str; 4] = ["ollama", "llama-cpp", "vllm", "lm-studio"];

/// Models that do not talk.
const SILENT: [&str; 3] = ["embed", "rerank", "whisper"];

/// Where the programs that speak to GitHub look for a token.
const GITHUB_TOKENS: [&str; 2] = ["GITHUB_TOKEN", "GH_TOKEN"];

/// Directories with what package managers have installed in a project.
const INSTALLED: [&str; 2] = ["node_modules", ".venv"];

impl Kind {
    /// Where, below the operator's home, the tools of a kind keep what they need.
    fn homes(self) -> &'static [&'static str] {
        match self {
            Self::Cargo => &[".cargo/registry", ".cargo/git", ".rustup"],
            Self::Node => &[".nvm", ".volta"],
            Self::Python => &[".pyenv", ".cache/uv", ".local/share/uv"],
            Self::Go => &["go/pkg/mod"],
            Self::Make => &[],
        }
    }

    const ALL: [(Self, &'static str, &'static [&'static str]); 5] = [
        (Self::Cargo, "cargo", &["Cargo.toml"]),
        (Self::Node, "npm", &["package.json"]),
        (
            Self::Python,
            "python",
            &["pyproject.toml", "setup.py", "requirements.txt"],
        ),
        (Self::Go, "go", &["go.mod"]),
        (Self::Make, "make", &["Makefile", "makefile", "GNUmakefile"]),
    ];

    pub(super) fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(kind, _, _)| *kind == self);
        named.map_or("", |(_, name, _)| name)
    }
}

impl Found {
    /// Looks at a directory and around it.
    pub(super) fn here(directory: &Path) -> Self {
        let name = directory.file_name();
        let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let has = |files: &[&str]| files.iter().any(|file| directory.join(file).is_file());
        let kinds = Kind::ALL.iter().filter(|(_, _, files)| has(files));
        let kinds: Vec<Kind> = kinds.map(|(kind, _, _)| *kind).collect();
        Self {
            name,
            is_repository: directory.ancestors().any(|one| one.join(".git").exists()),
            github_token: github_token(),
            shared: INSTALLED
                .into_iter()
                .filter(|name| directory.join(name).is_dir())
                .collect(),
            caches: caches(&kinds),
            kinds,
            models: models(),
        }
    }
}

fn github_token() -> &'static str {
    let [usual, _] = GITHUB_TOKENS;
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    GITHUB_TOKENS.into_iter().find(set).unwrap_or(usual)
}

fn caches(kinds: &[Kind]) -> Vec<String> {
    let Some(home) = std::env::home_dir() else {
        return Vec::new();
    };
    let places = kinds.iter().flat_map(|kind| kind.homes());
    let there = places.filter(|place| home.join(place).is_dir());
    there.map(|place| format!("~/{place}")).collect()
}

fn models() -> Models {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let address = set(OPENAI_ADDRESS);
    let mut all: Vec<Provider> = WITH_KEY
        .iter()
        .filter(|(_, key, _)| set(key).is_some())
        .map(|(name, key, [fast, middle, strong])| Provider {
            name,
            key: Some(key),
            base_url: address.clone().filter(|_| *name == "openai"),
            fast: (*fast).to_owned(),
            middle: (*middle).to_owned(),
            strong: (*strong).to_owned(),
        })
        .collect();
    let mut addresses: Vec<String> = LOCAL_SERVERS.map(|(_, url)| url.to_owned()).to_vec();
    let own = address.map(|address| address.trim_end_matches("/v1").to_owned());
    addresses.extend(own.clone());
    for (url, models) in served(&addresses) {
        let Some(first) = models.iter().find(|model| talks(model)).cloned() else {
            continue;
        };
        if own.as_ref() == Some(&url) {
            let openai = all.iter_mut().find(|one| one.base_url.is_some());
            if let Some(one) = openai {
                (one.fast, one.middle, one.strong) = (first.clone(), first.clone(), first);
            }
            continue;
        }
        let place = addresses.iter().position(|address| *address == url);
        let name = place.and_then(|place| LOCAL.get(place));
        all.extend(name.map(|name| Provider {
            name,
            key: None,
            base_url: None,
            fast: first.clone(),
            middle: first.clone(),
            strong: first,
        }));
    }
    if all.is_empty() {
        Models::Nowhere
    } else {
        Models::Found(all)
    }
}

fn talks(model: &str) -> bool {
    let lower = model.to_lowercase();
    !SILENT.iter().any(|word| lower.contains(word))
}

/// Asks the servers of this machine what they serve. No key is sent.
fn served(addresses: &[String]) -> Vec<(String, Vec<String>)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return Vec::new();
    };
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let found = runtime.block_on(discover(&addresses));
    found
        .into_iter()
        .map(|server| (server.url, server.models))
        .collect()
}
