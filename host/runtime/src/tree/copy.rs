//! Makes a tree: the operator's files as they are now, uncommitted ones included, or those of
//! the last commit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{From, MAX_BYTES, MAX_FILES, Origin, git, private_directory, scan};
use crate::place::Hidden;

/// Makes the files of a tree, and returns what each of them is. What the policy hides or shares
/// stays where it is.
pub(super) fn make(
    origin: &Origin,
    from: From,
    base: &Path,
    repository: Option<&Path>,
) -> Result<BTreeMap<String, String>, String> {
    let (files, index) = (base.join("files"), base.join("index"));
    if let Some(own) = repository {
        git::read_head(own, &index, &files)?;
    }
    match (from, repository) {
        (From::WorkingCopy, _) => copy(origin, &files)?,
        (From::Head, Some(own)) => git::check_out(own, &index, &files, |path| stays(origin, path))?,
        (From::Head, None) => return Err("this is no git repository".to_owned()),
    }
    if let Some(own) = repository {
        git::refresh(own, &index, &files);
    }
    let mut states = BTreeMap::new();
    scan::walk(&files, &mut |path, _| {
        if let Some(state) = scan::state(&files.join(path))? {
            states.insert(path.to_owned(), state);
        }
        Ok(())
    })?;
    Ok(states)
}

/// Copies what belongs to the project: in a git repository all but what git ignores, elsewhere
/// everything.
fn copy(origin: &Origin, files: &Path) -> Result<(), String> {
    let project = &origin.project;
    let listed = if project.join(".git").exists() {
        git::files(project)?
    } else {
        all(project)?
    };
    let mut left = MAX_BYTES;
    let mut count = 0;
    for path in listed.iter().filter(|path| !stays(origin, path)) {
        count += 1;
        if count > MAX_FILES {
            return Err(format!(
                "the project has more files than `tree-files` of {MAX_FILES} allows"
            ));
        }
        one(&project.join(path), &files.join(path), &mut left)?;
    }
    Ok(())
}

/// Whether a file is hidden, or read where it is.
fn stays(origin: &Origin, path: &str) -> bool {
    let shared = origin.rule.share.iter().any(|share| {
        let rest = path.strip_prefix(share.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    shared || Hidden::new(&origin.mount.hide).covers(Path::new(path))
}

fn all(project: &Path) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    scan::walk(project, &mut |path, _| {
        all.push(path.to_owned());
        Ok(())
    })?;
    Ok(all)
}

/// Copies a file, or a link as it is.
fn one(from: &Path, to: &Path, left: &mut u64) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("`{}`: {}", from.display(), error.kind());
    let Ok(metadata) = fs::symlink_metadata(from) else {
        // Listed by git, and deleted by the operator.
        return Ok(());
    };
    private_directory(to.parent().unwrap_or(to))?;
    if metadata.is_symlink() {
        let target = fs::read_link(from).map_err(failed)?;
        return std::os::unix::fs::symlink(target, to).map_err(failed);
    }
    if !metadata.is_file() {
        return Ok(());
    }
    *left = left.checked_sub(metadata.len()).ok_or_else(|| {
        format!("the project has more bytes than `tree-bytes` of {MAX_BYTES} allows")
    })?;
    fs::copy(from, to).map(drop).map_err(failed)
}
