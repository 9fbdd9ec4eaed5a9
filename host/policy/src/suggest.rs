//! "Did you mean": the known name nearest to an unknown one.

/// Names longer than this get no suggestion: the distance costs length × length.
const MAX_LENGTH: usize = 64;

/// Returns a hint with the nearest of the known names, or else with all of them.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    if let Some(nearest) = nearest(name, &known) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    match known.len() {
        0 => None,
        1..=8 => Some(format!("known here: `{}`", known.join("`, `"))),
        _ => None,
    }
}

fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = name.chars().count();
    if length > MAX_LENGTH {
        return None;
    }
    let allowed = (length / 3).clamp(1, 3);
    known
        .iter()
        .filter(|other| other.len() <= MAX_LENGTH)
        .map(|other| (distance(name, other), *other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other)
}

/// The number of insertions, deletions, replacements and swaps of neighbours (the
/// restricted Damerau–Levenshtein distance), three rows at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (above, from) in left.chars().enumerate() {
        let mut next = vec![above + 1];
        for (at, to) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(FAR);
            let replaced = cell(&row, at) + usize::from(from != *to);
            let inserted = cell(&next, at) + 1;
            let deleted = cell(&row, at + 1) + 1;
            let swapped = match at.checked_sub(1).and_then(|at| Some((at, right.get(at)?))) {
                Some((at, last)) if *last == from && previous == Some(*to) => cell(&before, at) + 1,
                _ => FAR,
            };
            next.push(replaced.min(inserted).min(deleted).min(swapped));
        }
        before = std::mem::replace(&mut row, next);
        previous = Some(from);
    }
    row.last().copied().unwrap_or(0)
}

/// More than any distance, and far from overflowing.
const FAR: usize = usize::MAX / 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_and_a_distant_one_is_not() {
        let known = ["issue", "mail:external", "web"];
        assert_eq!(
            did_you_mean("isue", known).unwrap(),
            "did you mean `issue`?"
        );
        assert_eq!(did_you_mean("files", ["web"]).unwrap(), "known here: `web`");
        assert_eq!(did_you_mean("anything", []), None);
        assert_eq!(
            did_you_mean(&"x".repeat(65), (0..9).map(|_| "y")),
            Some("known here: `y`".into())
        );
    }

    #[test]
    fn the_distance_counts_single_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("nmae", "name"), 1);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("abc", "cab"), 2);
    }
}
