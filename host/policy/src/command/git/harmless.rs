//! Which subcommands and options of git start no program, read no other configuration, and write
//! nowhere but in the tree?
//!
//! An option stands here with its whole name. `=` behind it says that a value may follow, in the
//! same word or in the next; behind a letter, that the rest of the word is the value. `-NUM` is
//! any number. `docs/commands.md` has the same lists.
//!
//! INVARIANT: a letter has its `=` only where git takes the rest of the word for the value, and a
//! name stands here only where it is one of git's own and not the beginning of another.

/// A subcommand that starts nothing that a repository names, and the options that it may be given.
pub(super) struct Subcommand {
    pub(super) name: &'static str,
    pub(super) options: &'static [&'static str],
}

/// What a letter behind one dash is to a subcommand.
enum Letter {
    Alone,
    BeforeItsValue,
}

/// How differences are found and shown.
pub(super) const DIFFERENCES: &str = "
    -p -u -s -a -b -w -W -z -R -r -t -U= -M= -C= -B= -S= -G= -l= --patch --no-patch --unified= --raw
    --stat= --stat-width= --stat-count= --numstat --shortstat --dirstat= --summary --compact-summary
    --name-only --name-status --patch-with-stat --check --binary --full-index --abbrev= --no-abbrev
    --color= --no-color --color-moved= --no-color-moved --color-words= --word-diff=
    --word-diff-regex= --ws-error-highlight= --no-prefix --src-prefix= --dst-prefix= --line-prefix=
    --output-indicator-new= --output-indicator-old= --output-indicator-context= --function-context
    --inter-hunk-context= --find-renames= --no-renames --find-copies= --find-copies-harder
    --break-rewrites= --irreversible-delete --diff-filter= --find-object= --pickaxe-all
    --pickaxe-regex --ignore-all-space --ignore-space-change --ignore-space-at-eol
    --ignore-cr-at-eol --ignore-blank-lines --ignore-matching-lines= --minimal --patience
    --histogram --diff-algorithm= --anchored= --indent-heuristic --no-indent-heuristic --relative=
    --no-relative --text --exit-code --quiet --no-ext-diff --no-textconv";

/// Which commits are meant, and how they are shown.
pub(super) const COMMITS: &str = "
    -i -E -F -P -g -m -c --max-count= --skip= --since= --after= --until= --before= --author=
    --committer= --grep= --all-match --invert-grep --regexp-ignore-case --basic-regexp
    --extended-regexp --fixed-strings --perl-regexp --merges --no-merges --min-parents=
    --max-parents= --first-parent --all --branches= --tags= --remotes= --glob= --exclude= --not
    --reflog --walk-reflogs --merge --boundary --cherry --cherry-pick --cherry-mark --left-right
    --left-only --right-only --ancestry-path= --full-history --dense --sparse --simplify-merges
    --simplify-by-decoration --show-pulls --topo-order --date-order --author-date-order --reverse
    --no-walk= --do-walk --ignore-missing --oneline --pretty= --format= --abbrev-commit
    --no-abbrev-commit --date= --relative-date --parents --children --graph --no-graph --encoding=
    --expand-tabs= --no-expand-tabs --notes= --no-notes";

/// What `log` and `show` add to both.
pub(super) const HISTORY: &str = "
    -n= -NUM -L= -q --follow --full-diff --cc --combined-all-paths --diff-merges= --no-diff-merges
    --source --decorate= --no-decorate --decorate-refs= --decorate-refs-exclude=
    --clear-decorations --use-mailmap --mailmap --no-mailmap";

/// Which branches and tags are listed, and how.
pub(super) const REFS: &str = "
    -l -i --list --contains= --no-contains= --merged= --no-merged= --points-at= --sort= --format=
    --color= --no-color --column= --no-column --ignore-case --omit-empty";

/// All that git is asked. Each of these is git's own, so that none can be an alias.
pub(super) static SUBCOMMANDS: [Subcommand; 38] = [
    of(
        "add",
        &["-n -v -f -u -A -N --dry-run --verbose --force --update --all --no-all --intent-to-add
           --ignore-errors --ignore-missing --refresh --renormalize --chmod= --sparse"],
    ),
    of(
        "apply",
        &["-R -v -q -z -3 -N -p= -C= --check --stat --numstat --summary --cached --index --3way
           --reverse --verbose --quiet --recount --unidiff-zero --whitespace= --ignore-whitespace
           --ignore-space-change --exclude= --include= --directory= --reject --apply --no-add
           --binary --allow-empty --intent-to-add --inaccurate-eof"],
    ),
    of(
        "blame",
        &["-b -c -e -f -l -n -p -s -t -w -L= -C= -M= --root --show-stats --show-name --show-number
           --show-email --porcelain --line-porcelain --incremental --progress --no-progress
           --minimal --abbrev= --date= --reverse --first-parent --since= --encoding= --ignore-rev=
           --ignore-revs-file= --color-lines --color-by-age"],
    ),
    of(
        "branch",
        &[REFS, "-a -r -v -q -d -D -m -M -c -C -f -t -u= --all --remotes --verbose --quiet
           --show-current --delete --move --copy --force --track= --no-track --set-upstream-to=
           --unset-upstream --abbrev= --no-abbrev"],
    ),
    of(
        "cat-file",
        &["-e -p -s -t --batch= --batch-check= --batch-all-objects --unordered
           --allow-unknown-type"],
    ),
    of(
        "checkout",
        &["-q -f -d -t -m -b= -B= --quiet --force --detach --track= --no-track --guess --no-guess
           --orphan= --ours --theirs --merge --conflict= --overlay --no-overlay --progress
           --no-progress"],
    ),
    of(
        "cherry-pick",
        &["-n -s -x -m= -X= --no-commit --signoff --mainline= --strategy-option= --abort
           --continue --skip --quit --ff --allow-empty --allow-empty-message
           --keep-redundant-commits --empty="],
    ),
    of(
        "clean",
        &["-q -n -f -d -x -X -e= --quiet --dry-run --force --exclude="],
    ),
    of(
        "clone",
        &["-q -v -n -b= --quiet --verbose --progress --no-progress --no-checkout --bare --branch=
           --depth= --shallow-since= --single-branch --no-single-branch --no-tags"],
    ),
    of(
        "commit",
        &["-q -a -n -s -i -o -m= -F= -C= --quiet --all --message= --file= --author= --date=
           --amend --no-edit --no-verify --signoff --allow-empty --allow-empty-message --only
           --include --fixup= --squash= --reuse-message= --reset-author --cleanup=
           --no-gpg-sign"],
    ),
    of(
        "describe",
        &["--all --tags --contains --abbrev= --long --always --exact-match --candidates= --match=
           --exclude= --first-parent"],
    ),
    of(
        "diff",
        &[DIFFERENCES, "-c -q --cached --staged --merge-base --no-index --cc --base --ours
           --theirs --ignore-submodules"],
    ),
    of(
        "diff-tree",
        &[DIFFERENCES, "-m -c -v --root --no-commit-id --cc --always --merge-base --pretty=
           --format= --combined-all-paths"],
    ),
    of(
        "fetch",
        &["-q -v -t -n -p -P -f -a --quiet --verbose --tags --no-tags --prune --prune-tags --force
           --append --all --depth= --deepen= --unshallow --shallow-since= --dry-run
           --no-write-fetch-head --atomic --progress --no-progress"],
    ),
    of(
        "format-patch",
        &[DIFFERENCES, COMMITS, "-n -N -k -q -v= -NUM --stdout --root --numbered --no-numbered
           --signoff --cover-letter --start-number= --reroll-count= --subject-prefix= --rfc
           --keep-subject --zero-commit --base= --to= --cc= --from= --in-reply-to= --thread=
           --no-thread --numbered-files --signature= --no-signature --no-stat --progress"],
    ),
    of(
        "grep",
        &["-a -c -E -F -G -H -h -I -i -L -l -n -o -P -p -q -r -v -W -w -z -A= -B= -C= -e= -m= -NUM
           --text --count --extended-regexp --fixed-strings --basic-regexp --perl-regexp
           --files-with-matches --files-without-match --name-only --line-number --column
           --only-matching --show-function --function-context --quiet --invert-match
           --ignore-case --word-regexp --null --break --heading --color= --no-color
           --after-context= --before-context= --context= --max-count= --max-depth= --recursive
           --no-recursive --cached --untracked --no-index --exclude-standard
           --no-exclude-standard --full-name --all-match --and --or --not --threads="],
    ),
    of("log", &[DIFFERENCES, COMMITS, HISTORY]),
    of(
        "ls-files",
        &["-c -d -m -o -i -s -k -u -t -v -z -x= --cached --deleted --modified --others --ignored
           --stage --killed --unmerged --directory --no-empty-directory --eol --exclude=
           --exclude-standard --exclude-per-directory= --full-name --error-unmatch --with-tree=
           --abbrev= --deduplicate --sparse --format="],
    ),
    of(
        "ls-remote",
        &["-q -t -h -b --quiet --tags --heads --branches --refs --exit-code --symref --get-url
           --sort="],
    ),
    of(
        "ls-tree",
        &["-d -r -t -z -l --long --name-only --name-status --object-only --full-name --full-tree
           --format= --abbrev="],
    ),
    of(
        "merge",
        &["-n -q -v -m= -F= -X= --ff --no-ff --ff-only --squash --no-squash --commit --no-commit
           --no-edit --message= --file= --stat --no-stat --log= --no-log --strategy-option=
           --abort --continue --quit --allow-unrelated-histories --signoff --no-verify --quiet
           --verbose --progress --no-progress"],
    ),
    of(
        "merge-base",
        &["-a --all --octopus --independent --is-ancestor --fork-point"],
    ),
    of("mv", &["-v -n -f -k --verbose --dry-run --force"]),
    of(
        "name-rev",
        &["--name-only --tags --refs= --exclude= --all --undefined --no-undefined --always"],
    ),
    of(
        "pull",
        &["-q -v -n -t -p -f -X= --quiet --verbose --ff --no-ff --ff-only --rebase --no-rebase
           --squash --no-squash --commit --no-commit --no-edit --stat --no-stat --tags --no-tags
           --prune --force --all --depth= --strategy-option= --allow-unrelated-histories
           --dry-run --progress --no-progress"],
    ),
    of(
        "push",
        &["-q -v -n -u -f -d --quiet --verbose --dry-run --set-upstream --force
           --force-with-lease= --force-if-includes --delete --tags --follow-tags --all --branches
           --prune --porcelain --atomic --no-verify --progress --no-progress"],
    ),
    of(
        "rebase",
        &["-q -v -n -f -m -X= --quiet --verbose --onto= --keep-base --root --stat --no-stat
           --no-ff --force-rebase --merge --abort --continue --skip --quit --strategy-option=
           --signoff --no-verify --keep-empty --empty= --reapply-cherry-picks --fork-point
           --no-fork-point --update-refs --no-update-refs"],
    ),
    of("remote", &["-v --verbose"]),
    of(
        "reset",
        &["-q -N --quiet --soft --mixed --hard --merge --keep --intent-to-add --refresh
           --no-refresh"],
    ),
    of(
        "restore",
        &["-S -W -q -m -s= --source= --staged --worktree --quiet --ours --theirs --merge
           --conflict= --overlay --no-overlay --ignore-unmerged"],
    ),
    of(
        "rev-list",
        &[COMMITS, "-n= -NUM --quiet --abbrev= --no-abbrev --objects --count --disk-usage=
           --no-object-names --timestamp --header --in-commit-order"],
    ),
    of(
        "rev-parse",
        &["-q --quiet --verify --short= --symbolic --symbolic-full-name --abbrev-ref= --all
           --branches= --tags= --remotes= --glob= --exclude= --not --since= --until= --git-dir
           --absolute-git-dir --git-common-dir --path-format= --show-toplevel --show-prefix
           --show-cdup --show-object-format= --is-inside-work-tree --is-inside-git-dir
           --is-bare-repository --is-shallow-repository"],
    ),
    of(
        "rm",
        &["-n -q -f -r --dry-run --quiet --cached --force --ignore-unmatch"],
    ),
    of(
        "shortlog",
        &[COMMITS, "-s -n -e -w= --summary --numbered --email --group="],
    ),
    of("show", &[DIFFERENCES, COMMITS, HISTORY]),
    of(
        "status",
        &["-s -b -z -u= --short --branch --porcelain= --long --null --untracked-files= --ignored=
           --ahead-behind --no-ahead-behind --renames --no-renames --find-renames= --column=
           --no-column --show-stash --ignore-submodules"],
    ),
    of(
        "switch",
        &["-q -f -d -t -m -c= -C= --create= --force-create= --quiet --force --discard-changes
           --detach --track= --no-track --guess --no-guess --orphan= --merge --conflict="],
    ),
    of(
        "tag",
        &[REFS, "-a -d -f -n= -m= --annotate --message= --delete --force"],
    ),
];

const fn of(name: &'static str, options: &'static [&'static str]) -> Subcommand {
    Subcommand { name, options }
}

/// Returns the subcommand of that name, if git may be asked it at all.
pub(super) fn find(name: &str) -> Option<&'static Subcommand> {
    SUBCOMMANDS.iter().find(|one| one.name == name)
}

impl Subcommand {
    /// Returns whether the word is none of git's options, or one that is harmless here. Where
    /// it stands does not count: what git takes for a value, or for a path behind `--`, it hands
    /// on as an option now and then.
    pub(super) fn takes(&self, word: &str) -> bool {
        match word.strip_prefix('-') {
            None | Some("" | "-") => true,
            Some(long) if long.starts_with('-') => self.takes_name(word),
            Some(letters) => self.takes_number(letters) || self.takes_letters(letters),
        }
    }

    /// Git takes any beginning of a name that only one has; here it is the whole name.
    fn takes_name(&self, word: &str) -> bool {
        let name = word.split('=').next();
        self.words()
            .any(|known| known == word || known.strip_suffix('=') == name)
    }

    fn takes_number(&self, letters: &str) -> bool {
        letters.bytes().all(|one| one.is_ascii_digit()) && self.words().any(|known| known == "-NUM")
    }

    fn takes_letters(&self, letters: &str) -> bool {
        for letter in letters.chars() {
            match self.letter(letter) {
                Some(Letter::Alone) => {}
                Some(Letter::BeforeItsValue) => return true,
                None => return false,
            }
        }
        true
    }

    fn letter(&self, letter: char) -> Option<Letter> {
        self.words().find_map(|known| {
            let rest = known.strip_prefix('-')?.strip_prefix(letter)?;
            match rest {
                "" => Some(Letter::Alone),
                "=" => Some(Letter::BeforeItsValue),
                _ => None,
            }
        })
    }

    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.options.iter().flat_map(|list| list.split_whitespace())
    }
}
