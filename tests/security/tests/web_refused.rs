//! `web`: nothing goes out without a grant.

use lazaret_security::{Reply, Site, Stage};

#[test]
fn a_page_is_not_asked_without_a_grant() {
    let site = Site::serve(|_| Reply::of("text/plain", "here"));
    let played = Stage::of("fetches_a_page")
        .sections(&site.section("docs"))
        .order(format!("get {}", site.url("/")))
        .play();
    played.refused_by("not-granted:web");
    assert_eq!(played.effects(), []);
    assert_eq!(site.asked().len(), 0);
}

#[test]
fn a_search_is_not_made_without_a_grant() {
    let played = Stage::of("sends_what_it_read").parts(&[]).play();
    played.refused_by("not-granted:web.search");
}
