//! Which model a request goes to that names none.

use lazaret_kernel::label::TagSet;
use lazaret_policy::compiled::{KeySource, Route};

const ANY: Route = Route {
    agent: None,
    phase: None,
    taint: None,
    model: String::new(),
};

#[test]
fn a_route_fits_the_agent_that_it_names_or_whose_name_begins_so() {
    let fits = |pattern: &str, agent: &str| {
        let route = Route {
            agent: Some(pattern.to_owned()),
            ..ANY
        };
        route.fits(agent, "", TagSet::EMPTY)
    };
    assert!(fits("read", "read") && !fits("read", "reader") && !fits("read", "rea"));
    assert!(fits("read *", "read 7") && fits("*", "anybody") && !fits("read *", "a read 7"));
}

#[test]
fn a_route_fits_its_phase_and_a_request_with_one_of_its_tags() {
    let (one, other) = (TagSet::of(1), TagSet::of(2));
    let route = Route {
        phase: Some("Find".to_owned()),
        taint: Some(one | other),
        ..ANY
    };
    assert!(route.fits("", "Find", one) && route.fits("", "Find", TagSet::ALL));
    assert!(!route.fits("", "Read", one));
    assert!(!route.fits("", "Find", TagSet::EMPTY) && !route.fits("", "Find", TagSet::of(3)));
    assert!(ANY.fits("a", "b", TagSet::EMPTY));
}

#[test]
fn where_a_key_stands_is_said_without_the_key() {
    let said = [
        KeySource::Variable("KEY".to_owned()),
        KeySource::File("key.txt".into()),
        KeySource::Command(vec!["pass".to_owned(), "show".to_owned()]),
    ]
    .map(|source| source.to_string());
    let [variable, file, command] = &said;
    assert!(
        variable.contains("`KEY`") && file.contains("`key.txt`"),
        "{said:?}"
    );
    assert!(
        command.contains("`pass`") && !command.contains("show"),
        "{said:?}"
    );
}
