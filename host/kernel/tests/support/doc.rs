//! A small JSON-like payload, so that tests project, compose and split real values.

use std::collections::BTreeMap;

use lazaret_kernel::pointer::Pointer;

/// A value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Doc {
    /// Nothing, or a missing field.
    #[default]
    Null,
    /// A piece of text, as a number.
    Word(u64),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Map(BTreeMap<String, Self>),
}

impl Doc {
    /// Makes an object.
    pub(crate) fn map<const N: usize>(fields: [(&str, Self); N]) -> Self {
        let fields = fields.map(|(key, value)| (key.to_owned(), value));
        Self::Map(fields.into_iter().collect())
    }

    /// Returns the value at a pointer, null where there is none.
    pub(crate) fn at(&self, pointer: &Pointer) -> Self {
        let step = |value: &Self, segment: &String| match value {
            Self::List(items) => items.get(segment.parse::<usize>().ok()?).cloned(),
            Self::Map(fields) => fields.get(segment).cloned(),
            Self::Null | Self::Word(_) => None,
        };
        let mut here = self.clone();
        for segment in pointer.segments() {
            here = step(&here, segment).unwrap_or_default();
        }
        here
    }

    /// Puts a value at a pointer, making objects on the way there.
    pub(crate) fn put(&mut self, segments: &[String], value: Self) {
        let Some((first, rest)) = segments.split_first() else {
            *self = value;
            return;
        };
        if let Self::List(items) = self
            && let Some(item) = first
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get_mut(index))
        {
            item.put(rest, value);
            return;
        }
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(BTreeMap::new());
        }
        if let Self::Map(fields) = self {
            fields.entry(first.clone()).or_default().put(rest, value);
        }
    }
}
