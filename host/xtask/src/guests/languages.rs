//! The components of the conformance suite, one a language, built as any author's are.
//!
//! A component is kept in the user's cache by the digest of all that it is made of, so that only
//! the first build of a source pays for its compiler.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use lazaret_build::contract;
use lazaret_build::language::Language;
use lazaret_build::project::Project;
use lazaret_build::template;
use lazaret_build::toolchain::Toolchain;
use sha2::{Digest as _, Sha256};

use super::dist::{Dist, files_below};
use super::{Guest, kib};
use crate::machine::Machine;
use crate::stopwatch::Stopwatch;
use crate::tools::{self, languages, wasm_std};
use crate::ui;

/// Where the sources are, from the clone's root.
const SOURCES: &str = "tests/conformance/guests";

/// What every language's project has.
const COMMON: &str = "common";

/// Where the component of a language goes, from the distribution directory.
pub(crate) fn path(language: Language) -> PathBuf {
    Path::new("conformance").join(format!("{}.wasm", language.name()))
}

/// Builds what is not in the cache, and puts every language's component into the distribution.
pub(super) fn distribute(machine: &Machine, dist: &mut Dist) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for language in Language::ALL {
        let kept = kept(machine, language)?;
        if !kept.is_file() {
            make(machine, language, &kept)?;
        }
        let bytes = fs::read(&kept).with_context(|| format!("cannot read `{}`", kept.display()))?;
        let path = path(language);
        let changed = dist.put(&path, &bytes)?;
        guests.push(Guest {
            path,
            bytes: bytes.len(),
            changed,
        });
    }
    Ok(guests)
}

/// Returns how long the component that is in the cache took to build.
pub(crate) fn build_time(machine: &Machine, language: Language) -> Result<Duration> {
    let file = kept(machine, language)?.with_extension("ms");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(Duration::from_millis(text.trim().parse()?))
}

/// Builds the component in a directory of the cache, since a clone stays clean.
fn make(machine: &Machine, language: Language, kept: &Path) -> Result<()> {
    match Toolchain::of(language) {
        Toolchain::RustStd => tools::ensure(&wasm_std::WasmStd, machine)?,
        tool => tools::ensure(&languages::Language(tool), machine)?,
    };
    let dir = machine
        .guests_target()
        .join("conformance")
        .join(language.name());
    for (name, bytes) in sources(machine, language)? {
        let file = dir.join(name);
        let parent = file.parent().context("a file lies in a directory")?;
        fs::create_dir_all(parent)?;
        fs::write(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    let watch = Stopwatch::start();
    let project = Project::open(&dir)?;
    if project.language() != language {
        bail!("`{}` is not in {}", dir.display(), language.title());
    }
    let built = lazaret_build::build(&project, &languages::place(machine)).map_err(|error| {
        let hint = error.hint().unwrap_or_default();
        anyhow::anyhow!("{}: {error}\n{hint}", language.title())
    })?;
    let took = watch.elapsed();
    ui::note(&format!(
        "  {} in {}: {:.0} KiB",
        language.title(),
        watch.shown(),
        kib(built.bytes.len())
    ));
    let parent = kept.parent().context("the cache is a directory")?;
    fs::create_dir_all(parent)?;
    fs::write(kept.with_extension("ms"), took.as_millis().to_string())?;
    let draft = kept.with_extension("draft");
    fs::write(&draft, &built.bytes)?;
    fs::rename(&draft, kept).with_context(|| format!("cannot write `{}`", kept.display()))
}

/// Returns the project's files, by their path in it.
fn sources(machine: &Machine, language: Language) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut all = Vec::new();
    for folder in [COMMON, language.name()] {
        let folder = machine.root().join(SOURCES).join(folder);
        for file in files_below(&folder)? {
            let bytes = fs::read(folder.join(&file))
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            all.push((file, bytes));
        }
    }
    if all.len() < 2 {
        bail!("{} has no component in `{SOURCES}`", language.title());
    }
    Ok(all)
}

/// Returns where the component of a language is kept, by all that it is made of: its source, what
/// its project carries, its compiler, and how that is called.
fn kept(machine: &Machine, language: Language) -> Result<PathBuf> {
    let mut hash = Sha256::new();
    let mut add = |name: &str, bytes: &[u8]| {
        hash.update(format!("{name}\0{}\0", bytes.len()));
        hash.update(bytes);
    };
    for (name, bytes) in sources(machine, language)? {
        add(&name.display().to_string(), &bytes);
    }
    for (name, text) in template::carried(language).chain(contract::files()) {
        add(name, text.as_bytes());
    }
    add("tool", Toolchain::of(language).directory().as_bytes());
    if language == Language::Rust {
        add("rustc", machine.rustc().release.as_bytes());
    }
    let how = machine.root().join("host/build/src");
    for file in files_below(&how)? {
        let name = file.display().to_string();
        if is_how(language, &name) {
            add(&name, &fs::read(how.join(&file))?);
        }
    }
    let digest = hash.finalize();
    let mut name = String::new();
    for byte in digest.iter().take(16) {
        write!(name, "{byte:02x}")?;
    }
    let file = format!("{}-{name}.wasm", language.name());
    Ok(machine.cache().join("components").join(file))
}

/// Whether a file of the builder says how a language's compiler is called.
fn is_how(language: Language, file: &str) -> bool {
    let (module, wraps) = match language {
        Language::Rust => ("guest/rust", false),
        Language::JavaScript | Language::TypeScript => ("guest/javascript", false),
        Language::Python => ("guest/python", false),
        Language::Go => ("guest/go", true),
        Language::C => ("guest/c", true),
    };
    file.starts_with(module) || wraps && file.starts_with("contract")
}
