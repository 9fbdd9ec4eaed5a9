//! Does the proxy connect to the group's hosts, and to nothing else, whatever it is told?

use std::io::Write as _;
use std::net::{Ipv6Addr, TcpListener};
use std::path::PathBuf;

use lazaret_policy::command::CommandPattern;
use lazaret_policy::web::HostPattern;
use tempfile::TempDir;

use super::*;

/// A proxy for one group, and where it listens.
struct Served {
    proxy: Proxy,
    socket: PathBuf,
    _place: TempDir,
}

impl Served {
    /// Serves these hosts; the addresses of this machine only where they are named.
    fn new(hosts: &[&str], private: &[SocketAddr]) -> Self {
        Self::forbidding(&[], hosts, private)
    }

    /// Serves these hosts but for those that the administrator forbids.
    fn forbidding(forbidden: &[&str], hosts: &[&str], private: &[SocketAddr]) -> Self {
        let place = tempfile::tempdir().unwrap();
        let socket = place.path().join("s");
        let parsed = |hosts: &[&str]| -> Vec<HostPattern> {
            let hosts = hosts.iter().map(|host| HostPattern::parse(host).unwrap());
            hosts.collect()
        };
        let group = CommandGroup {
            run: vec![CommandPattern::parse("gh *").unwrap()],
            net: parsed(hosts),
            private: private.to_vec(),
            secrets: Vec::new(),
            write: false,
            never_run: Vec::new(),
            never_reach: parsed(forbidden),
        };
        let proxy = Proxy::start(&socket, &group).unwrap();
        Self {
            proxy,
            socket,
            _place: place,
        }
    }

    async fn client(&self) -> UnixStream {
        UnixStream::connect(&self.socket).await.unwrap()
    }

    /// Sends bytes and returns the connection with the first line of the answer; an empty one
    /// where the proxy has hung up.
    async fn tell(&self, bytes: &[u8]) -> (UnixStream, String) {
        let mut client = self.client().await;
        client.write_all(bytes).await.unwrap();
        let head = head(&mut client).await.unwrap_or_default();
        let line = head.lines().next().unwrap_or_default().to_owned();
        (client, line)
    }

    /// Asks for a connection; the error is why there is none.
    async fn ask(&self, target: &str) -> Result<UnixStream, String> {
        let request = format!("CONNECT {target} HTTP/1.1\r\n\r\n");
        let (mut client, line) = self.tell(request.as_bytes()).await;
        if line == "HTTP/1.1 200 Connected" {
            return Ok(client);
        }
        assert_eq!(line, "HTTP/1.1 403 Forbidden", "{target}");
        let mut reason = String::new();
        client.read_to_string(&mut reason).await.unwrap();
        Err(reason.trim().to_owned())
    }

    async fn refused(&self, target: &str) -> String {
        self.ask(target).await.expect_err(target)
    }
}

/// A server of this machine that says back what it hears, and then that it has heard the end.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut from, mut to) = (&client, &client);
                std::io::copy(&mut from, &mut to).ok();
                to.write_all(b"the end").ok();
            });
        }
    });
    address
}

/// What comes back of bytes that are sent while the answer is read.
async fn exchanged(client: UnixStream, bytes: &[u8]) -> Vec<u8> {
    let (mut from, mut to) = client.into_split();
    let sending = async {
        to.write_all(bytes).await.unwrap();
        // Half of the connection ends; the other half still brings the answer.
        to.shutdown().await.unwrap();
    };
    let mut back = Vec::new();
    let ((), read) = tokio::join!(sending, from.read_to_end(&mut back));
    read.unwrap();
    back
}

#[tokio::test]
async fn a_named_host_is_reached_and_bytes_go_both_ways_to_their_ends() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let client = served.ask(&server.to_string()).await.unwrap();
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let back = exchanged(client, &bytes).await;
    assert_eq!(back.strip_suffix(b"the end"), Some(&*bytes));
}

#[tokio::test]
async fn a_host_that_the_group_does_not_name_is_refused() {
    let server = echo();
    let target = server.to_string();
    let other = Served::new(&["other.org", "*.other.org"], &[server]);
    assert_eq!(
        other.refused(&target).await,
        "`127.0.0.1` is none of the group's hosts"
    );
    let none = Served::new(&[], &[server]);
    none.refused(&target).await;
    // The twins: the same address where the group names it, or every host.
    for hosts in ["127.0.0.1", "*"] {
        Served::new(&[hosts], &[server]).ask(&target).await.unwrap();
    }
}

#[tokio::test]
async fn an_address_of_this_machine_is_refused_also_where_a_name_leads_to_it() {
    let server = echo();
    let port = server.port();
    let bare = Served::new(&["*"], &[]);
    for (host, kind) in [
        ("127.0.0.1", "a loopback"),
        ("localhost", "a loopback"),
        ("10.0.0.1", "a private"),
        ("169.254.169.254", "a link-local or metadata"),
        ("[fe80::1]", "a link-local or metadata"),
        ("[::ffff:7f00:1]", "a loopback"),
    ] {
        let reason = bare.refused(&format!("{host}:{port}")).await;
        assert!(reason.contains(kind), "{host}: {reason}");
    }
    // The twin: the group names the address, and only that port of it.
    let named = Served::new(&["*"], &[server]);
    named.ask(&server.to_string()).await.unwrap();
    let reason = named.refused(&format!("127.0.0.1:{}", port ^ 1)).await;
    assert!(reason.contains("a loopback"), "{reason}");
}

#[tokio::test]
async fn no_port_but_that_of_https_is_reached_on_the_open_internet() {
    let served = Served::new(&["*"], &[]);
    for port in [22, 25, 80, 8443] {
        assert_eq!(
            served.refused(&format!("8.8.8.8:{port}")).await,
            "only port 443 is reached"
        );
    }
}

#[tokio::test]
async fn a_host_that_only_ends_like_a_named_one_is_refused() {
    let served = Served::new(&["*.corp.org"], &[]);
    for target in [
        "8.8.8.8/.corp.org:443",
        "8.8.8.8?.corp.org:443",
        "8.8.8.8#.corp.org:443",
        "8.8.8.8\\.corp.org:443",
        "8.8.8.8:443/.corp.org:443",
        "a@b.corp.org:443",
        "2130706433:443",
        ":443",
    ] {
        assert_eq!(served.refused(target).await, "the host is malformed");
    }
    for target in ["notcorp.org:443", "corp.org:443", ".corp.org:443"] {
        let reason = served.refused(target).await;
        assert!(reason.contains("none of the group's hosts"), "{reason}");
    }
}

#[tokio::test]
async fn a_forbidden_host_is_refused_however_it_is_spelled_and_whatever_name_leads_to_it() {
    let server = echo();
    let port = server.port();
    let named = [server, SocketAddr::from((Ipv6Addr::LOCALHOST, port))];
    for (forbidden, host, reason) in [
        ("localhost", "localhost", "none of the group's hosts"),
        ("localhost", "LOCALHOST", "none of the group's hosts"),
        ("127.0.0.1", "127.0.0.1", "none of the group's hosts"),
        ("localhost", "127.0.0.1", "which the administrator forbids"),
        ("127.0.0.1", "localhost", "which the administrator forbids"),
        ("[::1]", "127.0.0.1", "which the administrator forbids"),
    ] {
        let target = format!("{host}:{port}");
        let closed = Served::forbidding(&[forbidden], &["*"], &named);
        let said = closed.refused(&target).await;
        assert!(said.contains(reason), "{target}: {said}");
        // The twin: nobody forbids it.
        Served::new(&["*"], &named).ask(&target).await.unwrap();
    }
}

#[tokio::test]
async fn a_last_dot_leads_past_no_forbidden_host() {
    // Nobody is asked: the address of each is in its name, or there is none.
    for (forbidden, host) in [
        ("evil.org", "evil.org."),
        ("*.evil.org", "a.evil.org."),
        ("10.0.0.7", "[::ffff:a00:7]"),
    ] {
        let target = format!("{host}:443");
        let said = Served::forbidding(&[forbidden], &["*"], &[])
            .refused(&target)
            .await;
        assert_eq!(said, format!("`{host}` is none of the group's hosts"));
    }
    let twin = Served::new(&["*"], &[]).refused("[::ffff:a00:7]:443").await;
    assert!(twin.contains("private"), "{twin}");
    // A name with an empty part is none, also where nothing is forbidden.
    let said = Served::new(&["*"], &[]).refused("evil.org..:443").await;
    assert_eq!(said, "`evil.org..` is none of the group's hosts");
}

#[tokio::test]
async fn what_is_no_connect_is_refused_and_nobody_is_asked() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let plain = format!("GET http://{server}/ HTTP/1.1\r\n\r\n");
    let late = format!("\r\nCONNECT {server} HTTP/1.1\r\n\r\n");
    let lower = format!("connect {server} HTTP/1.1\r\n\r\n");
    for bytes in [
        plain.as_bytes(),
        late.as_bytes(),
        lower.as_bytes(),
        b"CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n",
        b"CONNECT 127.0.0.1:99999 HTTP/1.1\r\n\r\n",
        b"CONNECT\r\n\r\n",
        b"\x16\x03\x01\x00\xff\xfe\r\n\r\n",
        b"\r\n\r\n",
    ] {
        let (_client, line) = served.tell(bytes).await;
        assert_eq!(line, "HTTP/1.1 403 Forbidden");
    }
    served.ask(&server.to_string()).await.unwrap();
}

#[tokio::test]
async fn a_request_one_byte_past_the_limit_is_hung_up_on() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let request = |bytes: usize| {
        let (start, end) = (format!("CONNECT {server} HTTP/1.1\r\nX: "), "\r\n\r\n");
        let filler = "x".repeat(bytes - start.len() - end.len());
        format!("{start}{filler}{end}").into_bytes()
    };
    let (_client, line) = served.tell(&request(MAX_HEAD)).await;
    assert_eq!(line, "HTTP/1.1 200 Connected");
    let (_client, line) = served.tell(&request(MAX_HEAD + 1)).await;
    assert_eq!(line, "");
}

#[tokio::test]
async fn a_request_that_breaks_off_is_no_request() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let mut client = served.client().await;
    let half = format!("CONNECT {server} HTTP/1.1\r\n");
    client.write_all(half.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"");
    served.ask(&server.to_string()).await.unwrap();
}

/// Time passes only where nothing else can go on.
#[tokio::test(start_paused = true)]
async fn who_asks_for_nothing_loses_its_place() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let mut silent = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        silent.push(served.client().await);
    }
    let started = tokio::time::Instant::now();
    served.ask(&server.to_string()).await.unwrap();
    assert!(started.elapsed() >= CONNECTING);
    for mut client in silent {
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, b"");
    }
}

#[tokio::test]
async fn with_the_proxy_its_connections_end() {
    let server = echo();
    let served = Served::new(&["127.0.0.1"], &[server]);
    let mut client = served.ask(&server.to_string()).await.unwrap();
    client.write_all(b"x").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'x');
    drop(served.proxy);
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
    UnixStream::connect(&served.socket).await.unwrap_err();
}
