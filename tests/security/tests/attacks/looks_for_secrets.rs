//! A site or a guest wants a key that the host adds at the border.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lazaret_security::{Played, Reply, Site, Stage};

const KEY: &str = "ghp_0123456789abcdef";

/// The host adds the key; the site tells everything that it was told.
fn stage(site: &Site, order: &str) -> Stage {
    Stage::of("fetches_a_page")
        .sections("[secret.key]\nfrom = \"env:KEY\"\nhosts = [\"127.0.0.1\"]\n")
        .sections(&site.section("docs"))
        .rule(
            "[web.docs]",
            "headers",
            r#"{ Authorization = "Bearer {secret.key}" }"#,
        )
        .rule("[profile.subject]", "use", r#"["web.docs.*"]"#)
        .rule("[profile.subject]", "reads", r#"["mail", "page"]"#)
        .secret("KEY", KEY)
        .order(format!("{order} {}", site.url("/")))
}

/// Everything that the run left behind, in memory and on the disk.
fn everything(played: &Played) -> String {
    let journal = played.bytes("journal.db");
    let log = played.bytes("journal.db-wal");
    let report = format!("{:?}", played.report);
    [report.into_bytes(), journal, log]
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes))
        .collect()
}

#[test]
fn the_key_goes_out_at_the_border() {
    let site = Site::serve(|_| Reply::of("text/plain", "thanks"));
    let played = stage(&site, "get").play();
    played.nothing_refused();
    assert_eq!(
        site.asked()[0].header("authorization"),
        format!("Bearer {KEY}")
    );
    assert!(!everything(&played).contains(KEY));
}

#[test]
fn a_site_that_tells_the_key_back_is_not_heard() {
    let told = |told: &str| {
        let told = told.to_owned();
        let site = Site::serve(move |_| Reply::of("text/plain", told.clone()));
        let played = stage(&site, "get").play();
        let answer = played.answer().as_str().unwrap().to_owned();
        assert!(!everything(&played).contains(KEY));
        answer
    };
    for spelled in [
        KEY.to_owned(),
        STANDARD.encode(format!("user:{KEY}")),
        format!("x{KEY}x"),
    ] {
        let answer = told(&spelled);
        assert!(answer.contains("[secret]"), "{answer}");
        assert!(!answer.contains(&spelled), "{answer}");
    }
    // The twin: what is no secret of the policy's comes back as it was told.
    assert!(told("ghp_of_somebody_else").contains("ghp_of_somebody_else"));
}

#[test]
fn json_that_tells_the_key_back_is_not_heard() {
    let escaped = KEY.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "\\u{byte:04x}").ok();
        text
    });
    let site = Site::serve(move |_| {
        Reply::of(
            "application/json",
            format!(r#"{{"key": "{escaped}", "{escaped}": 1}}"#),
        )
    });
    let played = stage(&site, "get").play();
    assert!(played.answer().as_str().unwrap().contains("[secret]"));
    assert!(!everything(&played).contains(KEY));
}

#[test]
fn a_guest_does_not_set_the_headers_that_are_the_hosts() {
    let site = Site::serve(|_| Reply::of("text/plain", "thanks"));
    for header in [
        "Authorization: Bearer x",
        "Host: evil.org",
        "Cookie: a=b",
        "Proxy-X: y",
    ] {
        let order = format!("get {} {header}", site.url("/"));
        let played = stage(&site, "get").order(order).play();
        let answer = played.answer().as_str().unwrap().to_owned();
        assert!(
            answer.contains("is the host's to set"),
            "{header}: {answer}"
        );
    }
    assert_eq!(site.asked().len(), 0);
    let order = format!("get {} Accept: text/x", site.url("/"));
    stage(&site, "get").order(order).play().nothing_refused();
    assert_eq!(site.asked()[0].header("accept"), "text/x");
}

#[test]
fn a_request_whose_key_is_not_set_is_not_sent() {
    let site = Site::serve(|_| Reply::of("text/plain", "thanks"));
    let played = stage(&site, "get").secret("KEY", "").play();
    let answer = played.answer().as_str().unwrap().to_owned();
    assert!(answer.contains("the secret `key` is not set"), "{answer}");
    assert_eq!(site.asked().len(), 0);
}
