//! The one way out of a confined command that may reach some hosts: a proxy on this side of its
//! network, which connects to these hosts and to no others.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lazaret_policy::command::CommandGroup;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use crate::perform::web::resolve;

/// The most connections of one command at the same time.
const MAX_CONNECTIONS: usize = 32;

/// The most bytes of what asks for a connection.
const MAX_HEAD: usize = 8 << 10;

/// The longest that a connection may take to be asked for, and again to be made.
const CONNECTING: Duration = Duration::from_secs(20);

/// The port of every connection to a host that is not named by its number.
const HTTPS: u16 = 443;

/// A proxy that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    _serving: JoinSet<()>,
}

impl Proxy {
    /// Serves what the group may reach at a socket.
    pub(crate) fn start(socket: &Path, group: &CommandGroup) -> Result<Self, String> {
        std::fs::remove_file(socket).ok();
        let listener = UnixListener::bind(socket);
        let listener = listener.map_err(|error| format!("no way out: {}", error.kind()))?;
        let group = Arc::new(group.clone());
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, group));
        Ok(Self { _serving: serving })
    }
}

async fn serve(listener: UnixListener, group: Arc<CommandGroup>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Ok((client, _)) = listener.accept().await else {
            break;
        };
        while connections.try_join_next().is_some() {}
        let group = Arc::clone(&group);
        connections.spawn(async move {
            // Whoever asked sees its end.
            connect(client, &group).await.ok();
            drop(place);
        });
    }
}

async fn connect(mut client: UnixStream, group: &CommandGroup) -> std::io::Result<()> {
    // Who asks for nothing does not keep its place.
    let head = tokio::time::timeout(CONNECTING, head(&mut client)).await??;
    let reached = tokio::time::timeout(CONNECTING, reach(&head, group)).await;
    let reached = reached.unwrap_or_else(|_elapsed| Err("the host did not answer".to_owned()));
    match reached {
        Ok(mut host) => {
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
            copy_bidirectional(&mut client, &mut host).await?;
        }
        Err(reason) => {
            let text = format!("HTTP/1.1 403 Forbidden\r\n\r\n{reason}\n");
            client.write_all(text.as_bytes()).await?;
        }
    }
    Ok(())
}

/// Reads up to the empty line.
async fn head(client: &mut UnixStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() == MAX_HEAD {
            return Err(std::io::Error::other("the request is too long"));
        }
        bytes.push(client.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn reach(head: &str, group: &CommandGroup) -> Result<TcpStream, String> {
    let (host, port) = asked(head).ok_or("only `CONNECT HOST:PORT` is served")?;
    let url = address(&host, port).ok_or("the host is malformed")?;
    if !group.may_reach(&host) {
        return Err(format!("`{host}` is none of the group's hosts"));
    }
    let checked: Vec<SocketAddr> = resolve(&url, &group.private, &group.never_reach).await?;
    let named = |address: &SocketAddr| group.private.contains(address);
    if port != HTTPS && !checked.iter().all(named) {
        return Err(format!("only port {HTTPS} is reached"));
    }
    let connected = TcpStream::connect(checked.as_slice()).await;
    connected.map_err(|error| format!("`{host}`: {}", error.kind()))
}

fn asked(head: &str) -> Option<(String, u16)> {
    let mut words = head.lines().next()?.split(' ');
    if words.next() != Some("CONNECT") {
        return None;
    }
    let target = words.next()?;
    let (host, port) = target.rsplit_once(':')?;
    Some((host.to_ascii_lowercase(), port.parse().ok()?))
}

/// The address that is looked up. Its host is the one that was asked for, letter by letter: what
/// is written as `evil.org/.example.com` ends like a host below `example.com` and is another.
fn address(host: &str, port: u16) -> Option<Url> {
    let url = Url::parse(&format!("https://{host}:{port}/")).ok()?;
    (url.host_str() == Some(host)).then_some(url)
}

#[cfg(test)]
mod tests;
