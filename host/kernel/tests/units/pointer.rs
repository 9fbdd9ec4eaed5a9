//! Do pointers parse, print and match as RFC 6901 says, within their limits?

use proptest::prelude::*;

use lazaret_kernel::pointer::{MAX_DEPTH, MAX_POINTER_BYTES, Pointer, PointerError};

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

proptest! {
    #[test]
    fn a_pointer_is_printed_as_it_was_parsed(
        segments in prop::collection::vec("[a-c~/*é0-9]{0,5}", 0..6),
    ) {
        let escape = |segment: &String| format!("/{}", segment.replace('~', "~0").replace('/', "~1"));
        let text: String = segments.iter().map(escape).collect();
        let parsed = Pointer::parse(&text).unwrap();
        prop_assert_eq!(parsed.segments(), segments.as_slice());
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn no_text_makes_parsing_panic(text in ".{0,40}") {
        if let Ok(parsed) = Pointer::parse(&text) {
            prop_assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn what_is_left_after_a_prefix_comes_back_when_it_is_put_in_front(
        above in "(/[ab]){0,3}", below in "(/[ab*]){0,3}",
    ) {
        let (above, below) = (pointer(&above), pointer(&below));
        let whole = above.then(&below);
        prop_assert!(above.covers(&whole));
        prop_assert_eq!(whole.strip(&above), Some(below));
    }
}

#[test]
fn texts_that_are_no_pointers_are_refused() {
    let cases = [
        ("a", PointerError::NoSlash),
        ("a/b", PointerError::NoSlash),
        ("/~", PointerError::Escape),
        ("/~2", PointerError::Escape),
        ("/a/~x", PointerError::Escape),
    ];
    for (text, error) in cases {
        assert_eq!(Pointer::parse(text), Err(error), "{text}");
    }
}

#[test]
fn one_segment_or_one_byte_too_many_is_refused() {
    assert_eq!(pointer(&"/a".repeat(MAX_DEPTH)).segments().len(), MAX_DEPTH);
    assert_eq!(
        Pointer::parse(&"/a".repeat(MAX_DEPTH + 1)),
        Err(PointerError::TooLong)
    );
    let longest = format!("/{}", "a".repeat(MAX_POINTER_BYTES - 1));
    assert_eq!(pointer(&longest).to_string(), longest);
    assert_eq!(
        Pointer::parse(&format!("{longest}a")),
        Err(PointerError::TooLong)
    );
}

#[test]
fn patterns_cover_what_they_match_and_all_below() {
    // (pattern, pointer, covers, what is left of the pattern after the pointer)
    let cases = [
        ("", "/a", true, None),
        ("/a", "/a", true, Some("")),
        ("/a", "/a/b", true, None),
        ("/a", "/b", false, None),
        ("/a/b", "/a", false, Some("/b")),
        ("/*", "/a", true, Some("")),
        ("/*/b", "/a/b", true, Some("")),
        ("/*/b", "/a/c", false, None),
        ("/*/b", "/a", false, Some("/b")),
        ("/a", "/*", false, None),
    ];
    for (pattern, at, covers, left) in cases {
        let (pattern, at) = (pointer(pattern), pointer(at));
        assert_eq!(pattern.covers(&at), covers, "{pattern} {at}");
        assert_eq!(pattern.strip(&at), left.map(pointer), "{pattern} {at}");
    }
}

#[test]
fn deeper_is_more_exact_and_then_the_last_literal_counts_most() {
    let ascending = [
        "", "/*", "/a", "/*/*", "/a/*", "/*/b", "/a/b", "/*/*/*", "/a/b/*", "/*/*/c",
    ];
    let specificity = |text: &&str| pointer(text).specificity();
    assert!(
        ascending
            .windows(2)
            .all(|pair| specificity(&pair[0]) < specificity(&pair[1]))
    );
}

#[test]
fn an_item_is_named_by_its_number() {
    assert_eq!(Pointer::item(12), pointer("/12"));
    assert_eq!(Pointer::ROOT, pointer(""));
}

#[test]
fn segments_are_put_together_as_they_are() {
    let segments = ["a", "b/c", "~"].map(str::to_owned);
    let made: Pointer = segments.into_iter().collect();
    assert_eq!(made.to_string(), "/a/b~1c/~0");
}

#[test]
fn what_is_wrong_with_a_text_is_said_in_words() {
    let too_long = "/a".repeat(MAX_DEPTH + 1);
    let words = ["a", "/~2", &too_long].map(|text| Pointer::parse(text).unwrap_err().to_string());
    assert!(words.iter().all(|said| said.len() > 10), "{words:?}");
    assert_ne!(words[0], words[1]);
    assert_ne!(words[1], words[2]);
}
