//! The run tree: the copy of the operator's files that a run works on, with a label for each.
//!
//! Agents never change the operator's files. What they write lands here, at the label of who
//! wrote it; a command's changes land at the label of everything that the command could read.
//! At the end one decision makes the operator's files what these have become ([`apply`]).
//!
//! The labels are written down before the files change ([`books`]), so that a run that was
//! killed goes on with every one of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::names::Names;
use lazaret_policy::command::TreeRule;
use lazaret_policy::compiled::Mount;
use tokio::sync::RwLock;

use self::books::Books;
use self::scan::Stamp;
use crate::place::{Inside, Place};
use crate::run::locked;

pub(crate) mod apply;
mod books;
mod change;
mod copy;
pub(crate) mod git;
mod merge;
mod scan;

pub(crate) use change::Change;

/// The file of what is known of a tree's files.
pub(crate) const BOOKS: &str = "books.jsonl";

/// The most files of a tree: each has a line in the books.
const MAX_FILES: usize = 200_000;

/// The deepest directory of a tree.
const MAX_DEPTH: usize = 64;

/// The most bytes that are copied into a tree: four gibibytes.
const MAX_BYTES: u64 = 4 << 30;

/// What a tree is made from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The operator's directory.
    pub(crate) project: PathBuf,
    pub(crate) mount: Mount,
    pub(crate) rule: TreeRule,
    pub(crate) names: Names,
}

/// Of what a tree is a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// Of the operator's files as they are, uncommitted ones included.
    WorkingCopy,
    /// Of the last commit.
    Head,
}

/// A copy of the operator's files.
#[derive(Debug)]
pub(crate) struct Tree {
    base: PathBuf,
    origin: Origin,
    repository: Option<PathBuf>,
    place: Place,
    /// Held by who reads or writes single files, and as a whole by a command that may write.
    pub(crate) turn: RwLock<()>,
    books: Mutex<Books>,
}

impl Tree {
    /// Opens a tree, or makes it: of the operator's files as they are now, or of the last
    /// commit. `repository` is the run's own, if the project has one.
    pub(crate) fn open(
        base: &Path,
        origin: Origin,
        from: From,
        repository: Option<PathBuf>,
    ) -> Result<Self, String> {
        let files = base.join("files");
        private_directory(base)?;
        let (mut books, made) = Books::open(&base.join(BOOKS), &origin.names)?;
        if !made {
            // What was copied before the copy was whole is nobody's.
            fs::remove_dir_all(&files).ok();
            private_directory(&files)?;
            let states = copy::make(&origin, from, base, repository.as_deref())?;
            books.begin(states)?;
        }
        let place = Place::at(&files, &origin.mount).map_err(|error| error.to_string())?;
        let tree = Self {
            base: base.to_owned(),
            origin,
            repository,
            place,
            turn: RwLock::new(()),
            books: Mutex::new(books),
        };
        tree.recover(made)?;
        Ok(tree)
    }

    /// Finds what a command did that was interrupted. What nobody announced is unknown.
    fn recover(&self, made: bool) -> Result<(), String> {
        let unsettled = self.books().unsettled.clone();
        let unknown = Label {
            taint: TagSet::UNKNOWN,
            ..self.origin.mount.label
        };
        let label = if unsettled.is_empty() {
            unknown
        } else {
            Label::BOTTOM
        };
        if made {
            self.settle(label)?;
            return Ok(());
        }
        // The first look at a tree that was just made only notes what the files look like.
        let mut stamps = BTreeMap::new();
        scan::walk(&self.files(), &mut |path, metadata| {
            stamps.insert(path.to_owned(), Stamp::of(metadata));
            Ok(())
        })?;
        self.books().stamps = stamps;
        Ok(())
    }

    /// Returns the directory of the files.
    pub(crate) fn files(&self) -> PathBuf {
        self.base.join("files")
    }

    /// Returns the directory of the tree and what belongs to it.
    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// Returns the run's own repository and the tree's index.
    pub(crate) fn repository(&self) -> Option<(PathBuf, PathBuf)> {
        let own = self.repository.clone()?;
        Some((own, self.base.join("index")))
    }

    /// Returns where the operator's files are.
    pub(crate) fn project(&self) -> &Path {
        &self.origin.project
    }

    /// Returns the directories that are shared and not copied.
    pub(crate) fn shared(&self) -> &[String] {
        &self.origin.rule.share
    }

    /// Returns the files, for acts on single ones.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// No method leaves the books half changed.
    fn books(&self) -> MutexGuard<'_, Books> {
        locked(&self.books)
    }

    /// Returns what everything in the tree carries: what a command that runs in it may tell.
    pub(crate) fn label(&self) -> Label {
        self.origin.mount.label.join(self.books().all())
    }

    /// Returns the part of it that agents have brought in: what is above the project's own label.
    pub(crate) fn beyond_project(&self) -> Label {
        self.label().beyond(self.origin.mount.label)
    }

    /// Returns what a file's text, and that it is there, carries.
    pub(crate) fn label_of_file(&self, at: &Inside) -> Result<Label, String> {
        let file = at.to_string();
        let real = self.real(at);
        let state = scan::state(&self.files().join(real.as_deref().unwrap_or(&file)))?;
        let books = self.books();
        let own = match (&state, &real) {
            (Some(state), Some(real)) if *real == file => books.label(&file, Some(state)),
            // Where a link leads is told by who made the link.
            (Some(state), Some(real)) => books.label(real, Some(state)).join(books.below(&file)),
            // Whether something is there is told by who made it so, here or around here.
            (_, real) => real
                .iter()
                .fold(books.below(&file), |all, real| all.join(books.below(real))),
        };
        Ok(self.origin.mount.label.join(own))
    }

    /// Returns what is told by what there is at a path and below it.
    pub(crate) fn label_below(&self, at: &Inside) -> Label {
        let path = if at.is_root() {
            String::new()
        } else {
            at.to_string()
        };
        let real = self.real(at).unwrap_or_default();
        let books = self.books();
        let told = books.below(&path).join(books.below(&real));
        self.origin.mount.label.join(told)
    }

    /// Returns where a path leads when every link on the way is followed.
    fn real(&self, at: &Inside) -> Option<String> {
        let root = self.files().canonicalize().ok()?;
        let real = root.join(at.path()).canonicalize().ok()?;
        let inside = real.strip_prefix(root).ok()?;
        inside.to_str().map(str::to_owned)
    }

    /// Notes what a file becomes, before it does.
    pub(crate) fn becomes(&self, at: &Inside, bytes: &[u8], label: Label) -> Result<(), String> {
        let path = self.files().join(at.path());
        let was_program = scan::state(&path)?.is_some_and(|state| state.starts_with("program:"));
        let state = scan::state_of(bytes, was_program);
        let record = (at.to_string(), Some(state), label);
        self.books().becomes([record])
    }

    /// Notes that a change begins that may touch any file.
    pub(crate) fn begin(&self, label: Label) -> Result<(), String> {
        self.books().command(Some(label))
    }

    /// Looks at every file, and gives the label to those that are not what they were.
    pub(crate) fn settle(&self, label: Label) -> Result<(), String> {
        let root = self.files();
        let mut books = self.books();
        // Those of commands that were cut off are among them.
        let label = books.unsettled.iter().copied().fold(label, Label::join);
        let mut stamps = BTreeMap::new();
        let mut became = Vec::new();
        scan::walk(&root, &mut |path, metadata| {
            let stamp = Stamp::of(metadata);
            if books.stamps.get(path) != Some(&stamp) {
                let state = scan::state(&root.join(path))?;
                if state.as_deref() != books.state(path) {
                    became.push((path.to_owned(), state, label));
                }
            }
            stamps.insert(path.to_owned(), stamp);
            Ok(())
        })?;
        for file in books.files() {
            if !stamps.contains_key(&file) && books.state(&file).is_some() {
                became.push((file, None, label));
            }
        }
        books.becomes(became)?;
        books.stamps = stamps;
        books.command(None)
    }
}

/// Makes a directory that only its owner may look into.
pub(crate) fn private_directory(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|error| format!("`{}`: {}", path.display(), error.kind()))
}
