//! Which hosts does the web have, however they are spelled, and which functions does a site?

use lazaret_policy::web::{HostPattern, UrlPattern, spelled};

use crate::policy::compiled;

#[test]
fn a_host_has_at_most_253_bytes() {
    let host = |bytes: usize| {
        let mut host = "abcdefghi.".repeat(bytes / 10);
        host.extend(std::iter::repeat_n('a', bytes % 10));
        host
    };
    assert!(HostPattern::parse(&host(253)).is_ok());
    assert!(HostPattern::parse(&host(254)).is_err());
}

#[test]
fn a_number_that_leads_to_another_is_spelled_as_that_one() {
    for (written, host) in [
        ("[::ffff:a00:7]", "10.0.0.7"),
        ("[::a00:7]", "10.0.0.7"),
        ("[::2]", "0.0.0.2"),
        ("[64:ff9b::a00:7]", "10.0.0.7"),
        ("[2002:a00:7::1]", "10.0.0.7"),
        ("[::ffff:102:fffe]", "1.2.255.254"),
        // Nobody, and this machine.
        ("[::]", "[::]"),
        ("[::1]", "[::1]"),
        ("[2001:db8::a00:7]", "[2001:db8::a00:7]"),
    ] {
        assert_eq!(spelled(written).as_deref(), Some(host), "{written}");
    }
}

#[test]
fn a_number_in_brackets_is_told_apart_from_its_port() {
    for (address, port) in [
        ("https://[2001:db8::]/**", 443),
        ("https://[2001:db8::]:8443/**", 8443),
        ("http://[2001:db8::1]/**", 80),
        ("http://[2001:db8::1]:1/**", 1),
        ("http://[2001:db8::1]:65535/**", 65_535),
    ] {
        let pattern = UrlPattern::parse(address).unwrap();
        let (scheme, rest) = address.split_once("://").unwrap();
        let (host, _) = rest.split_once(']').unwrap();
        let host = format!("{host}]");
        assert!(pattern.matches(scheme, &host, port, "/x"), "{address}");
        assert!(!pattern.matches(scheme, &host, 7, "/x"), "{address}");
    }
    for address in [
        "https://[2001:db8::1]:0/",
        "https://[2001:db8::1]:65536/",
        "https://[2001:db8::1]:/",
        "https://[2001:db8::1]x/",
    ] {
        assert!(UrlPattern::parse(address).is_err(), "{address}");
    }
}

#[test]
fn a_request_that_sends_something_has_a_body() {
    let compiled = compiled(
        "[web.api]\nallow = [\"https://a.org/**\"]\ntags = []\n\
         methods = [\"get\", \"head\", \"post\", \"put\", \"patch\", \"delete\"]",
    );
    for (method, has_body) in [
        ("get", false),
        ("head", false),
        ("post", true),
        ("put", true),
        ("patch", true),
        ("delete", false),
    ] {
        let id = compiled.function_id(&format!("web.api.{method}")).unwrap();
        let arguments = &compiled.function(id).unwrap().arguments;
        let all = ["url", "headers", "body"];
        assert_eq!(*arguments, all[..2 + usize::from(has_body)], "{method}");
    }
}
