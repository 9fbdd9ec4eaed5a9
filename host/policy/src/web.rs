//! Which addresses of the web a policy grants, and what goes along with a request.
//!
//! Pure: addresses come in parsed, names are resolved elsewhere.

use std::net::{Ipv4Addr, SocketAddr};

use globset::{GlobBuilder, GlobMatcher};
use lazaret_kernel::pointer::Pointer;

use crate::secret::Template;

mod host;

pub use self::host::{embedded, host_of, spelled};

/// The methods that a policy can grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Asks for a page.
    Get,
    /// Asks whether a page is there.
    Head,
    /// Sends something new.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

/// A set of addresses under one rule.
#[derive(Clone, Debug)]
pub struct Site {
    /// The addresses.
    pub allow: Vec<UrlPattern>,
    /// Hosts that the administrator forbids.
    pub deny: Vec<HostPattern>,
    /// Addresses of this machine or its networks that may be reached all the same.
    pub private: Vec<SocketAddr>,
    /// Headers that the host adds.
    pub headers: Vec<(String, Template)>,
    /// What one request may use up.
    pub limits: WebLimits,
}

/// The service behind `web.search`.
#[derive(Clone, Debug)]
pub struct Search {
    /// Where it is, with `{query}` in it or in the body.
    pub url: String,
    /// The JSON that is sent with `post`, with `{query}` in one of its texts.
    pub body: Option<serde_json::Value>,
    /// Where the results stand in the answer.
    pub results: Pointer,
    /// The one address, its headers and its limits.
    pub site: Site,
}

/// What one request may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebLimits {
    /// The most bytes of an answer.
    pub max_bytes: u64,
    /// From the first name looked up to the answer's last byte, in milliseconds.
    pub timeout_ms: u64,
    /// The most redirects that are followed; each is checked like the first address.
    pub redirects: u64,
}

/// Addresses by scheme, host, port and path.
#[derive(Clone, Debug)]
pub struct UrlPattern {
    scheme: String,
    host: HostPattern,
    port: u16,
    path: GlobMatcher,
    any_path: bool,
}

/// Hosts: one, all below one, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// `*`.
    Any,
    /// `*.example.com`: every host below it, not itself.
    Below(String),
    /// `example.com`.
    One(String),
}

/// The schemes, with their ports.
const SCHEMES: [(&str, u16); 2] = [("https", 443), ("http", 80)];

impl Method {
    /// Every method, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
    ];

    /// Returns the method of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.name().eq_ignore_ascii_case(name))
    }

    /// Returns the last segment of its function's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Head => "head",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    /// Returns whether a request of this method has a body.
    pub fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

impl Site {
    /// Returns whether the site holds the address. The path is as it is sent.
    pub fn holds(&self, scheme: &str, host: &str, port: u16, path: &str) -> bool {
        let forbidden = self.deny.iter().any(|one| one.matches(host));
        let matches = |pattern: &UrlPattern| pattern.matches(scheme, host, port, path);
        !forbidden && self.allow.iter().any(matches)
    }
}

impl UrlPattern {
    /// Parses `scheme://host[:port]/path`. In the path `*` stands for anything between two
    /// slashes and `**` for anything. The error says what to write.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "write `https://HOST/PATH`; HOST may begin with `*.`, and in PATH `*` and `**` stand for a part and for all";
        let (scheme, rest) = text.split_once("://").ok_or(FORM)?;
        let usual = SCHEMES.iter().find(|(name, _)| *name == scheme);
        let (_, usual) = usual.ok_or("the scheme is `https` or `http`")?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, format!("/{path}")),
            None => return Err("write a path; `/**` is every one"),
        };
        let (host, port) = split_port(authority, *usual)?;
        let glob = GlobBuilder::new(&path).literal_separator(true).build();
        Ok(Self {
            scheme: scheme.to_owned(),
            host: HostPattern::parse(host)?,
            port,
            any_path: path == "/**",
            path: glob.map_err(|_error| FORM)?.compile_matcher(),
        })
    }

    /// Returns whether the address is one of these. The path is as it is sent.
    pub fn matches(&self, scheme: &str, host: &str, port: u16, path: &str) -> bool {
        self.scheme == scheme
            && self.port == port
            && self.host.matches(host)
            && (self.any_path || (is_plain(path) && self.path.is_match(path)))
    }

    /// Returns the hosts.
    pub fn host(&self) -> &HostPattern {
        &self.host
    }

    /// Returns whether what is sent can be read on the way.
    pub fn is_plain_text(&self) -> bool {
        let this_machine = match &self.host {
            HostPattern::One(host) => host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
            HostPattern::Any | HostPattern::Below(_) => false,
        };
        self.scheme == "http" && !this_machine
    }
}

impl HostPattern {
    /// Parses a host, `*.host` or `*`. A host is written as hosts are [`spelled`], so that none is
    /// named that no address has.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "a host is `example.com`, `*.example.com`, `*` or a number such as `10.0.0.7` or `[2001:db8::1]`, in lower case, without a port and a last dot";
        let (is_below, host) = match text.strip_prefix("*.") {
            Some(host) => (true, host),
            None if text == "*" => return Ok(Self::Any),
            None => (false, text),
        };
        let letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        let is_bracketed = host.starts_with('[');
        let is_number = is_bracketed || host.parse::<Ipv4Addr>().is_ok();
        let valid = spelled(host).as_deref() == Some(host)
            && (is_bracketed || host.bytes().all(letter))
            && !(is_below && is_number);
        if !valid || host.len() > 253 {
            return Err(FORM);
        }
        let host = host.to_owned();
        Ok(if is_below {
            Self::Below(host)
        } else {
            Self::One(host)
        })
    }

    /// Returns whether the host is one of these, however it is spelled.
    pub fn matches(&self, host: &str) -> bool {
        let Some(host) = spelled(host) else {
            return false;
        };
        match self {
            Self::Any => true,
            Self::One(one) => *one == host,
            Self::Below(parent) => host
                .strip_suffix(parent.as_str())
                .is_some_and(|rest| rest.ends_with('.')),
        }
    }

    /// Returns whether every host of `other` is one of these.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::One(_) | Self::Below(_), Self::Any) | (Self::One(_), Self::Below(_)) => false,
            (_, Self::One(host)) => self.matches(host),
            (Self::Below(wide), Self::Below(narrow)) => wide == narrow || self.matches(narrow),
        }
    }
}

fn split_port(authority: &str, usual: u16) -> Result<(&str, u16), &'static str> {
    // Within brackets a colon is a part of the number.
    let host_end = authority.rfind(']').unwrap_or(0);
    let colon = authority
        .get(host_end..)
        .and_then(|rest| rest.rfind(':'))
        .map(|at| at + host_end);
    let Some((host, port)) = colon.and_then(|at| authority.split_at_checked(at)) else {
        return Ok((authority, usual));
    };
    let port = port
        .trim_start_matches(':')
        .parse()
        .ok()
        .filter(|port| *port > 0);
    Ok((host, port.ok_or("a port is a number from 1 to 65535")?))
}

/// Where the path is limited, it has to mean to the server what it says here: a slash or
/// a dot that is escaped may be taken for one.
fn is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let escaped = ["%2f", "%5c", "%2e", "%00", "\\"];
    !escaped.iter().any(|one| lower.contains(one))
        && !path.split('/').any(|part| part == "." || part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, scheme: &str, host: &str, port: u16, path: &str) -> bool {
        UrlPattern::parse(pattern)
            .unwrap()
            .matches(scheme, host, port, path)
    }

    #[test]
    fn an_address_matches_by_scheme_host_port_and_path() {
        let docs = "https://docs.rs/tokio/**";
        assert!(matches(
            docs,
            "https",
            "docs.rs",
            443,
            "/tokio/latest/tokio/"
        ));
        assert!(!matches(docs, "http", "docs.rs", 443, "/tokio/latest"));
        assert!(!matches(
            docs,
            "https",
            "docs.rs.evil.org",
            443,
            "/tokio/latest"
        ));
        assert!(!matches(docs, "https", "docs.rs", 8443, "/tokio/latest"));
        assert!(!matches(docs, "https", "docs.rs", 443, "/serde/latest"));
        assert!(matches(
            "https://a.org:8443/x",
            "https",
            "a.org",
            8443,
            "/x"
        ));
        assert!(matches("http://[::1]:80/**", "http", "[::1]", 80, "/x"));
    }

    #[test]
    fn one_star_stays_between_two_slashes() {
        let issues = "https://api.github.com/repos/o/r/issues/*";
        assert!(matches(
            issues,
            "https",
            "api.github.com",
            443,
            "/repos/o/r/issues/7"
        ));
        assert!(!matches(
            issues,
            "https",
            "api.github.com",
            443,
            "/repos/o/r/issues/7/lock"
        ));
    }

    #[test]
    fn a_path_that_may_mean_another_is_none_of_a_limited_rule() {
        let issues = "https://h.org/repos/o/r/**";
        for path in [
            "/repos/o/r/%2e%2e/x",
            "/repos/o/r/..%2fx",
            "/repos/o/r/../x",
            "/repos/o/r/a%5cx",
        ] {
            assert!(!matches(issues, "https", "h.org", 443, path), "{path}");
        }
        assert!(matches("https://h.org/**", "https", "h.org", 443, "/a%2Fb"));
    }

    #[test]
    fn a_star_before_a_host_covers_what_is_below_it_and_not_itself() {
        let all = HostPattern::parse("*.example.com").unwrap();
        assert!(all.matches("a.example.com") && all.matches("a.b.example.com"));
        for host in [
            "example.com",
            "badexample.com",
            ".example.com",
            "example.com.evil.org",
        ] {
            assert!(!all.matches(host), "{host}");
        }
        let host = |text| HostPattern::parse(text).unwrap();
        assert!(all.covers(&host("a.example.com")) && all.covers(&all));
        assert!(all.covers(&host("*.a.example.com")) && host("*").covers(&all));
        assert!(!all.covers(&host("example.com")) && !host("a.example.com").covers(&all));
        assert!(!all.covers(&host("*")));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "example.com",
            "ftp://a.org/",
            "https://a.org",
            "https:///x",
            "https://A.org/",
            "https://a.org:0/",
            "https://u@a.org/",
            "https://a*b.org/",
            "https://a.org./",
            "https://0x7f.1/",
            "https://*.127.0.0.1/",
            "https://[::FFFF:7f00:1]/",
        ] {
            assert!(UrlPattern::parse(text).is_err(), "{text}");
        }
    }
}
