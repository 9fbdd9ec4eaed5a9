//! What a tree has become: one change a file, as a person sees it and as it is applied.

use std::fs;
use std::path::Path;

use lazaret_kernel::label::Label;
use serde_json::{Value, json};
use similar::TextDiff;

use super::{Tree, scan};
use crate::payload::MAX_CONTENT_BYTES;
use crate::remembered::label_text;

/// The largest file whose lines are shown.
const MAX_SHOWN_BYTES: u64 = 1 << 20;

/// A file that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: String,
    /// What it was, `None` where it is new.
    pub(crate) before: Option<String>,
    /// What it is now, `None` where it is gone.
    pub(crate) after: Option<String>,
    pub(crate) label: Label,
}

impl Tree {
    /// Returns every change, in the order of the paths. What the policy hides is no part of it.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let books = self.books();
        let mut all = Vec::new();
        for path in books.changed() {
            let hidden = self.place().inside(&path).is_err();
            if hidden || books.state(&path) == books.origin.get(&path).map(String::as_str) {
                continue;
            }
            let after = books.state(&path).map(str::to_owned);
            all.push(Change {
                before: books.origin.get(&path).cloned(),
                label: self
                    .origin
                    .mount
                    .label
                    .join(books.label(&path, after.as_deref())),
                after,
                path,
            });
        }
        all
    }

    /// Puts changes into a value that a person can read and that can be applied: what each file
    /// was and is, and the lines that differ.
    pub(crate) fn patch(&self, changes: &[Change]) -> Result<Value, String> {
        let mut left = MAX_CONTENT_BYTES;
        let mut all = Vec::new();
        for change in changes {
            let shown = self.shown(change)?;
            left = left.checked_sub(shown.len()).ok_or_else(|| {
                format!("the patch is larger than the limit `content-bytes` of {MAX_CONTENT_BYTES}")
            })?;
            all.push(json!({
                "path": change.path,
                "before": change.before,
                "after": change.after,
                "taint": label_text(&self.origin.names, change.label).taint,
                "diff": shown,
            }));
        }
        Ok(json!({ "changes": all }))
    }

    fn shown(&self, change: &Change) -> Result<String, String> {
        let new = text_of(&self.files().join(&change.path), change.after.as_deref())?;
        let old = self.before(change)?;
        let (Some(old), Some(new)) = (old, new) else {
            return Ok("its lines are not shown: it is no text, or it is large".to_owned());
        };
        let name = |there: &Option<String>| {
            there
                .as_ref()
                .map_or_else(|| "/dev/null".to_owned(), |_| change.path.clone())
        };
        let diff = TextDiff::from_lines(&old, &new);
        let mut diff = diff.unified_diff();
        let diff = diff.context_radius(3);
        Ok(diff
            .header(&name(&change.before), &name(&change.after))
            .to_string())
    }

    /// What a file was, where the operator still has it so.
    fn before(&self, change: &Change) -> Result<Option<String>, String> {
        let path = self.project().join(&change.path);
        if change.before.is_some() && scan::state(&path)? != change.before {
            return Ok(None);
        }
        text_of(&path, change.before.as_deref())
    }
}

/// A file's text: empty where there is none, a line where it is a link.
fn text_of(path: &Path, state: Option<&str>) -> Result<Option<String>, String> {
    let Some(state) = state else {
        return Ok(Some(String::new()));
    };
    if state.starts_with("link:") {
        return Ok(Some(format!("{state}\n")));
    }
    let failed = |error: std::io::Error| format!("`{}`: {}", path.display(), error.kind());
    if fs::metadata(path).map_err(failed)?.len() > MAX_SHOWN_BYTES {
        return Ok(None);
    }
    Ok(String::from_utf8(fs::read(path).map_err(failed)?).ok())
}
