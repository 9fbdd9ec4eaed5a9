//! What git is asked, whatever a pattern allows: only what is known to be harmless. It never
//! starts another program, reads another configuration, or writes where it is told.

use harmless::{SUBCOMMANDS, Subcommand};

mod harmless;
#[cfg(test)]
mod tests;

/// Subcommands that speak with another repository.
const REMOTE: [&str; 6] = ["clone", "fetch", "ls-remote", "pull", "push", "remote"];

/// What git is told before its subcommand. It reaches `https://` alone: other addresses start a
/// program, and so do the hooks of a repository in the tree, which a plain word may name.
const HOST: [&str; 5] = [
    "--no-pager",
    "-c",
    "protocol.allow=never",
    "-c",
    "protocol.https.allow=always",
];

/// What some subcommands are told besides, first; no harmless option takes it back.
const TOLD: [(&[&str], &[&str]); 4] = [
    // Programs that show a difference, and those that turn a file into text.
    (
        &["diff", "diff-tree", "format-patch", "log", "show"],
        &["--no-ext-diff", "--no-textconv"],
    ),
    (&["blame", "grep"], &["--no-textconv"]),
    // A submodule in the tree has settings and filters that whoever wrote it has chosen. `commit`
    // and `rm` have no such option: they want to lock the index first, which is read only.
    (&["diff", "status"], &["--ignore-submodules=dirty"]),
    (&["fetch", "pull"], &["--no-recurse-submodules"]),
];

/// Says why git may not be asked this; `arguments` come after the program's name.
pub(super) fn refusal(arguments: &[String]) -> Option<String> {
    let Some((name, words)) = arguments.split_first() else {
        return Some("git is asked nothing without a subcommand".to_owned());
    };
    if name.starts_with('-') {
        return Some("git's own options come from the host alone".to_owned());
    }
    match harmless::find(name) {
        Some(subcommand) => words.iter().find_map(|word| refused(subcommand, word)),
        None => Some(format!(
            "`git {name}` is not known to be harmless; docs/commands.md lists what is"
        )),
    }
}

/// Says why no subcommand is one of these.
pub(super) fn unlike(like: impl Fn(&str) -> bool) -> Option<String> {
    let none = !SUBCOMMANDS.iter().any(|one| like(one.name));
    none.then(|| {
        "no such subcommand is known to be harmless; docs/commands.md lists them".to_owned()
    })
}

fn refused(subcommand: &Subcommand, word: &str) -> Option<String> {
    let name = subcommand.name;
    if !subcommand.takes(word) {
        return Some(format!(
            "`{word}` of `git {name}` is not known to be harmless; docs/commands.md lists what is, \
             and says how to write a value or a path that begins with `-`"
        ));
    }
    let elsewhere = REMOTE.contains(&name) && leads_elsewhere(name, word);
    elsewhere.then(|| {
        format!("`{word}` is nothing that git reaches: `https://` addresses are, and named remotes")
    })
}

/// An address with `::` names the program that speaks for it. What cannot be told apart here,
/// such as a directory with the name of a remote, git itself refuses for [`HOST`]'s sake.
fn leads_elsewhere(subcommand: &str, word: &str) -> bool {
    // Where a clone is put is a path.
    let is_path = subcommand != "clone" && word.starts_with(['.', '/', '~']);
    let is_other_address = word.contains("://") && !word.starts_with("https://");
    is_path || is_other_address || word.contains("::")
}

/// Returns the command with what keeps git from starting programs that a repository names.
pub(super) fn hardened(command: &[String]) -> Vec<String> {
    let subcommand = command.get(1).map(String::as_str).unwrap_or_default();
    let mut all = vec!["git".to_owned()];
    all.extend(HOST.map(str::to_owned));
    all.extend(command.get(1).cloned());
    for (subcommands, told) in TOLD {
        if subcommands.contains(&subcommand) {
            all.extend(told.iter().map(|option| (*option).to_owned()));
        }
    }
    all.extend(command.iter().skip(2).cloned());
    all
}
