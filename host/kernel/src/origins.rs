//! Origins: which source items a content was made of, so that gate bits can be
//! counted against the item that decided them.

/// The most items that one content remembers; past it the answer is "many".
pub const MAX_ORIGINS: usize = 16;

/// An item of a source, numbered by the run in the order in which items entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub u32);

/// A set of at most [`MAX_ORIGINS`] origins. Fixed width, no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origins {
    items: [Origin; MAX_ORIGINS],
    length: usize,
    many: bool,
}

impl Origins {
    /// No item: written by a component or typed by the operator.
    pub const NONE: Self = Self {
        items: [Origin(0); MAX_ORIGINS],
        length: 0,
        many: false,
    };

    /// Returns the set of one item.
    pub fn of(origin: Origin) -> Self {
        let mut set = Self::NONE;
        set.insert(origin);
        set
    }

    /// Returns the set that stands for more items than are remembered.
    pub fn many() -> Self {
        Self {
            many: true,
            ..Self::NONE
        }
    }

    /// Returns whether more than [`MAX_ORIGINS`] items went in.
    pub fn is_many(&self) -> bool {
        self.many
    }

    /// Returns the items in ascending order; empty where there are many.
    pub fn items(&self) -> &[Origin] {
        self.items.get(..self.length).unwrap_or_default()
    }

    /// Returns the items of both.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Adds the items of another set, in place.
    pub(crate) fn add(&mut self, other: &Self) {
        if other.many {
            self.overflow();
        }
        for origin in other.items() {
            self.insert(*origin);
        }
    }

    fn insert(&mut self, origin: Origin) {
        if self.many {
            return;
        }
        let Err(at) = self.items().binary_search(&origin) else {
            return;
        };
        if self.length == MAX_ORIGINS {
            self.overflow();
            return;
        }
        // INVARIANT: at <= length < MAX_ORIGINS, so that the range stays inside.
        self.items.copy_within(at..self.length, at + 1);
        if let Some(slot) = self.items.get_mut(at) {
            *slot = origin;
        }
        self.length += 1;
    }

    fn overflow(&mut self) {
        *self = Self {
            many: true,
            ..Self::NONE
        };
    }
}

impl Default for Origins {
    fn default() -> Self {
        Self::NONE
    }
}
