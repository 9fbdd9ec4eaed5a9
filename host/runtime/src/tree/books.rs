//! What is known of every file of a tree: what it was at first, what it has become, and at
//! which label. On the disk before the file changes, so that no label is ever lost.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::names::Names;
use lazaret_workflow::event::LabelText;
use serde::{Deserialize, Serialize};

use super::scan::Stamp;
use crate::remembered::{label_of, label_text};

/// What was written down.
#[derive(Debug)]
pub(super) struct Books {
    /// What each file was when the tree was made.
    pub(super) origin: BTreeMap<String, String>,
    /// What files have become, in order: the state, `None` where it is gone, and its label.
    records: BTreeMap<String, Vec<(Option<String>, Label)>>,
    /// The join of everything that was ever written here.
    all: Label,
    /// The labels of commands of which nobody knows what they did.
    pub(super) unsettled: Vec<Label>,
    pub(super) stamps: BTreeMap<String, Stamp>,
    names: Names,
    log: File,
}

/// One line of the log.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Origin {
        file: String,
        state: String,
    },
    /// The tree is whole.
    Made,
    Became {
        file: String,
        state: Option<String>,
        label: LabelText,
    },
    /// A command begins, which may change any file.
    Begun {
        label: LabelText,
    },
    /// What it did is written down.
    Settled,
}

impl Books {
    /// Opens the log of a tree. Returns whether the tree was made before.
    pub(super) fn open(path: &Path, names: &Names) -> Result<(Self, bool), String> {
        let failed = |error: std::io::Error| format!("`{}`: {error}", path.display());
        let log = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        let mut books = Self {
            origin: BTreeMap::new(),
            records: BTreeMap::new(),
            all: Label::BOTTOM,
            unsettled: Vec::new(),
            stamps: BTreeMap::new(),
            names: names.clone(),
            log,
        };
        let mut made = false;
        let text = std::fs::read_to_string(path).map_err(failed)?;
        // The last line may be torn: what it tells of has not happened.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text.get(..whole).unwrap_or_default().lines() {
            let line = serde_json::from_str(line).map_err(|error| failed(error.into()))?;
            made |= matches!(line, Line::Made);
            books.take(line);
        }
        books.log.set_len(whole as u64).map_err(failed)?;
        Ok((books, made))
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Origin { file, state } => {
                self.origin.insert(file, state);
            }
            Line::Made => {}
            Line::Became { file, state, label } => {
                let label = label_of(&self.names, &label);
                self.all = self.all.join(label);
                self.records.entry(file).or_default().push((state, label));
            }
            Line::Begun { label } => {
                // Whatever it does, and whenever, no later command is below it.
                let label = label_of(&self.names, &label);
                self.all = self.all.join(label);
                self.unsettled.push(label);
            }
            Line::Settled => self.unsettled.clear(),
        }
    }

    fn write(&mut self, lines: Vec<Line>) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("the tree's labels: {error}");
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line).map_err(|error| failed(error.into()))?;
            text.push(b'\n');
        }
        self.log.write_all(&text).map_err(failed)?;
        self.log.sync_data().map_err(failed)?;
        for line in lines {
            self.take(line);
        }
        Ok(())
    }

    /// Writes down what the files were at first.
    pub(super) fn begin(&mut self, origin: BTreeMap<String, String>) -> Result<(), String> {
        let lines = origin
            .into_iter()
            .map(|(file, state)| Line::Origin { file, state });
        self.write(lines.chain([Line::Made]).collect())
    }

    /// Writes down what files become, before they do.
    pub(super) fn becomes(
        &mut self,
        files: impl IntoIterator<Item = (String, Option<String>, Label)>,
    ) -> Result<(), String> {
        let mut lines = Vec::new();
        for (file, state, label) in files {
            let label = label_text(&self.names, label);
            lines.push(Line::Became { file, state, label });
        }
        if lines.is_empty() {
            return Ok(());
        }
        self.write(lines)
    }

    /// Writes down that a command begins, or that all that one did is written down.
    pub(super) fn command(&mut self, begins: Option<Label>) -> Result<(), String> {
        let line = match begins {
            Some(label) => Line::Begun {
                label: label_text(&self.names, label),
            },
            None => Line::Settled,
        };
        self.write(vec![line])
    }

    /// Returns what a file should be now.
    pub(super) fn state(&self, file: &str) -> Option<&str> {
        match self.records.get(file).and_then(|all| all.last()) {
            Some((state, _)) => state.as_deref(),
            None => self.origin.get(file).map(String::as_str),
        }
    }

    /// Returns what a file's being so carries: the label of who made it so. Where nobody is
    /// known to have, that of everybody who ever wrote here, and nobody's.
    pub(super) fn label(&self, file: &str, state: Option<&str>) -> Label {
        let records = self
            .records
            .get(file)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let same = records
            .iter()
            .rev()
            .find(|(one, _)| one.as_deref() == state);
        match same {
            Some((_, label)) => *label,
            None if self.origin.get(file).map(String::as_str) == state => Label::BOTTOM,
            None => self.all.join(Label {
                taint: TagSet::UNKNOWN,
                ..Label::BOTTOM
            }),
        }
    }

    /// Returns the join of all that was ever written at a path, below it, and where it lies:
    /// what there is and is not carries it.
    pub(super) fn below(&self, path: &str) -> Label {
        if path.is_empty() {
            return self.all;
        }
        let is_near = |file: &&String| {
            let inside = |inner: &str, outer: &str| {
                inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            inside(file, path) || inside(path, file)
        };
        let near = self.records.iter().filter(|(file, _)| is_near(file));
        let near = near.flat_map(|(_, records)| records.iter().map(|(_, label)| *label));
        join(near.chain(self.unsettled.iter().copied()))
    }

    /// Returns the join of all that was ever written here.
    pub(super) fn all(&self) -> Label {
        self.all
    }

    /// Returns every file that is known, once each.
    pub(super) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self
            .origin
            .keys()
            .chain(self.records.keys())
            .cloned()
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// Returns the files that are not what they were at first.
    pub(super) fn changed(&self) -> Vec<String> {
        let changed = self
            .records
            .keys()
            .filter(|file| self.state(file) != self.origin.get(*file).map(String::as_str));
        changed.cloned().collect()
    }
}

fn join(labels: impl Iterator<Item = Label>) -> Label {
    labels.fold(Label::BOTTOM, Label::join)
}
