//! What git is never asked, whatever a pattern allows: to run another program, to read another
//! configuration, or to write where it is told.

/// Subcommands that do what they say and start nothing that a repository names. What is none
/// of these may be an alias, which is a program.
const KNOWN: [&str; 38] = [
    "add",
    "apply",
    "blame",
    "branch",
    "cat-file",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "describe",
    "diff",
    "diff-tree",
    "fetch",
    "format-patch",
    "grep",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "merge",
    "merge-base",
    "mv",
    "name-rev",
    "pull",
    "push",
    "rebase",
    "remote",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "rm",
    "shortlog",
    "show",
    "status",
    "switch",
    "tag",
];

/// Options that name a program, a configuration, another repository or a place to write to.
const LONG: [&str; 19] = [
    "--config",
    "--config-env",
    "--edit",
    "--exec",
    "--exec-path",
    "--ext-diff",
    "--git-dir",
    "--gpg-sign",
    "--interactive",
    "--namespace",
    "--open-files-in-pager",
    "--output",
    "--output-directory",
    "--receive-pack",
    "--server-option",
    "--super-prefix",
    "--template",
    "--textconv",
    "--upload-pack",
];

/// The same options in one letter, by subcommand; the first is for all.
const SHORT: [(&str, &[char]); 8] = [
    ("", &['c', 'C', 'O']),
    ("grep", &['O']),
    ("push", &['o']),
    ("fetch", &['o', 'u']),
    ("clone", &['c', 'u', 'o', 'b']),
    ("pull", &['o']),
    ("format-patch", &['o']),
    ("rebase", &['i', 'x']),
];

/// Letters of [`SHORT`]'s first line that mean something harmless to a subcommand.
const HARMLESS: [(&str, char); 12] = [
    ("diff", 'C'),
    ("log", 'C'),
    ("show", 'C'),
    ("blame", 'C'),
    ("diff-tree", 'C'),
    ("grep", 'C'),
    ("grep", 'c'),
    ("log", 'c'),
    ("show", 'c'),
    ("diff-tree", 'c'),
    ("branch", 'c'),
    ("switch", 'c'),
];

/// Says why git may not be asked this; `arguments` come after the program's name.
pub(super) fn refusal(arguments: &[String]) -> Option<String> {
    let subcommand = arguments.first().map(String::as_str).unwrap_or_default();
    if subcommand.starts_with('-') {
        return Some("git's own options come from the host alone".to_owned());
    }
    if !KNOWN.contains(&subcommand) {
        return Some(format!(
            "`git {subcommand}` may be an alias, which is a program"
        ));
    }
    let options = arguments.iter().skip(1).take_while(|word| *word != "--");
    for option in options {
        if option.starts_with("ext::") || option.contains("ext::") {
            return Some("an address that names a program is not asked".to_owned());
        }
        if is_refused(subcommand, option) {
            return Some(format!("git is never asked `{option}`"));
        }
    }
    None
}

/// Git takes any beginning of a long option that only one has.
fn is_refused(subcommand: &str, option: &str) -> bool {
    if let Some(long) = option.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or(long);
        let shortened = |full: &&str| {
            let full = full.trim_start_matches('-');
            full == name || (name.len() >= 2 && full.starts_with(name) && !is_other(name))
        };
        return LONG.iter().any(shortened);
    }
    let Some(short) = option.strip_prefix('-') else {
        return false;
    };
    let harmless = |letter| HARMLESS.contains(&(subcommand, letter));
    let refused = |letter: char| {
        SHORT
            .iter()
            .any(|(of, letters)| (of.is_empty() || *of == subcommand) && letters.contains(&letter))
    };
    // Only the first letter: what follows one that takes a value is the value.
    let first = short.chars().next();
    first.is_some_and(|letter| refused(letter) && !harmless(letter))
        || (subcommand == "grep" && short.contains('O'))
}

/// Whole options of which a refused one is the continuation.
fn is_other(name: &str) -> bool {
    ["text", "output-indicator-new", "output-indicator-old"].contains(&name)
}

/// Subcommands that run programs to show a difference, unless they are told not to.
const SHOWS_DIFFERENCES: [&str; 5] = ["diff", "log", "show", "diff-tree", "format-patch"];

/// Subcommands that run programs to turn files into text.
const SHOWS_TEXT: [&str; 3] = ["blame", "grep", "cat-file"];

/// Returns the command with what keeps git from starting programs that a repository names.
pub(super) fn hardened(command: &[String]) -> Vec<String> {
    let mut all = vec!["git".to_owned(), "--no-pager".to_owned()];
    let subcommand = command.get(1).map(String::as_str).unwrap_or_default();
    all.extend(command.get(1).cloned());
    if SHOWS_DIFFERENCES.contains(&subcommand) {
        all.extend(["--no-ext-diff", "--no-textconv"].map(str::to_owned));
    }
    if SHOWS_TEXT.contains(&subcommand) && subcommand != "cat-file" {
        all.push("--no-textconv".to_owned());
    }
    all.extend(command.iter().skip(2).cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> bool {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        refusal(&words).is_some()
    }

    #[test]
    fn git_is_never_asked_to_start_a_program_or_to_write_where_it_is_told() {
        for line in [
            "-c core.pager=sh diff",
            "--exec-path=/tmp diff",
            "-C /elsewhere diff",
            "diff --output=/tmp/x",
            "diff --outpu /tmp/x",
            "diff --ext-diff",
            "diff --ext",
            "log --textconv",
            "grep -Osh x",
            "grep --open-files-in-pager=sh x",
            "fetch --upload-pack=sh origin",
            "fetch --upload",
            "push --receive-pack=sh origin",
            "push --exec=sh origin",
            "fetch ext::sh",
            "clone -c core.fsmonitor=sh x",
            "clone --template=/tmp x",
            "rebase -x sh",
            "rebase --exec sh",
            "format-patch -o /tmp",
            "difftool -x sh",
            "bisect run sh",
            "myalias",
            "config alias.x !sh",
            "filter-branch --tree-filter sh",
            "submodule foreach sh",
        ] {
            assert!(refused(line), "{line}");
        }
    }

    #[test]
    fn what_git_is_asked_every_day_is_let_through() {
        for line in [
            "diff HEAD~1 --stat",
            "diff --cached -C",
            "diff -- -c",
            "log --oneline -n 5 --output-indicator-new=+",
            "log -5 --pretty=%H",
            "show HEAD:src/lib.rs",
            "status --short",
            "blame -L 1,5 src/lib.rs",
            "grep -n --text needle",
            "push origin main",
            "fetch origin",
        ] {
            assert!(!refused(line), "{line}");
        }
    }

    #[test]
    fn differences_are_shown_without_the_help_of_other_programs() {
        let command = ["git", "log", "-p"].map(str::to_owned);
        let told = hardened(&command).join(" ");
        assert_eq!(told, "git --no-pager log --no-ext-diff --no-textconv -p");
        let told = |subcommand: &str| {
            let command = ["git", subcommand, "x"].map(str::to_owned);
            hardened(&command).join(" ")
        };
        assert_eq!(told("grep"), "git --no-pager grep --no-textconv x");
        assert_eq!(told("blame"), "git --no-pager blame --no-textconv x");
        // It has no such option, and converts nothing unless it is asked.
        assert_eq!(told("cat-file"), "git --no-pager cat-file x");
        assert_eq!(told("status"), "git --no-pager status x");
    }
}
