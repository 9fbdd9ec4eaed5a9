//! Labels by field: one label for a document and others for parts of it.
//!
//! The label of a projection is found from the declared patterns alone. It never
//! depends on the document's bytes: whether a field is there cannot be seen.

use crate::label::Label;
use crate::pointer::Pointer;

/// The most fields of one content that may have labels of their own. Past it a
/// composition is labelled as a whole, with the join.
pub const MAX_LABELLED_FIELDS: usize = 256;

/// A document's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTree {
    root: Label,
    fields: Vec<(Pointer, Label)>,
    joined: Label,
}

impl LabelTree {
    /// Returns a tree with one label for everything.
    pub fn flat(label: Label) -> Self {
        Self {
            root: label,
            fields: Vec::new(),
            joined: label,
        }
    }

    /// Returns a tree as a source declares it: the most specific pattern gives a
    /// field's label, and may be lower than the root's.
    ///
    /// A field below a list that strangers wrote may be trusted because the
    /// service that made the list filled it in (`/*/number` of an issue list).
    pub fn declared(root: Label, fields: Vec<(Pointer, Label)>) -> Self {
        let joined = fields.iter().fold(root, |sum, (_, label)| sum.join(*label));
        if fields.len() > MAX_LABELLED_FIELDS {
            return Self::flat(joined);
        }
        Self {
            root,
            fields,
            joined,
        }
    }

    /// Returns the tree of a skeleton written at `writer` whose leaves are other
    /// contents. Which leaf stands where is the writer's word, so that its label
    /// joins every leaf's.
    pub fn composed<'a>(
        writer: Label,
        leaves: impl IntoIterator<Item = (Pointer, &'a Self, Label)>,
    ) -> Self {
        let mut fields = Vec::new();
        for (pointer, leaf, floor) in leaves {
            let raise = writer.join(floor);
            for (below, label) in &leaf.fields {
                fields.push((pointer.then(below), label.join(raise)));
            }
            fields.push((pointer, leaf.root.join(raise)));
        }
        Self::declared(writer, fields)
    }

    /// Returns the tree of the value at `pointer`.
    #[must_use]
    pub fn project(&self, pointer: &Pointer) -> Self {
        let root = self
            .fields
            .iter()
            .filter(|(pattern, _)| pattern.covers(pointer))
            .max_by_key(|(pattern, _)| pattern.specificity())
            .map_or(self.root, |(_, label)| *label);
        let below = self
            .fields
            .iter()
            .filter_map(|(pattern, label)| {
                let rest = pattern.strip(pointer)?;
                (!rest.segments().is_empty()).then_some((rest, *label))
            })
            .collect();
        Self::declared(root, below)
    }

    /// Returns the label that a reader of the whole document rises to.
    pub fn joined(&self) -> Label {
        self.joined
    }

    /// Returns the label of the document's own structure.
    pub fn root(&self) -> Label {
        self.root
    }

    /// Returns whether there is one label for everything.
    pub fn is_flat(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns the tree with every label joined with `label`.
    #[must_use]
    pub fn raised(mut self, label: Label) -> Self {
        self.root = self.root.join(label);
        self.joined = self.joined.join(label);
        for (_, field) in &mut self.fields {
            *field = field.join(label);
        }
        self
    }
}
