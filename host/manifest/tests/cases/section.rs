//! Does a component carry its manifest, and does garbage get an answer instead of a panic?

use lazaret_manifest::manifest::MAX_MANIFEST_BYTES;
use lazaret_manifest::manifest::section::{SECTION, SectionError, embed, extract};
use proptest::prelude::*;

/// An empty component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// An empty core module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A component with a section of this id and body.
fn with_section(id: u8, body: &[u8]) -> Vec<u8> {
    let mut out = COMPONENT.to_vec();
    out.push(id);
    // Its length, seven bits a byte, the lowest first.
    let mut rest = body.len();
    while rest > 0x7f {
        out.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap());
    out.extend(body);
    out
}

#[test]
fn what_is_embedded_is_extracted() {
    let with = embed(COMPONENT, "name = \"a\"").unwrap();
    assert_eq!(extract(COMPONENT).unwrap(), None);
    assert_eq!(extract(&with).unwrap().as_deref(), Some("name = \"a\""));
}

#[test]
fn embedding_again_replaces_and_leaves_the_rest_as_it_was() {
    let other = with_section(0, b"\x04namehello");
    let first = embed(&other, &"x".repeat(300)).unwrap();
    let second = embed(&first, "short").unwrap();
    assert_eq!(extract(&second).unwrap().as_deref(), Some("short"));
    assert_eq!(second, embed(&other, "short").unwrap());
    assert!(second.starts_with(&other));
}

#[test]
fn a_manifest_inside_a_nested_component_does_not_speak_for_the_whole() {
    let inner = embed(COMPONENT, "name = \"inner\"").unwrap();
    let outer = with_section(4, &inner);
    assert_eq!(extract(&outer).unwrap(), None);
    let both = embed(&outer, "name = \"outer\"").unwrap();
    assert_eq!(extract(&both).unwrap().as_deref(), Some("name = \"outer\""));
    let module = with_section(1, MODULE);
    assert_eq!(extract(&module).unwrap(), None);
}

#[test]
fn two_manifests_are_refused_and_mended_by_embedding() {
    let one = embed(COMPONENT, "first").unwrap();
    let mut two = one.clone();
    two.extend(&one[COMPONENT.len()..]);
    assert!(matches!(extract(&two), Err(SectionError::Twice)));
    assert_eq!(embed(&two, "first").unwrap(), one);
}

#[test]
fn what_is_no_component_is_refused() {
    let cut = embed(COMPONENT, "name").unwrap();
    let cut = &cut[..cut.len() - 1];
    for bytes in [&b""[..], b"\0asm", MODULE, b"hello", cut] {
        let error = extract(bytes).unwrap_err();
        assert_eq!(error.code(), "not-a-component", "{bytes:?}");
        assert!(embed(bytes, "").is_err(), "{bytes:?}");
    }
    let mut nested = with_section(4, COMPONENT);
    nested[9] = 0x7f;
    assert!(extract(&nested).is_err());
}

#[test]
fn a_manifest_that_is_no_text_or_too_long_is_refused() {
    let section = |text: &[u8]| {
        let length = u8::try_from(SECTION.len()).unwrap();
        with_section(0, &[&[length], SECTION.as_bytes(), text].concat())
    };
    let long = "x".repeat(MAX_MANIFEST_BYTES + 1);
    for text in [b"\xff".as_slice(), long.as_bytes()] {
        let error = extract(&section(text)).unwrap_err();
        assert_eq!(error.code(), "manifest-text");
    }
    assert!(extract(&section(&long.as_bytes()[1..])).unwrap().is_some());
    let most = "x".repeat(MAX_MANIFEST_BYTES);
    let made = embed(COMPONENT, &most).unwrap();
    assert_eq!(extract(&made).unwrap().as_deref(), Some(most.as_str()));
    assert!(matches!(
        embed(COMPONENT, &format!("{most}x")),
        Err(SectionError::Text)
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _found = extract(&bytes);
        let _made = embed(&bytes, "name");
    }

    #[test]
    fn no_bytes_after_a_header_make_it_panic(
        bytes in prop::collection::vec(prop_oneof![Just(0u8), 0u8..13, any::<u8>()], 0..200),
        text in "[a-z]{0,200}",
    ) {
        let whole = [COMPONENT, bytes.as_slice()].concat();
        if let Ok(with) = embed(&whole, &text) {
            prop_assert_eq!(extract(&with).unwrap(), Some(text));
        }
    }
}
