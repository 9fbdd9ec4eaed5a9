//! Interned names: the tags and principals of one policy, each a bit of a set.

use std::collections::BTreeMap;

use crate::label::{MAX_READERS, MAX_TAGS, Readers, TagSet};

/// The name of content that nobody labelled.
pub const UNKNOWN_TAG: &str = "unknown";

/// The tags and principals that a policy names, in the order it named them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    tags: Table,
    readers: Table,
}

impl Names {
    /// Interns a tag. Past [`MAX_TAGS`] names it folds to `unknown`.
    pub fn tag(&mut self, name: &str) -> TagSet {
        if name == UNKNOWN_TAG {
            return TagSet::UNKNOWN;
        }
        self.tags
            .intern(name, MAX_TAGS)
            .map_or(TagSet::UNKNOWN, TagSet::of)
    }

    /// Interns a principal. Past [`MAX_READERS`] names it stands for nobody: a safe reader,
    /// but no safe recipient, so that a policy with more names has to be refused.
    pub fn reader(&mut self, name: &str) -> Readers {
        self.readers
            .intern(name, MAX_READERS)
            .map_or(Readers::NOBODY, Readers::of)
    }

    /// Returns the tag of that name if the policy has it.
    pub fn find_tag(&self, name: &str) -> Option<TagSet> {
        if name == UNKNOWN_TAG {
            return Some(TagSet::UNKNOWN);
        }
        self.tags.find(name).map(TagSet::of)
    }

    /// Returns the principal of that name if the policy has it.
    pub fn find_reader(&self, name: &str) -> Option<Readers> {
        self.readers.find(name).map(Readers::of)
    }

    /// Returns the names of a set of tags, in interning order.
    pub fn tag_names(&self, set: TagSet) -> Vec<String> {
        set.iter()
            .filter_map(|index| {
                if index == MAX_TAGS {
                    Some(UNKNOWN_TAG.to_owned())
                } else {
                    self.tags.name(index)
                }
            })
            .collect()
    }

    /// Returns the names of a set of principals, or `None` for everybody.
    pub fn reader_names(&self, set: Readers) -> Option<Vec<String>> {
        if set.is_public() {
            return None;
        }
        Some(
            set.iter()
                .filter_map(|index| self.readers.name(index))
                .collect(),
        )
    }
}

#[derive(Clone, Debug, Default)]
struct Table {
    by_name: BTreeMap<String, u8>,
    by_index: Vec<String>,
}

impl Table {
    fn intern(&mut self, name: &str, maximum: u8) -> Option<u8> {
        if let Some(index) = self.find(name) {
            return Some(index);
        }
        let index = u8::try_from(self.by_index.len())
            .ok()
            .filter(|index| *index < maximum)?;
        self.by_name.insert(name.to_owned(), index);
        self.by_index.push(name.to_owned());
        Some(index)
    }

    fn find(&self, name: &str) -> Option<u8> {
        self.by_name.get(name).copied()
    }

    fn name(&self, index: u8) -> Option<String> {
        self.by_index.get(usize::from(index)).cloned()
    }
}
