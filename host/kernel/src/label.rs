//! Labels: where a value came from and who may read it, as a lattice of two bit sets.
//!
//! The order, the join and the words follow D. Denning, *A Lattice Model of Secure
//! Information Flow* (CACM 1976), with the two dimensions kept apart: taint
//! (integrity) and readers (confidentiality).

use std::ops::{BitAnd, BitOr};

/// The most taint tags that one policy may name; a further one folds to [`TagSet::UNKNOWN`].
pub const MAX_TAGS: u8 = 127;

/// The most principals that one policy may name; a further one can read nothing.
pub const MAX_READERS: u8 = 127;

/// A set of taint tags. Empty means trusted. Fixed width, no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagSet(u128);

impl TagSet {
    /// No tag: trusted content.
    pub const EMPTY: Self = Self(0);
    /// The tag of content that nobody labelled, and of every tag past [`MAX_TAGS`].
    pub const UNKNOWN: Self = Self(1 << MAX_TAGS);
    /// Every tag there can be: the tolerance written `"*"`.
    pub const ALL: Self = Self(u128::MAX);

    /// Returns the set of one interned tag; an index past the maximum is `unknown`.
    pub const fn of(index: u8) -> Self {
        if index < MAX_TAGS {
            Self(1 << index)
        } else {
            Self::UNKNOWN
        }
    }

    /// Returns whether every tag of `self` is in `other`.
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns whether the two sets share a tag.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the tags of `self` that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns whether there is no tag.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the interned indices in ascending order; `unknown` is [`MAX_TAGS`].
    pub fn iter(self) -> impl Iterator<Item = u8> {
        bits(self.0)
    }
}

impl BitOr for TagSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for TagSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// A set of principals: those who may read a content, or those whom an effect reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Readers(u128);

impl Readers {
    /// Everybody, named or not. As recipients: the effect may reach anyone.
    pub const PUBLIC: Self = Self(u128::MAX);
    /// Nobody.
    pub const NOBODY: Self = Self(0);
    /// As recipients: somebody whom the policy does not name; only public content may go there.
    pub const STRANGER: Self = Self(1 << MAX_READERS);

    /// Returns the set of one interned principal. One past the maximum is nobody:
    /// a reader that cannot be represented gains no right.
    pub const fn of(index: u8) -> Self {
        if index < MAX_READERS {
            Self(1 << index)
        } else {
            Self::NOBODY
        }
    }

    /// Returns whether everyone in `self` is in `other`.
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns those of `self` who are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns whether nobody is in the set.
    pub const fn is_nobody(self) -> bool {
        self.0 == 0
    }

    /// Returns whether everybody is in the set.
    pub const fn is_public(self) -> bool {
        self.0 == u128::MAX
    }

    /// Returns the interned indices in ascending order; a stranger is [`MAX_READERS`].
    pub fn iter(self) -> impl Iterator<Item = u8> {
        bits(self.0)
    }
}

impl BitOr for Readers {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Readers {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

fn bits(set: u128) -> impl Iterator<Item = u8> {
    (0..=127u8).filter(move |index| set >> index & 1 == 1)
}

/// A taint set and a reader set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// Where the content came from.
    pub taint: TagSet,
    /// Who may read it.
    pub readers: Readers,
}

impl Label {
    /// Trusted and public: below every label.
    pub const BOTTOM: Self = Self {
        taint: TagSet::EMPTY,
        readers: Readers::PUBLIC,
    };

    /// Every taint, no reader: above every label.
    pub const TOP: Self = Self {
        taint: TagSet::ALL,
        readers: Readers::NOBODY,
    };

    /// Returns the least label above both: taints unite, readers intersect.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            taint: self.taint | other.taint,
            readers: self.readers & other.readers,
        }
    }

    /// Returns whether content of this label may flow to `other` (⊑).
    pub const fn flows_to(self, other: Self) -> bool {
        self.taint.is_subset(other.taint) && other.readers.is_subset(self.readers)
    }

    /// Returns the part of this label that is above `granted`: its other taints, and its
    /// readers where somebody may read what is `granted` and not this.
    ///
    /// It is [`Label::BOTTOM`] just where this label flows to `granted`.
    #[must_use]
    pub fn beyond(self, granted: Self) -> Self {
        let readers = if granted.readers.is_subset(self.readers) {
            Readers::PUBLIC
        } else {
            self.readers
        };
        Self {
            taint: self.taint.without(granted.taint),
            readers,
        }
    }
}
