//! Asks git about the operator's repository, and keeps a repository of the run's own beside the
//! tree: it has the operator's commits and none of the operator's settings, so that no hook,
//! filter, alias or other program that a repository names is ever started.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::private_directory;

/// The most bytes of an answer of git's.
const MAX_ANSWER: usize = 64 << 20;

/// The settings that git is given and that no file can change.
pub(crate) const SETTINGS: [(&str, &str); 16] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.sshCommand", "false"),
    ("core.attributesFile", "/dev/null"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("commit.gpgSign", "false"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("safe.directory", "*"),
];

/// The variables by which git is kept from every file of settings but the repository's.
pub(crate) fn variables() -> Vec<(String, String)> {
    let fixed = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_PAGER", "cat"),
        ("GIT_EDITOR", "false"),
        ("GIT_ASKPASS", "false"),
    ];
    let mut all: Vec<(String, String)> = fixed
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    all.push(("GIT_CONFIG_COUNT".to_owned(), SETTINGS.len().to_string()));
    for (index, (key, value)) in SETTINGS.iter().enumerate() {
        all.push((format!("GIT_CONFIG_KEY_{index}"), (*key).to_owned()));
        all.push((format!("GIT_CONFIG_VALUE_{index}"), (*value).to_owned()));
    }
    all
}

/// Returns the files that git knows or would take, from the project's directory.
pub(super) fn files(project: &Path) -> Result<Vec<String>, String> {
    let answer = ask(
        project,
        &[],
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ],
    )?;
    let names = answer
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty());
    // A name that is no text cannot be asked for by anybody.
    let names = names.filter_map(|name| String::from_utf8(name.to_vec()).ok());
    Ok(names.collect())
}

/// Makes a run's repository where it is not there yet; `None` where the project has none.
pub(crate) fn once(project: &Path, own: &Path) -> Result<Option<PathBuf>, String> {
    if !project.join(".git").exists() {
        return Ok(None);
    }
    // Its head is written last.
    if !own.join("HEAD").exists() {
        make(project, own)?;
    }
    Ok(Some(own.to_owned()))
}

/// Makes a repository for a run with the commits of the operator's.
fn make(project: &Path, own: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("`{}`: {}", own.display(), error.kind());
    fs::remove_dir_all(own).ok();
    private_directory(&own.join("objects/info"))?;
    private_directory(&own.join("refs"))?;
    let objects = objects(project)?;
    let write = |name: &str, text: String| fs::write(own.join(name), text).map_err(failed);
    write(
        "objects/info/alternates",
        format!("{}\n", objects.display()),
    )?;
    let format = text(project, &["rev-parse", "--show-object-format"])?;
    let mut settings = "[core]\n\trepositoryformatversion = 1\n\tbare = false\n".to_owned();
    writeln!(settings, "[extensions]\n\tobjectFormat = {format}").ok();
    write("config", settings)?;
    write("packed-refs", {
        let refs = text(
            project,
            &["for-each-ref", "--format=%(objectname) %(refname)"],
        )?;
        format!("{refs}\n")
    })?;
    // A repository without a commit has no head that could be looked at.
    let head = text(project, &["rev-parse", "--verify", "--quiet", "HEAD"]);
    let head = head.unwrap_or_else(|_none| "ref: refs/heads/none".to_owned());
    write("HEAD", format!("{head}\n"))
}

/// Returns where the operator's objects are, which commands may read.
pub(crate) fn objects(project: &Path) -> Result<PathBuf, String> {
    let common = text(
        project,
        &["rev-parse", "--path-format=absolute", "--git-common-dir"],
    )?;
    Ok(PathBuf::from(common).join("objects"))
}

/// Fills the index of a tree with the last commit.
pub(super) fn read_head(own: &Path, index: &Path, files: &Path) -> Result<(), String> {
    let around = around(own, index, files);
    if ask(
        files,
        &around,
        &["rev-parse", "--verify", "--quiet", "HEAD"],
    )
    .is_err()
    {
        return Ok(());
    }
    ask(files, &around, &["read-tree", "HEAD"]).map(drop)
}

/// Notes in the index what the files look like. It says so when one differs, which is nothing.
pub(super) fn refresh(own: &Path, index: &Path, files: &Path) {
    ask(
        files,
        &around(own, index, files),
        &["update-index", "-q", "--refresh"],
    )
    .ok();
}

/// Puts the files of the last commit into a directory, but for those that stay away.
pub(super) fn check_out(
    own: &Path,
    index: &Path,
    files: &Path,
    stays: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let around = around(own, index, files);
    let head = ask(
        files,
        &around,
        &["rev-parse", "--verify", "--quiet", "HEAD"],
    );
    head.map_err(|_none| "the repository has no commit".to_owned())?;
    ask(files, &around, &["checkout-index", "--all", "--force"])?;
    let listed = ask(files, &around, &["ls-files", "-z"])?;
    for name in listed.split(|byte| *byte == 0) {
        let name = String::from_utf8_lossy(name);
        if !name.is_empty() && stays(&name) {
            fs::remove_file(files.join(name.as_ref())).ok();
        }
    }
    Ok(())
}

/// Returns a file's text as it was in the last commit.
pub(super) fn committed(own: &Path, path: &str) -> Result<Vec<u8>, String> {
    let around = vec![("GIT_DIR".to_owned(), own.display().to_string())];
    ask(
        Path::new("/"),
        &around,
        &["cat-file", "blob", &format!("HEAD:{path}")],
    )
}

/// Merges two texts that came from a third; `None` where they cannot both be had.
pub(super) fn merge_texts(
    ours: &[u8],
    base: &[u8],
    theirs: &[u8],
    scratch: &Path,
) -> Result<Option<Vec<u8>>, String> {
    private_directory(scratch)?;
    let names = [("ours", ours), ("base", base), ("theirs", theirs)];
    for (name, text) in names {
        let written = fs::write(scratch.join(name), text);
        written.map_err(|error| format!("`{name}`: {}", error.kind()))?;
    }
    let merged = ask(
        scratch,
        &[],
        &["merge-file", "-p", "ours", "base", "theirs"],
    );
    fs::remove_dir_all(scratch).ok();
    Ok(merged.ok())
}

/// Returns the variables by which git finds a tree's own repository.
pub(crate) fn around(own: &Path, index: &Path, files: &Path) -> Vec<(String, String)> {
    let named = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
    vec![
        named("GIT_DIR", own),
        named("GIT_INDEX_FILE", index),
        named("GIT_WORK_TREE", files),
    ]
}

fn text(project: &Path, arguments: &[&str]) -> Result<String, String> {
    let answer = ask(project, &[], arguments)?;
    let answer = String::from_utf8(answer).map_err(|_binary| "git answered no text".to_owned())?;
    Ok(answer.trim_end().to_owned())
}

/// Asks git one thing, and gives what it wrote.
pub(crate) fn ask(
    directory: &Path,
    around: &[(String, String)],
    arguments: &[impl AsRef<OsStr>],
) -> Result<Vec<u8>, String> {
    let mut command = Command::new("git");
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .envs(variables())
        .envs(around.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let output = command.output();
    let output = output.map_err(|error| format!("git was not started: {}", error.kind()))?;
    if output.stdout.len() > MAX_ANSWER {
        return Err("git's answer is too long".to_owned());
    }
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it failed");
    let asked = arguments.first().map(AsRef::as_ref).unwrap_or_default();
    Err(format!("`git {}`: {said}", asked.to_string_lossy()))
}
