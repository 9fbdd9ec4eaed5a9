//! JSON pointers (RFC 6901), and patterns of them where `*` stands for any one segment.

use std::fmt;

/// The most segments of a pointer.
pub const MAX_DEPTH: usize = 32;

/// The most bytes of a pointer's text.
pub const MAX_POINTER_BYTES: usize = 1024;

/// The segment of a pattern that matches any one segment.
const ANY: &str = "*";

/// A parsed JSON pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(Vec<String>);

/// Why a text is no pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerError {
    /// It is not empty and does not begin with `/`.
    NoSlash,
    /// A `~` is not followed by `0` or `1`.
    Escape,
    /// It has more than [`MAX_DEPTH`] segments or [`MAX_POINTER_BYTES`] bytes.
    TooLong,
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlash => "a JSON pointer is empty or begins with `/`",
            Self::Escape => "in a JSON pointer `~` is followed by `0` or `1`",
            Self::TooLong => "a JSON pointer has at most 32 segments and 1024 bytes",
        })
    }
}

impl std::error::Error for PointerError {}

impl Pointer {
    /// The whole document.
    pub const ROOT: Self = Self(Vec::new());

    /// Parses a pointer's text.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self::ROOT);
        }
        if text.len() > MAX_POINTER_BYTES {
            return Err(PointerError::TooLong);
        }
        let rest = text.strip_prefix('/').ok_or(PointerError::NoSlash)?;
        let segments: Vec<String> = rest.split('/').map(unescape).collect::<Result<_, _>>()?;
        if segments.len() > MAX_DEPTH {
            return Err(PointerError::TooLong);
        }
        Ok(Self(segments))
    }

    /// Returns the pointer of one item of a list.
    pub fn item(index: usize) -> Self {
        Self(vec![index.to_string()])
    }

    /// Returns the segments, unescaped.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// Returns this pointer followed by another.
    #[must_use]
    pub fn then(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// Returns what is left of `self` after the prefix `pointer`, where a `*` of
    /// `self` matches any segment.
    pub fn strip(&self, pointer: &Self) -> Option<Self> {
        let rest = self.0.get(pointer.0.len()..)?;
        self.matches_prefix(&pointer.0).then(|| Self(rest.to_vec()))
    }

    /// Returns whether `self`, as a pattern, matches a prefix of `pointer` or all of it.
    pub fn covers(&self, pointer: &Self) -> bool {
        self.covers_segments(&pointer.0)
    }

    /// Returns how exact the pattern is: its depth, then which segments are no `*`, one
    /// bit each. The last counts most, so that cutting a prefix off keeps the order.
    pub fn specificity(&self) -> (usize, usize) {
        let literal = |mask, segment: &String| mask << 1 | usize::from(segment != ANY);
        (self.0.len(), self.0.iter().rev().fold(0, literal))
    }

    /// The same for a part of a pointer.
    pub(crate) fn covers_segments(&self, segments: &[String]) -> bool {
        self.0.len() <= segments.len() && self.matches_prefix(segments)
    }

    /// Returns whether both patterns match a place where one has a `*` and the other a name.
    pub(crate) fn crosses(&self, other: &Self) -> bool {
        let both = || self.0.iter().zip(&other.0);
        let meet = |(one, two): (&String, &String)| one == two || one == ANY || two == ANY;
        both().all(meet) && both().any(|(one, two)| one != two)
    }

    /// Returns where the pattern's `*` are.
    pub(crate) fn wildcards(&self) -> impl Iterator<Item = usize> {
        let any = |(depth, segment): (usize, &String)| (segment == ANY).then_some(depth);
        self.0.iter().enumerate().filter_map(any)
    }

    /// Compares the segments that both have.
    fn matches_prefix(&self, segments: &[String]) -> bool {
        self.0
            .iter()
            .zip(segments)
            .all(|(pattern, segment)| pattern == ANY || pattern == segment)
    }
}

impl FromIterator<String> for Pointer {
    /// Makes a pointer of segments that are already unescaped.
    fn from_iter<I: IntoIterator<Item = String>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

fn unescape(segment: &str) -> Result<String, PointerError> {
    let mut out = String::with_capacity(segment.len());
    let mut rest = segment.chars();
    while let Some(next) = rest.next() {
        out.push(match next {
            '~' => match rest.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(PointerError::Escape),
            },
            other => other,
        });
    }
    Ok(out)
}
