//! Directories: their paths, their labels, and that none of them launders one.

use lazaret_kernel::label::TagSet;

use super::draft::command::NamedSourceDraft;
use super::draft::{Draft, FilesDraft};
use super::scope::Scope;
use crate::command::TreeRule;
use crate::compiled::Mount;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::{quote, quote_all};
use lazaret_manifest::reader::TextOrList;
use lazaret_manifest::text::{At, Report};

/// The most directories of one policy.
pub(super) const MAX_MOUNTS: usize = 64;

/// The most bytes of a mount's path.
const MAX_PATH: usize = 1_024;

/// A directory and what may be written to it.
#[derive(Clone, Debug)]
pub(crate) struct MountEntry {
    pub(crate) name: String,
    pub(crate) mount: Mount,
    pub(super) tolerates: TagSet,
}

/// Checks every directory by itself and against the others. A source with a path is one too.
pub(super) fn resolve(
    draft: &Draft,
    tree: Option<&TreeRule>,
    scope: &mut Scope,
    report: &mut Report,
) -> Vec<At<MountEntry>> {
    let mut all: Vec<At<MountEntry>> = Vec::new();
    for files in &draft.files {
        let mount = one(files, scope, report);
        add(mount, &mut all, report);
    }
    for source in draft.sources.iter().filter(|source| source.path.is_some()) {
        let is_tree = tree.is_some_and(|tree| tree.source == source.name.value);
        let mount = of_source(source, is_tree, scope, report);
        if draft
            .files
            .iter()
            .any(|files| files.name.value == source.name.value)
        {
            let message = format!("the directory {} is named twice", quote(&source.name.value));
            report.error(codes::DUPLICATE, &source.name.span, message);
        }
        add(mount, &mut all, report);
    }
    all
}

fn add(mount: At<MountEntry>, all: &mut Vec<At<MountEntry>>, report: &mut Report) {
    if all.len() == MAX_MOUNTS {
        let message = format!("{} is one directory too many", quote(&mount.value.name));
        let hint = format!("mount at most {MAX_MOUNTS} directories");
        report.hinted(codes::TOO_MANY, &mount.span, message, hint);
        return;
    }
    check_overlap(&mount, all, report);
    all.push(mount);
}

/// A source is read where it is; its copy, the run tree, keeps a label for each file and so
/// takes every tag.
fn of_source(
    draft: &NamedSourceDraft,
    is_tree: bool,
    scope: &mut Scope,
    report: &mut Report,
) -> At<MountEntry> {
    let private = scope.default_readers();
    let label = scope.label(&draft.label, private, report);
    let path = draft.path.as_ref();
    if let Some(path) = path {
        check_path(path, report);
    }
    let mut hide = hidden(draft.hide.as_ref(), report);
    if is_tree && !hide.iter().any(|pattern| pattern == HIDDEN) {
        // What is written there would be a hook in the operator's repository.
        hide.push(HIDDEN.to_owned());
    }
    let mount = Mount {
        path: path.map_or_else(String::new, |path| path.value.clone()),
        create: false,
        write: is_tree,
        tree: is_tree,
        hide,
        label,
    };
    let entry = MountEntry {
        name: draft.name.value.clone(),
        mount,
        tolerates: if is_tree { TagSet::ALL } else { TagSet::EMPTY },
    };
    At::new(entry, draft.name.span.clone())
}

fn one(draft: &FilesDraft, scope: &mut Scope, report: &mut Report) -> At<MountEntry> {
    let private = scope.default_readers();
    let label = scope.label(&draft.label, private, report);
    let tolerates = match &draft.tolerate {
        Some(written) => scope.tolerance(written, report),
        None => TagSet::EMPTY,
    };
    if let Some(written) = &draft.tolerate {
        check_store(draft, written, tolerates, label.taint, report);
    }
    if let Some(path) = &draft.path {
        check_path(path, report);
    }
    let mount = Mount {
        path: draft
            .path
            .as_ref()
            .map_or_else(String::new, |path| path.value.clone()),
        create: draft.create,
        write: draft.write,
        tree: false,
        hide: hidden(draft.hide.as_ref(), report),
        label,
    };
    let name = draft.name.value.clone();
    let entry = MountEntry {
        name,
        mount,
        tolerates,
    };
    At::new(entry, draft.name.span.clone())
}

/// The most patterns of one directory: each is looked at for every name.
const MAX_HIDDEN: usize = 64;

/// What is hidden where nothing is written: who writes a hook has a program run, and who
/// reads the settings may find a password.
const HIDDEN: &str = ".git";

/// Patterns are globs; a `/` in one makes it a path from the directory.
pub(super) fn hidden(written: Option<&TextOrList>, report: &mut Report) -> Vec<String> {
    let patterns: &[At<String>] = match written {
        None => return vec![HIDDEN.to_owned()],
        Some(TextOrList::Text(one)) => std::slice::from_ref(one),
        Some(TextOrList::List(list)) => &list.value,
    };
    if let Some(one) = patterns.get(MAX_HIDDEN) {
        let message = format!("{} is one pattern too many", quote(&one.value));
        let hint = format!("hide at most {MAX_HIDDEN} patterns");
        report.hinted(codes::TOO_MANY, &one.span, message, hint);
    }
    for one in patterns {
        if let Err(problem) = globset::Glob::new(&one.value) {
            let message = format!("{} is no pattern: {}", quote(&one.value), problem.kind());
            let hint = "write names or paths with `*`, `**` and `?`, such as `.env*`".to_owned();
            report.hinted(codes::INVALID_VALUE, &one.span, message, hint);
        }
    }
    patterns.iter().map(|one| one.value.clone()).collect()
}

/// The operator's own files keep no labels either: what is applied without a question comes
/// back with the project's tags alone.
pub(super) fn check_applied(
    written: &TextOrList,
    tolerates: TagSet,
    project: &MountEntry,
    report: &mut Report,
) {
    if tolerates.is_subset(project.mount.label.taint) {
        return;
    }
    let span = match written {
        TextOrList::Text(text) => &text.span,
        TextOrList::List(list) => &list.span,
    };
    let message = format!(
        "the source {} would forget tags that are applied to it",
        quote(&project.name)
    );
    let hint = "tolerate the tags of the source only; about others a person is asked".to_owned();
    report.hinted(codes::STORE_TOLERANCE, span, message, hint);
}

/// A directory keeps no label per file: what is read from it carries the mount's tags and
/// no others. So it may only take tags that come back.
fn check_store(
    draft: &FilesDraft,
    written: &TextOrList,
    tolerates: TagSet,
    carries: TagSet,
    report: &mut Report,
) {
    if tolerates.is_subset(carries) {
        return;
    }
    let (span, lost) = match written {
        TextOrList::Text(text) => (&text.span, "every tag".to_owned()),
        TextOrList::List(list) => {
            let tags: Vec<&str> = draft
                .label
                .tags
                .iter()
                .map(|tag| tag.value.as_str())
                .collect();
            let lost: Vec<&str> = list
                .value
                .iter()
                .map(|tag| tag.value.as_str())
                .filter(|tag| !tags.contains(tag))
                .collect();
            (&list.span, quote_all(&lost))
        }
    };
    let message = format!(
        "the directory {} would forget that what is written to it carries {lost}",
        quote(&draft.name.value)
    );
    let hint = "add the tag to `tags` of the directory, so that what is read from it carries it, or do not tolerate it".to_owned();
    report.hinted(codes::STORE_TOLERANCE, span, message, hint);
}

/// A path stays below the working directory by its spelling alone; links are the host's affair.
fn check_path(path: &At<String>, report: &mut Report) {
    let text = path.value.as_str();
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control)
    };
    let safe = text.len() <= MAX_PATH
        && !text.contains(['\\', ':'])
        && (text == "." || text.split('/').all(plain));
    if !safe {
        let message = format!("the path {} may lead elsewhere", quote(text));
        let hint =
            "write a path relative to the working directory, with `/`, without `.` or `..` in it"
                .to_owned();
        report.hinted(codes::UNSAFE_PATH, &path.span, message, hint);
    }
}

/// Two mounts of one directory are one store: a file written through one comes back
/// through the other, so that both must carry the same label.
fn check_overlap(new: &At<MountEntry>, others: &[At<MountEntry>], report: &mut Report) {
    let clash = others.iter().find(|other| {
        let (one, two) = (&new.value.mount, &other.value.mount);
        overlap(&one.path, &two.path) && one.label != two.label && (one.write || two.write)
    });
    if let Some(other) = clash {
        let message = format!(
            "{} and {} share a directory under different labels, and one of them writes",
            quote(&new.value.name),
            quote(&other.value.name)
        );
        let hint = "give both the same tags and readers, or separate the directories".to_owned();
        report.hinted(codes::MOUNT_OVERLAP, &new.span, message, hint);
    }
}

/// Compares without case: on some file systems `A` and `a` are one directory.
fn overlap(one: &str, two: &str) -> bool {
    let (one, two) = (one.to_lowercase(), two.to_lowercase());
    let inside = |inner: &str, outer: &str| {
        outer == "."
            || inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    inside(&one, &two) || inside(&two, &one)
}
