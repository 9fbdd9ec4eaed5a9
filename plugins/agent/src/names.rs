//! Function names as models may write them: letters, digits, `_` and `-`.

/// Returns the name that a model sees for `tool.function`.
pub(crate) fn to_model(function: &str) -> String {
    function.replace('.', "__")
}

/// Returns the function behind the name that a model wrote.
pub(crate) fn from_model(name: &str) -> String {
    name.replace("__", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_as_it_was() {
        assert_eq!(to_model("tracker.label"), "tracker__label");
        assert_eq!(from_model(&to_model("tracker.label")), "tracker.label");
    }
}
