//! Contents as the monitor sees them: labels, media type and origins around a payload
//! that it never looks at.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::label::{Label, TagSet};
use crate::origins::{Origin, Origins};
use crate::pointer::Pointer;
use crate::tree::{LabelTree, Lowered};

/// What kind of value a content holds. Declared, never guessed from the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Text.
    Text,
    /// A JSON value.
    Json,
}

/// A list whose items are origins of their own: item `i` is origin `first + i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemOrigins {
    /// Where the list stands in the content.
    pub list: Pointer,
    /// The origin of the list's first item.
    pub first: Origin,
    /// Which items are of a principal whom the policy trusts.
    pub vouched: Option<Vouched>,
}

/// Items of principals whom the policy trusts: what the source itself says of a list's items
/// gives way there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Their numbers in the list.
    pub items: Arc<BTreeSet<u32>>,
    /// The tags that the source would give them.
    pub tags: TagSet,
    /// What they carry all the same, as it did not come from the source.
    pub floor: Label,
}

impl Vouched {
    /// Returns whose word counts for items of these numbers.
    pub fn new(items: BTreeSet<u32>, tags: TagSet) -> Self {
        Self {
            items: Arc::new(items),
            tags,
            floor: Label::BOTTOM,
        }
    }
}

/// What is known of a value before any byte of it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its labels, by field.
    pub labels: LabelTree,
    /// The items that it was made of.
    pub origins: Origins,
    /// The list in it whose items count one by one.
    pub items: Option<ItemOrigins>,
    /// Its declared media type.
    pub media: Media,
}

impl ItemOrigins {
    fn raised(mut self, label: Label) -> Self {
        if let Some(vouched) = &mut self.vouched {
            vouched.floor = vouched.floor.join(label);
        }
        self
    }
}

impl Facts {
    /// Returns the facts of a value with one label.
    pub fn flat(label: Label, origins: Origins, media: Media) -> Self {
        Self {
            labels: LabelTree::flat(label),
            origins,
            items: None,
            media,
        }
    }

    /// Returns the facts of the value at `pointer`.
    #[must_use]
    pub fn project(&self, pointer: &Pointer) -> Self {
        let vouched = self.vouched_at(pointer);
        self.part(self.labels.project_lowered(pointer, vouched), pointer)
    }

    /// Returns the facts of one item of a list whose length the caller has paid for.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        let pointer = Pointer::item(index);
        let vouched = self.vouched_at(&pointer);
        self.part(self.labels.item_lowered(index, vouched), &pointer)
    }

    /// Returns how deep the list of an item stands that the pointer leads into, and what is
    /// taken off the item's labels, if its principal is trusted.
    fn vouched_at(&self, pointer: &Pointer) -> Option<Lowered> {
        let items = self.items.as_ref()?;
        let vouched = items.vouched.as_ref()?;
        let depth = items.list.segments().len();
        let number = pointer.segments().get(depth)?.parse().ok()?;
        let inside = items.list.covers(pointer) && vouched.items.contains(&number);
        inside.then_some(Lowered {
            depth,
            tags: vouched.tags,
            floor: vouched.floor,
        })
    }

    /// Returns the facts of a value in which something of `label`, made of `origins`,
    /// had a say. Then no item of it is made of that item alone.
    pub(crate) fn raised(self, label: Label, origins: &Origins) -> Self {
        Self {
            labels: self.labels.raised(label),
            origins: self.origins.union(origins),
            items: self
                .items
                .filter(|_| *origins == Origins::NONE)
                .map(|items| items.raised(label)),
            media: self.media,
        }
    }

    fn part(&self, labels: LabelTree, pointer: &Pointer) -> Self {
        let (origins, items) = self.project_origins(pointer);
        Self {
            labels,
            origins,
            items,
            media: Media::Json,
        }
    }

    fn project_origins(&self, pointer: &Pointer) -> (Origins, Option<ItemOrigins>) {
        let Some(items) = &self.items else {
            return (self.origins, None);
        };
        if let Some(list) = items.list.strip(pointer) {
            let items = ItemOrigins {
                list,
                ..items.clone()
            };
            return (self.origins, Some(items));
        }
        let index = (items.list.covers(pointer))
            .then(|| pointer.segments().get(items.list.segments().len()))
            .flatten()
            .and_then(|segment| segment.parse::<u32>().ok());
        match index.and_then(|index| items.first.0.checked_add(index)) {
            Some(origin) => (Origins::of(Origin(origin)), None),
            None => (self.origins, None),
        }
    }
}

/// A value under a label. The monitor hands the payload out only with a permit.
#[derive(Debug)]
pub struct Content<P> {
    pub(crate) number: u64,
    pub(crate) facts: Facts,
    /// Shared, so that the same value can stand under a higher label.
    pub(crate) payload: Arc<P>,
}

impl<P> Content<P> {
    /// Returns what is known of the value without its bytes.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns the value. Who holds a `Content` outside the monitor was permitted to.
    pub fn payload(&self) -> &P {
        &self.payload
    }
}
