//! "Did you mean": the known name nearest to an unknown one.

/// Names longer than this get no suggestion: the distance costs length × length.
const MAX_LENGTH: usize = 64;

/// Returns a hint with the nearest of the known names, or else with all of them.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
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
        .map(|other| (strsim::osa_distance(name, other), *other))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, other)| other)
}

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
}
