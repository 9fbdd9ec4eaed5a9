//! How a host is spelled: the one form in which hosts are compared, whoever wrote them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{HostPattern, SCHEMES};

/// Returns a host in the one spelling in which hosts are compared: as the client reads it, in
/// lower case and ASCII, numbers in their usual form, one of version 6 that leads to one of
/// version 4 as that one, and without the dot that may end a name. `None` is no host.
pub fn spelled(text: &str) -> Option<String> {
    let name = match Host::parse(text).ok()? {
        Host::Domain(name) => name,
        Host::Ipv4(ip) => return Some(ip.to_string()),
        Host::Ipv6(ip) => {
            let own = || Host::<String>::Ipv6(ip).to_string();
            return Some(embedded(ip).map_or_else(own, |inner| inner.to_string()));
        }
    };
    let name = name.strip_suffix('.').unwrap_or(&name);
    // Not all programs read a name with an empty part alike.
    let is_whole = !name.split('.').any(str::is_empty);
    is_whole.then(|| name.to_owned())
}

/// Returns the host of an address as the client reads it. `None` is an address that the client
/// refuses, or one with a name or a password in it.
pub fn host_of(address: &str) -> Option<HostPattern> {
    let url = Url::parse(address).ok()?;
    let is_web = SCHEMES.iter().any(|(scheme, _)| *scheme == url.scheme());
    let is_bare = url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|_| is_web && is_bare)?;
    spelled(host).map(HostPattern::One)
}

/// Returns the address of version 4 that one of version 6 leads to.
pub fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(join(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(join(high, low)),
        [0x64, 0xff9b, .., high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

impl HostPattern {
    /// Returns whether who forbids these forbids every host of `other`: this machine has many
    /// names and numbers, and any of them means it.
    pub fn forbids(&self, other: &Self) -> bool {
        self.covers(other) || (self.is_this_machine() && other.is_this_machine())
    }

    fn is_this_machine(&self) -> bool {
        let Self::One(host) = self else {
            return false;
        };
        match Host::parse(host) {
            Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            // Who connects to no address in particular is connected to this machine.
            Ok(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
            Ok(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
            Err(_malformed) => false,
        }
    }
}

impl From<IpAddr> for HostPattern {
    fn from(ip: IpAddr) -> Self {
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self::One(spelled(&host).unwrap_or(host))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Below(parent) => write!(f, "*.{parent}"),
            Self::One(host) => f.write_str(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{Site, UrlPattern, WebLimits};

    #[test]
    fn each_host_has_one_spelling() {
        for (written, host) in [
            ("evil.org", "evil.org"),
            ("EVIL.org", "evil.org"),
            ("evil.org.", "evil.org"),
            ("evil%2Eorg", "evil.org"),
            ("bücher.de", "xn--bcher-kva.de"),
            ("10.0.0.7", "10.0.0.7"),
            ("10.0.0.7.", "10.0.0.7"),
            ("0xa.7", "10.0.0.7"),
            ("012.0.0.7", "10.0.0.7"),
            ("167772167", "10.0.0.7"),
            ("[::ffff:10.0.0.7]", "10.0.0.7"),
            ("[::FFFF:a00:7]", "10.0.0.7"),
            ("[64:ff9b::a00:7]", "10.0.0.7"),
            ("[2001:DB8:0::1]", "[2001:db8::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(spelled(written).as_deref(), Some(host), "{written}");
        }
        for written in [
            "",
            ".",
            ".evil.org",
            "evil..org",
            "evil.org..",
            "evil.org:80",
            "a@evil.org",
            "evil.org/x",
            "1.2.3.4.5",
            "[evil.org]",
            "[::1",
        ] {
            assert_eq!(spelled(written), None, "{written}");
        }
    }

    #[test]
    fn an_address_has_the_host_that_the_client_reads_in_it() {
        for (address, host) in [
            ("https://evil.org/v1", "evil.org"),
            ("https://EVIL%2Eorg./v1", "evil.org"),
            ("https:///evil.org/v1", "evil.org"),
            (r"https://evil.org\.good.org/v1", "evil.org"),
            ("http://evil.org:8080?good.org", "evil.org"),
            ("http://0x7f.1:11434/v1", "127.0.0.1"),
        ] {
            let read = host_of(address).map(|host| host.to_string());
            assert_eq!(read.as_deref(), Some(host), "{address}");
        }
        for address in [
            "evil.org",
            "ftp://evil.org/",
            "https://",
            "https://good.org@evil.org/",
            "https://evil.org:99999/",
            "https://evil..org/",
            "https://[::1]evil.org/",
        ] {
            assert_eq!(host_of(address), None, "{address}");
        }
    }

    #[test]
    fn who_forbids_one_name_of_this_machine_forbids_all_of_them() {
        let host = |text: &str| HostPattern::One(spelled(text).unwrap());
        let names = [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
        ];
        for (one, other) in names.iter().flat_map(|one| names.map(|other| (one, other))) {
            assert!(host(one).forbids(&host(other)), "{one} {other}");
        }
        for other in ["10.0.0.7", "evil.org", "localhost.evil.org"] {
            assert!(!host("127.0.0.1").forbids(&host(other)), "{other}");
            assert!(host(other).forbids(&host(other)), "{other}");
        }
        let number = |text: &str| HostPattern::from(text.parse::<IpAddr>().unwrap());
        assert!(host("localhost").forbids(&number("127.0.0.2")));
        assert!(host("10.0.0.7").forbids(&number("::ffff:10.0.0.7")));
        assert!(host("[2001:db8::1]").forbids(&number("2001:db8:0::1")));
        assert!(!host("10.0.0.7").forbids(&number("10.0.0.8")));
    }

    #[test]
    fn no_spelling_leads_past_a_forbidden_host() {
        let site = |deny: &[&str]| Site {
            allow: vec![UrlPattern::parse("https://*/**").unwrap()],
            deny: deny
                .iter()
                .map(|host| HostPattern::parse(host).unwrap())
                .collect(),
            private: Vec::new(),
            headers: Vec::new(),
            limits: WebLimits {
                max_bytes: 1,
                timeout_ms: 1,
                redirects: 0,
            },
        };
        let (open, closed) = (site(&[]), site(&["evil.org", "10.0.0.7"]));
        for host in ["evil.org.", "EVIL.org", "0xa.7", "[::ffff:a00:7]"] {
            assert!(!closed.holds("https", host, 443, "/"), "{host}");
            assert!(open.holds("https", host, 443, "/"), "{host}");
        }
        // A name with an empty part is none, also where nothing is forbidden.
        assert!(!open.holds("https", "evil.org..", 443, "/"));
        assert!(closed.holds("https", "good.org.", 443, "/"));
    }
}
