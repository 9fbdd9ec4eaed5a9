//! Lets a program in a network of its own reach the one socket that it was given: what connects
//! to a port of its own machine is carried there.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, send, socket};

/// The port of the new network at which the program finds it.
pub(crate) const PORT: u16 = 3128;

/// Where the socket is in the new root.
pub(crate) const SOCKET: &str = "/run/lazaret-proxy";

/// Begins to carry. It ends with the process.
pub(super) fn start(at: &Path) -> Result<(), String> {
    bring_up_loopback().map_err(|error| format!("its own network: {error}"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT));
    let listener = listener.map_err(|error| format!("its own network: {error}"))?;
    let at: PathBuf = at.to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(host) = UnixStream::connect(&at) {
                // A connection that cannot be carried is closed.
                carry(client, host).ok();
            }
        }
    });
    Ok(())
}

fn carry(client: TcpStream, host: UnixStream) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = (client.try_clone()?, client);
    let (mut from_host, mut to_host) = (host.try_clone()?, host);
    std::thread::spawn(move || {
        pump(&mut from_client, &mut to_host);
        to_host.shutdown(Shutdown::Write).ok();
    });
    std::thread::spawn(move || {
        pump(&mut from_host, &mut to_client);
        to_client.shutdown(Shutdown::Both).ok();
    });
    Ok(())
}

fn pump(from: &mut impl Read, to: &mut impl Write) {
    // Its end, good or bad, is the end of the connection.
    std::io::copy(from, to).ok();
}

/// The first interface of a new network is its loopback, and it is down.
fn bring_up_loopback() -> std::io::Result<()> {
    const LENGTH: u32 = 32;
    const NEW_LINK: u16 = 16;
    const REQUEST_AND_ANSWER: u16 = 1 | 4;
    const LOOPBACK: i32 = 1;
    const UP: u32 = 1;
    let mut message = Vec::new();
    // The message's head: its length, what it is, its flags, its number, its sender.
    message.extend(LENGTH.to_ne_bytes());
    message.extend(NEW_LINK.to_ne_bytes());
    message.extend(REQUEST_AND_ANSWER.to_ne_bytes());
    message.extend([0; 8]);
    // The interface: of any family, by its number, with the flag and which flag is meant.
    message.extend([0; 4]);
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    // The protocol of routes and interfaces is the one without a number.
    let asks = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    send(&asks, &message, SendFlags::empty())?;
    let mut answer = [0u8; 64];
    recv(&asks, &mut answer, RecvFlags::empty())?;
    let code = answer.get(16..20).and_then(|bytes| bytes.try_into().ok());
    match code.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(code) => Err(std::io::Error::from_raw_os_error(code.saturating_neg())),
        None => Err(std::io::Error::other("the kernel gave no answer")),
    }
}
