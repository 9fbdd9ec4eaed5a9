//! The reference's labels: sets of names, and lists of labels by field.

use std::collections::BTreeSet;

pub(crate) type Names = BTreeSet<&'static str>;
pub(crate) type Path = Vec<&'static str>;

/// Labels of parts, by the pattern of their places.
pub(crate) type Fields = Vec<(Path, Label)>;
/// A place and the handle of what stands there.
pub(crate) type Leaf = (Path, usize);
/// What an act came to, or the kind of its denial.
pub(crate) type Denied<T> = Result<T, &'static str>;

/// An argument's number, and its handle unless it is the caller's own value.
pub(crate) type Arg = (usize, Option<usize>);
/// A question's number, and its capacity in thousandths of a bit.
pub(crate) type Asked = (u64, u64);
/// A function, its arguments, and whom they name.
pub(crate) type Call<'a> = (usize, &'a [Arg], &'a Names);
/// The handles in a child's text, and those that are its parts.
pub(crate) type Given<'a> = (&'a [usize], &'a [usize]);
/// How a child ended, and the handle that it gave back.
pub(crate) type Ending = (&'static str, Option<usize>);

/// Taints, and readers or everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label(pub(crate) Names, pub(crate) Option<Names>);

pub(crate) fn join(a: &Label, b: &Label) -> Label {
    let readers = match (&a.1, &b.1) {
        (None, other) | (other, None) => other.clone(),
        (Some(a), Some(b)) => Some(a & b),
    };
    Label(&a.0 | &b.0, readers)
}

pub(crate) fn may_read(readers: Option<&Names>, who: Option<&Names>) -> bool {
    match (readers, who) {
        (None, _) => true,
        (Some(readers), Some(who)) => who.is_subset(readers),
        (Some(_), None) => false,
    }
}

pub(crate) fn flows(a: &Label, b: &Label) -> bool {
    a.0.is_subset(&b.0) && may_read(a.1.as_ref(), b.1.as_ref())
}

pub(crate) fn bottom() -> Label {
    Label(Names::new(), None)
}

/// Labels by field: the last that covers a place decides.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) number: usize,
    pub(crate) root: Label,
    pub(crate) fields: Fields,
}

impl Content {
    pub(crate) fn new(number: usize, root: Label, fields: Fields) -> Self {
        Self {
            number,
            root,
            fields,
        }
    }
}

fn covers(pattern: &[&str], path: &[&str]) -> bool {
    pattern.len() <= path.len() && pattern.iter().zip(path).all(|(a, b)| *a == "*" || a == b)
}

pub(crate) fn joined(content: &Content) -> Label {
    content
        .fields
        .iter()
        .fold(content.root.clone(), |sum, (_, label)| join(&sum, label))
}

fn deciding<'a>(content: &'a Content, path: &[&str]) -> &'a Label {
    let exact = content
        .fields
        .iter()
        .rev()
        .find(|(pattern, _)| covers(pattern, path));
    exact.map_or(&content.root, |(_, label)| label)
}

/// The part at `path`; what is under a `*` also has the label of its list, unless paid for.
pub(crate) fn part(content: &Content, path: &[&'static str], paid: bool) -> Content {
    let with_lists = |pattern: &Path, label: &Label| {
        let lists =
            (0..path.len().min(pattern.len())).filter(|depth| pattern[*depth] == "*" && !paid);
        lists.fold(label.clone(), |sum, depth| {
            join(&sum, deciding(content, &path[..depth]))
        })
    };
    let mut part = Content {
        fields: Vec::new(),
        ..content.clone()
    };
    for (pattern, label) in &content.fields {
        if covers(pattern, path) {
            part.root = with_lists(pattern, label);
        } else if pattern.len() > path.len() && covers(&pattern[..path.len()], path) {
            part.fields
                .push((pattern[path.len()..].to_vec(), with_lists(pattern, label)));
        }
    }
    part
}

/// Sorts patterns from the vaguest to the most exact: by depth, then by which segments are
/// literal, the last first.
pub(crate) fn sort(fields: &mut Fields) {
    let literal = |path: &Path| path.iter().rev().map(|one| *one != "*").collect::<Vec<_>>();
    fields.sort_by_key(|(path, _)| (path.len(), literal(path)));
}

/// Joins many labels.
pub(crate) fn sum(first: &Label, others: impl IntoIterator<Item = Label>) -> Label {
    others
        .into_iter()
        .fold(first.clone(), |sum, one| join(&sum, &one))
}

/// Returns log₂ in thousandths, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few thousand at most"
)]
pub(crate) fn thousandths(choices: f64) -> u64 {
    (choices.log2() * 1000.0).ceil() as u64
}

/// Returns the bits of one of so many, or none of them.
pub(crate) fn choices(among: usize) -> u64 {
    thousandths(f64::from(u32::try_from(among + 1).unwrap()))
}
