//! Which addresses of the network may be connected to: none of this machine's own or of
//! the networks around it, unless the policy names address and port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use lazaret_policy::web::{self, HostPattern};
use url::{Host, Url};

/// The most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 16;

/// Looks the address's host up and returns where it may be connected to. Every address of
/// the name has to be allowed: which one is taken is not the policy's choice. `deny` is what the
/// administrator forbids, whatever name leads there.
pub(crate) async fn resolve(
    url: &Url,
    private: &[SocketAddr],
    deny: &[HostPattern],
) -> Result<Vec<SocketAddr>, String> {
    let port = url.port_or_known_default().unwrap_or(0);
    let found: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![SocketAddr::new(IpAddr::V4(ip), port)],
        Some(Host::Ipv6(ip)) => vec![SocketAddr::new(IpAddr::V6(ip), port)],
        Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
            .await
            .map_err(|_error| format!("the name `{name}` has no address"))?
            .take(MAX_ADDRESSES)
            .collect(),
        None => return Err("the address has no host".to_owned()),
    };
    let host = url.host_str().unwrap_or_default();
    let numbers = found.iter().map(|one| HostPattern::from(one.ip()));
    let numbers: Vec<HostPattern> = numbers.collect();
    let leads_to = |one: &&HostPattern| numbers.iter().any(|number| one.forbids(number));
    if let Some(forbidden) = deny.iter().find(leads_to) {
        return Err(format!(
            "`{host}` leads to `{forbidden}`, which the administrator forbids"
        ));
    }
    if let Some(refused) = found.iter().find(|one| !is_allowed(**one, private)) {
        let kind = kind(refused.ip()).unwrap_or("private");
        return Err(format!(
            "`{host}` is {kind} address, which only `private` of the site's rule can allow"
        ));
    }
    if found.is_empty() {
        return Err("the name has no address".to_owned());
    }
    Ok(found)
}

fn is_allowed(address: SocketAddr, private: &[SocketAddr]) -> bool {
    kind(address.ip()).is_none() || private.contains(&address)
}

/// Says what keeps an address from being one of the open Internet.
fn kind(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => kind_v4(ip),
        IpAddr::V6(ip) => match web::embedded(ip) {
            Some(inner) => kind_v4(inner).or(Some("a translated")),
            None => kind_v6(ip),
        },
    }
}

fn kind_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    // Where Azure's machines ask for their credentials: of the open Internet by its number.
    let metadata = ip == Ipv4Addr::new(168, 63, 129, 16);
    let reserved =
        a == 0 || a >= 240 || (a == 192 && b == 0 && c == 0) || (a == 198 && (18..20).contains(&b));
    Some(if ip.is_loopback() {
        "a loopback"
    } else if ip.is_private() || shared {
        "a private"
    } else if ip.is_link_local() || metadata {
        "a link-local or metadata"
    } else if ip.is_multicast() || ip.is_broadcast() {
        "a multicast"
    } else if reserved || ip.is_documentation() {
        "a reserved"
    } else {
        return None;
    })
}

fn kind_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let [first, second, ..] = ip.segments();
    Some(if ip.is_loopback() {
        "a loopback"
    } else if ip.is_unspecified() {
        "a reserved"
    } else if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 {
        "a private"
    } else if first & 0xffc0 == 0xfe80 {
        "a link-local or metadata"
    } else if ip.is_multicast() {
        "a multicast"
    } else if first & 0xe000 != 0x2000 || (first == 0x2001 && (second == 0x0db8 || second < 0x0200))
    {
        "a reserved"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_open_internet_need_no_rule() {
        let refused = [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "2002:7f00:1::",
            "100::1",
        ];
        for ip in refused {
            assert!(kind(ip.parse().unwrap()).is_some(), "{ip}");
        }
        for ip in [
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(kind(ip.parse().unwrap()), None, "{ip}");
        }
    }

    #[test]
    fn a_named_address_is_allowed_at_its_port_only() {
        let named = ["127.0.0.1:8080".parse().unwrap()];
        assert!(is_allowed("127.0.0.1:8080".parse().unwrap(), &named));
        assert!(!is_allowed("127.0.0.1:8081".parse().unwrap(), &named));
        assert!(!is_allowed("127.0.0.2:8080".parse().unwrap(), &named));
    }

    #[tokio::test]
    async fn a_number_spelled_otherwise_is_the_same_number() {
        for text in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::ffff:7f00:1]/",
            "http://localhost/",
        ] {
            let url = Url::parse(text).unwrap();
            assert!(resolve(&url, &[], &[]).await.is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn no_name_leads_to_a_forbidden_number() {
        let private = ["127.0.0.1:80".parse().unwrap(), "[::1]:80".parse().unwrap()];
        let deny = [HostPattern::parse("127.0.0.1").unwrap()];
        for text in [
            "http://127.0.0.1/",
            "http://localhost/",
            "http://0x7f.1/",
            "http://[::1]/",
        ] {
            let url = Url::parse(text).unwrap();
            let refused = resolve(&url, &private, &deny).await.unwrap_err();
            assert!(refused.contains("administrator"), "{text}: {refused}");
            // The twin: the administrator forbids another one.
            let other = [HostPattern::parse("127.0.0.1.evil.org").unwrap()];
            resolve(&url, &private, &other).await.unwrap();
        }
    }
}
