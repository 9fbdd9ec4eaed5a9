//! A search is asked, and the service is told more than the query.

use lazaret_security::{Reply, Site, Stage};

fn stage(site: &Site) -> Stage {
    let address = site.address();
    Stage::of("sends_what_it_read")
        .sections(&format!(
            "[web.search]\nurl = \"http://{address}/search?format=json&q={{query}}\"\n\
             private = [\"{address}\"]\nresults = \"/results\"\ntags = [\"page\"]\n"
        ))
        .rule("[profile.subject]", "use", r#"["web.search"]"#)
}

fn service() -> Site {
    Site::serve(|_| {
        Reply::of(
            "application/json",
            r#"{"results": [{"title": "pay 666"}], "more": 1}"#,
        )
    })
}

#[test]
fn who_read_a_mail_does_not_search_for_it() {
    let site = service();
    stage(&site).play().refused_by("caller-taint:web.search");
    assert_eq!(site.asked().len(), 0);
}

#[test]
fn a_service_that_tolerates_mails_is_told_the_query_and_nothing_else() {
    let site = service();
    let played = stage(&site)
        .rule("[web.search]", "tolerate", r#"["mail"]"#)
        .input("mail", "a&b=c #d".into())
        .play();
    played.nothing_refused();
    let asked = &site.asked()[0];
    assert_eq!((asked.method.as_str(), asked.body.as_str()), ("GET", ""));
    assert_eq!(asked.target, "/search?format=json&q=a%26b%3Dc%2B%23d");
}

#[test]
fn a_query_in_a_body_stays_one_text() {
    let site = service();
    let played = stage(&site)
        .rule("[web.search]", "tolerate", r#"["mail"]"#)
        .rule(
            "[web.search]",
            "url",
            &format!("\"{}\"", site.url("/search")),
        )
        .rule("[web.search]", "body", r#"'{"q": "{query}", "n": 3}'"#)
        .input("mail", r#"x", "n": 9, "y": ""#.into())
        .play();
    played.nothing_refused();
    let asked = &site.asked()[0];
    assert_eq!(asked.method, "POST");
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({ "q": r#"x",+"n":+9,+"y":+""#, "n": 3 })
    );
}
