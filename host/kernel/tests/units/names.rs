//! Do names past the maximum fold to the safe side, and do grants hold what they were given?

use lazaret_kernel::label::{MAX_READERS, MAX_TAGS, Readers, TagSet};
use lazaret_kernel::names::{Names, UNKNOWN_TAG};
use lazaret_kernel::tables::{FunctionId, GateId, Grants, MAX_FUNCTIONS, MAX_GATES};

#[test]
fn a_name_has_one_bit_for_ever() {
    let mut names = Names::default();
    let web = names.tag("web");
    assert_ne!(names.tag("mail"), web);
    assert_eq!(names.tag("web"), web);
    assert_eq!(names.find_tag("web"), Some(web));
    assert_eq!(names.find_tag("issue"), None);
    assert_eq!(names.tag(UNKNOWN_TAG), TagSet::UNKNOWN);
    assert_eq!(names.find_tag(UNKNOWN_TAG), Some(TagSet::UNKNOWN));
    assert_eq!(names.tag_names(web | TagSet::UNKNOWN), ["web", "unknown"]);
}

#[test]
fn a_tag_past_the_maximum_is_unknown() {
    let mut names = Names::default();
    for index in 0..MAX_TAGS {
        assert_eq!(names.tag(&format!("tag-{index}")), TagSet::of(index));
    }
    assert_eq!(names.tag("one-too-many"), TagSet::UNKNOWN);
    assert_eq!(names.find_tag("one-too-many"), None);
}

#[test]
fn a_principal_past_the_maximum_reads_nothing() {
    let mut names = Names::default();
    for index in 0..MAX_READERS {
        assert_eq!(names.reader(&format!("reader-{index}")), Readers::of(index));
    }
    assert_eq!(names.reader("one-too-many"), Readers::NOBODY);
    assert_eq!(names.find_reader("one-too-many"), None);
}

#[test]
fn everybody_has_no_list_of_names() {
    let mut names = Names::default();
    let operator = names.reader("operator");
    assert_eq!(names.find_reader("operator"), Some(operator));
    assert_eq!(names.reader_names(Readers::PUBLIC), None);
    assert_eq!(
        names.reader_names(operator),
        Some(vec!["operator".to_owned()])
    );
    assert_eq!(names.reader_names(Readers::NOBODY), Some(vec![]));
}

#[test]
fn grants_hold_exactly_what_was_allowed() {
    let mut some = Grants::NONE;
    for function in [0, 63, 64, MAX_FUNCTIONS - 1] {
        assert!(!some.has_function(FunctionId(function)));
        some.allow_function(FunctionId(function));
        assert!(some.has_function(FunctionId(function)));
    }
    let listed: Vec<u16> = some.functions().map(|function| function.0).collect();
    assert_eq!(listed, [0, 63, 64, MAX_FUNCTIONS - 1]);
    assert!(!some.has_gate(GateId(MAX_GATES - 1)));
    some.allow_gate(GateId(MAX_GATES - 1));
    assert!(some.has_gate(GateId(MAX_GATES - 1)));
}

#[test]
fn one_past_the_maximum_nothing_is_granted() {
    let mut grants = Grants::NONE;
    grants.allow_function(FunctionId(MAX_FUNCTIONS));
    grants.allow_gate(GateId(MAX_GATES));
    assert_eq!(grants, Grants::NONE);
    assert!(!grants.has_function(FunctionId(MAX_FUNCTIONS)));
    assert!(!grants.has_gate(GateId(MAX_GATES)));
}

#[test]
fn grants_are_compared_and_intersected_in_functions_and_in_gates() {
    let grants = |functions: &[u16], gates: &[u8]| {
        let mut all = Grants::NONE;
        for id in functions {
            all.allow_function(FunctionId(*id));
        }
        for id in gates {
            all.allow_gate(GateId(*id));
        }
        all
    };
    let (few, more) = (grants(&[1], &[2]), grants(&[1, 500], &[2, 3]));
    assert!(few.is_subset(&more) && !more.is_subset(&few));
    assert!(!grants(&[1], &[4]).is_subset(&more));
    assert!(!grants(&[500, 2], &[]).is_subset(&more));
    assert_eq!(grants(&[1, 7], &[2, 9]).intersect(&more), few);
}
