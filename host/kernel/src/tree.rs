//! Labels by field: one label for a document and others for parts of it.
//!
//! The label of a projection is found from the declared patterns alone. It never
//! depends on the document's bytes: whether a field is there cannot be seen.

use std::collections::BTreeSet;

use crate::label::{Label, TagSet};
use crate::pointer::{MAX_DEPTH, Pointer};

/// The most fields of one content that may have labels of their own. Past it a
/// composition is labelled as a whole, with the join.
pub const MAX_LABELLED_FIELDS: usize = 256;

/// A document's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTree {
    root: Label,
    /// INVARIANT: from the vaguest pattern to the most exact, and none is the root's.
    fields: Vec<(Pointer, Label)>,
    joined: Label,
}

/// What is taken off the labels of an item whose principal is trusted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lowered {
    /// How deep the list stands whose item it is.
    pub(crate) depth: usize,
    /// The tags of the source.
    pub(crate) tags: TagSet,
    /// What the item carries all the same.
    pub(crate) floor: Label,
}

impl Lowered {
    fn of(self, label: Label) -> Label {
        Label {
            taint: label.taint.without(self.tags),
            ..label
        }
        .join(self.floor)
    }
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
    pub fn declared(root: Label, mut fields: Vec<(Pointer, Label)>) -> Self {
        let join = |sum: Label, (_, label): &(Pointer, Label)| sum.join(*label);
        let joined = fields.iter().fold(root, join);
        let too_deep = |(pattern, _): &_| Pointer::segments(pattern).len() > MAX_DEPTH;
        if fields.len() > MAX_LABELLED_FIELDS || fields.iter().any(too_deep) {
            return Self::flat(joined);
        }
        let whole = fields.extract_if(.., |(pattern, _)| pattern.segments().is_empty());
        let root = whole.fold(root, |sum, field| join(sum, &field));
        fields.sort_by_key(|(pattern, _)| pattern.specificity());
        Self {
            root,
            fields,
            joined,
        }
    }

    /// Returns the tree of a skeleton written at `writer` whose leaves are other
    /// contents. Which leaf stands where is the writer's word, so that its label
    /// joins every leaf's. Where two leaves could cover the same place, everything has
    /// the join: a clean leaf must not lend its label to bytes of the other.
    pub fn composed<'a>(
        writer: Label,
        leaves: impl IntoIterator<Item = (Pointer, &'a Self, Label)>,
    ) -> Self {
        let mut fields = Vec::new();
        let mut places = Vec::new();
        for (pointer, leaf, floor) in leaves {
            places.push(pointer.clone());
            let raise = writer.join(floor);
            for (below, label) in &leaf.fields {
                fields.push((pointer.then(below), label.join(raise)));
            }
            fields.push((pointer, leaf.root.join(raise)));
        }
        let tree = Self::declared(writer, fields);
        if overlap(places) {
            return Self::flat(tree.joined);
        }
        tree
    }

    /// Returns the tree of the value at `pointer`.
    ///
    /// Whether there is anything under a `*` is the list's secret: a missing item
    /// projects to null, so that a field below one also carries the list's label.
    #[must_use]
    pub fn project(&self, pointer: &Pointer) -> Self {
        self.project_lowered(pointer, None)
    }

    /// The same inside an item whose principal is trusted: the source's tags do not count.
    /// That the item is there at all is still the list's secret.
    pub(crate) fn project_lowered(&self, pointer: &Pointer, lowered: Option<Lowered>) -> Self {
        self.part(pointer, lowered, |list| self.label_at(list))
    }

    /// Returns the tree of an item of this list, for who has paid to know how many there are.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.item_lowered(index, None)
    }

    /// The same of an item whose principal is trusted.
    pub(crate) fn item_lowered(&self, index: usize, lowered: Option<Lowered>) -> Self {
        self.part(&Pointer::item(index), lowered, |_| Label::BOTTOM)
    }

    fn part(
        &self,
        pointer: &Pointer,
        lowered: Option<Lowered>,
        length: impl Fn(&[String]) -> Label,
    ) -> Self {
        let walked = pointer.segments();
        let lowered = lowered.and_then(|lowered| {
            let list = walked.get(..lowered.depth)?;
            Some((lowered, length(list)))
        });
        let lower = |label: Label| match lowered {
            Some((lowered, list)) => lowered.of(label).join(list),
            None => label,
        };
        let raised = |pattern: &Pointer, label: Label| {
            let lists = pattern.wildcards().filter(|depth| *depth < walked.len());
            let lists = lists.filter_map(|depth| walked.get(..depth));
            lists.fold(label, |sum, list| sum.join(length(list)))
        };
        let mut root = lower(self.root);
        let mut fields = Vec::new();
        for (pattern, label) in &self.fields {
            if pattern.covers(pointer) {
                root = raised(pattern, lower(*label)); // the most exact one comes last
            } else if let Some(rest) = pattern.strip(pointer) {
                fields.push((rest, raised(pattern, lower(*label))));
            }
        }
        Self::declared(root, fields)
    }

    /// Returns the tree in which each part carries what it does in both.
    ///
    /// Where a `*` of one and a name of the other match the same place, no single pattern
    /// says what that carries: then everything carries all.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let Some(patterns) = self.patterns_with(other) else {
            return Self::flat(self.joined.join(other.joined));
        };
        let both = |pattern: &Pointer| {
            // What matches a pattern's own segments matches every place that it does.
            let place = pattern.segments();
            self.label_at(place).join(other.label_at(place))
        };
        let fields = patterns.into_iter();
        let fields = fields.map(|pattern| (pattern.clone(), both(pattern)));
        Self::declared(self.root.join(other.root), fields.collect())
    }

    /// Returns the join of the labels that parts carry here and that do not flow to what the
    /// same parts carry in `other`: by so much that one would have to be raised as a whole.
    pub fn above(&self, other: &Self) -> Label {
        let Some(patterns) = self.patterns_with(other) else {
            return self.joined;
        };
        let whole: &[String] = &[];
        let parts = patterns.into_iter().map(Pointer::segments);
        let own = |place| {
            let label = self.label_at(place);
            (!label.flows_to(other.label_at(place))).then_some(label)
        };
        let above = parts.chain([whole]).filter_map(own);
        above.fold(Label::BOTTOM, Label::join)
    }

    /// Returns the patterns of both trees, unless a place has another most exact one in each
    /// and neither of the two matches all that the other does.
    fn patterns_with<'a>(&'a self, other: &'a Self) -> Option<BTreeSet<&'a Pointer>> {
        let patterns = |tree: &'a Self| -> BTreeSet<&'a Pointer> {
            tree.fields.iter().map(|(pattern, _)| pattern).collect()
        };
        let (own, others) = (patterns(self), patterns(other));
        let crossed = |one: &&Pointer| others.iter().any(|two| one.crosses(two));
        if own != others && own.iter().any(crossed) {
            return None;
        }
        Some(&own | &others)
    }

    fn label_at(&self, segments: &[String]) -> Label {
        let covers = |(pattern, _): &&(Pointer, Label)| pattern.covers_segments(segments);
        let exact = self.fields.iter().rfind(covers);
        exact.map_or(self.root, |(_, label)| *label)
    }

    /// Returns the label that a reader of the whole document rises to.
    pub fn joined(&self) -> Label {
        self.joined
    }

    /// Returns the label of the document's own structure.
    pub fn root(&self) -> Label {
        self.root
    }

    /// Returns the labels of parts, as they would be declared.
    pub fn fields(&self) -> &[(Pointer, Label)] {
        &self.fields
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

/// Returns whether two of the places have a value in common, or one has a `*`, which as
/// a pattern would cover others.
fn overlap(mut places: Vec<Pointer>) -> bool {
    places.sort();
    let patterns = places
        .iter()
        .any(|place| place.wildcards().next().is_some());
    // Sorted, what stands below a place comes right after it.
    let nested = places.iter().zip(places.iter().skip(1));
    patterns || nested.into_iter().any(|(above, below)| above.covers(below))
}
