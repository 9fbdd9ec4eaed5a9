//! Fetches one exact version of a Debian package without touching the machine's own apt.
//!
//! The mirror, its key and any proxy are those that the machine already uses. A
//! private configuration gives apt its own lists and cache, so it needs no root
//! and leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{machine, process, ui};

/// Where a recent release turns up, smallest package lists first.
///
/// Code names come first: a mirror that fills itself on demand may hold an outdated
/// copy under a name that means another release every other year, and apt refuses it.
const SUITES: [&str; 5] = [
    "trixie-backports",
    "forky-backports",
    "stable-backports",
    "testing",
    "unstable",
];

/// Debian's own key ring, for a source that names none.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads the package whose upstream version is `release` and unpacks it into `dir`.
pub(crate) fn unpack_source(package: &str, release: &str, dir: &Path) -> Result<PathBuf> {
    if machine::find_program(&["apt-get"]).is_none() {
        bail!("neither rustup's server nor apt is there; try `rustup target add` with a network");
    }
    let mirror = find_mirror(&read_sources(Path::new("/etc/apt"))?)
        .context("apt has no Debian mirror; try `rustup target add` with a network")?;
    for suite in SUITES {
        let apt = Apt::configure(&mirror, suite, &dir.join(suite))?;
        ui::note(&format!("  looking for {package} {release} in {suite}"));
        let Some(version) = apt.find(package, release) else {
            continue;
        };
        ui::note(&format!("  fetching {package} {version}"));
        return apt.unpack(package, &version);
    }
    bail!("Debian has no {package} {release} now; try `rustup target add` with a network")
}

/// A Debian mirror of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mirror {
    uri: String,
    keyring: String,
}

/// A private apt, with lists of one suite.
struct Apt {
    dir: PathBuf,
    config: PathBuf,
}

impl Apt {
    fn configure(mirror: &Mirror, suite: &str, dir: &Path) -> Result<Self> {
        for sub in [
            "etc/apt.conf.d",
            "etc/preferences.d",
            "lists/partial",
            "cache/archives/partial",
            "files",
        ] {
            fs::create_dir_all(dir.join(sub))
                .with_context(|| format!("cannot make `{}`", dir.join(sub).display()))?;
        }
        let source = format!(
            "deb [signed-by={}] {} {suite} main\n",
            mirror.keyring, mirror.uri
        );
        let config = dir.join("apt.conf");
        for (path, text) in [
            (dir.join("etc/sources.list"), source),
            (dir.join("status"), String::new()),
            (config.clone(), configuration(dir)),
        ] {
            fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(Self {
            dir: dir.to_owned(),
            config,
        })
    }

    /// Returns the exact version to ask for. A suite that the mirror does not have
    /// is like one that lacks the package, but it is said.
    fn find(&self, package: &str, release: &str) -> Option<String> {
        let updated = process::output(self.command("apt-get").args(["update", "-qq"]));
        let table = updated
            .and_then(|_| process::output(self.command("apt-cache").args(["madison", package])));
        match table {
            Ok(table) => pick_version(&table, release),
            Err(error) => {
                ui::note(&format!("  {}", error.to_string().replace('\n', "\n  ")));
                None
            }
        }
    }

    fn unpack(&self, package: &str, version: &str) -> Result<PathBuf> {
        process::output(self.command("apt-get").args([
            "download",
            "-qq",
            &format!("{package}={version}"),
        ]))?;
        let files = self.dir.join("files");
        let deb = fs::read_dir(&files)
            .with_context(|| format!("cannot list `{}`", files.display()))?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|end| end == "deb"))
            .context("apt downloaded no package")?;
        let out = self.dir.join("unpacked");
        process::output(Command::new("dpkg").arg("-x").arg(deb).arg(&out))?;
        Ok(out)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("APT_CONFIG", &self.config)
            .env("LC_ALL", "C")
            .current_dir(self.dir.join("files"));
        command
    }
}

fn configuration(dir: &Path) -> String {
    let dir = dir.display();
    // The private directories hide the machine's configuration, and a proxy with it.
    let proxies =
        process::output(Command::new("apt-config").args(["dump", "Acquire"])).unwrap_or_default();
    let proxies: String = proxies
        .lines()
        .filter(|line| line.contains("::Proxy"))
        .flat_map(|line| [line, "\n"])
        .collect();
    format!(
        "Dir::Etc \"{dir}/etc\";\nDir::Etc::sourcelist \"{dir}/etc/sources.list\";\nDir::Etc::sourceparts \"-\";\n\
         Dir::State \"{dir}\";\nDir::State::status \"{dir}/status\";\nDir::Cache \"{dir}/cache\";\n\
         APT::Sandbox::User \"\";\nAcquire::Languages \"none\";\n{proxies}"
    )
}

/// Reads the sources of both forms: one line each, and paragraphs of fields.
fn read_sources(etc: &Path) -> Result<String> {
    let mut files = vec![etc.join("sources.list")];
    if let Ok(parts) = fs::read_dir(etc.join("sources.list.d")) {
        files.extend(parts.flatten().map(|entry| entry.path()));
    }
    files.sort();
    let mut text = String::new();
    for file in files.iter().filter(|file| file.is_file()) {
        text += &fs::read_to_string(file)
            .with_context(|| format!("cannot read `{}`", file.display()))?;
        text += "\n\n";
    }
    Ok(text)
}

/// Finds the first paragraph or line with a mirror of Debian itself.
fn find_mirror(sources: &str) -> Option<Mirror> {
    let lines: Vec<&str> = sources
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    lines
        .split(|line| line.trim().is_empty())
        .find_map(|paragraph| {
            let uri = paragraph
                .iter()
                .flat_map(|line| line.split_whitespace())
                .find(|word| is_debian(word))?;
            let field = |line: &&str| {
                line.strip_prefix("Signed-By:")
                    .map(|value| value.trim().to_owned())
            };
            let keyring = paragraph
                .iter()
                .find_map(field)
                .filter(|path| path.starts_with('/'));
            Some(Mirror {
                uri: uri.to_owned(),
                keyring: keyring.unwrap_or_else(|| KEYRING.to_owned()),
            })
        })
}

fn is_debian(word: &str) -> bool {
    let web = word.starts_with("http://") || word.starts_with("https://");
    web && word.trim_end_matches('/').ends_with("/debian")
}

/// Picks `1.95.0+dfsg1-1~bpo13+1` for `1.95.0` from lines like `rust-src | version | origin`.
fn pick_version(table: &str, release: &str) -> Option<String> {
    let version = |line: &str| line.split('|').nth(1).map(|cell| cell.trim().to_owned());
    let same = |version: &String| {
        version
            .strip_prefix(release)
            .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
    };
    table.lines().filter_map(version).find(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_found_in_both_forms() {
        let fields = "Types: deb\n# http://old.example/debian\nURIs: http://m.example/debian-security\n\n\
                      Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nSigned-By: /k.gpg\n";
        let mirror = find_mirror(fields).unwrap();
        assert_eq!(
            (mirror.uri.as_str(), mirror.keyring.as_str()),
            ("http://m.example/debian", "/k.gpg")
        );
        let lines =
            "deb https://other.example/sdk x main\n\ndeb https://m.example/debian/ bookworm main\n";
        let mirror = find_mirror(lines).unwrap();
        assert_eq!(
            (mirror.uri.as_str(), mirror.keyring.as_str()),
            ("https://m.example/debian/", KEYRING)
        );
    }

    #[test]
    fn a_machine_without_debian_has_no_mirror() {
        assert_eq!(
            find_mirror("deb http://m.example/ubuntu noble main\n"),
            None
        );
        assert_eq!(find_mirror("# deb http://m.example/debian x main\n"), None);
    }

    #[test]
    fn only_the_exact_release_will_do() {
        let table =
            " rust-src | 1.95.1+dfsg1-1 | origin\n rust-src | 1.95.0+dfsg1-1~bpo13+1 | origin\n";
        assert_eq!(
            pick_version(table, "1.95.0").as_deref(),
            Some("1.95.0+dfsg1-1~bpo13+1")
        );
        assert_eq!(pick_version(table, "1.95"), None);
        assert_eq!(pick_version("", "1.95.0"), None);
    }
}
