//! As much of HTTP/1.1 as the tests need, by hand: a library would not cut its own answers.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The largest request; above the client's own limit.
const MAX_REQUEST: usize = 64 * 1024 * 1024;
/// Streams are cut into pieces of this size, so that events and characters are torn apart.
const PIECE: usize = 37;
/// Streams that are longer than this are cut into pieces of this size, for speed.
const LARGE: usize = 64 * 1024;
/// The time between two pings.
const PING: Duration = Duration::from_millis(5);

/// The time between two pieces of a slow answer.
const PAUSE: Duration = Duration::from_millis(20);

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer and how it ends.
pub(super) struct Reply {
    head: String,
    pieces: Vec<Vec<u8>>,
    chunked: bool,
    end: End,
    /// Before anything is sent.
    wait: Duration,
    /// Before each piece.
    pause: Duration,
}

/// How an answer ends.
pub(super) enum End {
    /// As it should.
    Clean,
    /// The connection is closed in the middle.
    Cut,
    /// Nothing more comes, and the connection stays.
    Stall,
    /// The same piece at short intervals.
    Every(Vec<u8>),
    /// The same piece as fast as it goes.
    Forever(Vec<u8>),
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Reply {
    pub(super) fn json(status: u16, headers: &[(String, String)], body: &Value) -> Self {
        let mut reply = Self::bytes(status, "application/json", body.to_string().into_bytes());
        for (name, value) in headers {
            reply.head.extend([name, ": ", value, "\r\n"]);
        }
        reply
    }

    pub(super) fn bytes(status: u16, kind: &str, body: Vec<u8>) -> Self {
        let length = body.len();
        let head = format!("{}content-length: {length}\r\n", head(status, kind));
        Self {
            head,
            pieces: vec![body],
            chunked: false,
            end: End::Clean,
            wait: Duration::ZERO,
            pause: Duration::ZERO,
        }
    }

    pub(super) fn stream(kind: &str, events: &[Vec<u8>], end: End) -> Self {
        let head = format!("{}transfer-encoding: chunked\r\n", head(200, kind));
        let bytes = events.concat();
        let size = if bytes.len() > LARGE { LARGE } else { PIECE };
        let pieces = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        Self {
            head,
            pieces,
            chunked: true,
            end,
            wait: Duration::ZERO,
            pause: Duration::ZERO,
        }
    }

    /// Sends only half of a whole answer.
    pub(super) fn broken(mut self, end: End) -> Self {
        for piece in &mut self.pieces {
            piece.truncate(piece.len() / 2);
        }
        Self { end, ..self }
    }

    /// Sends nothing at all.
    pub(super) fn silence() -> Self {
        Self {
            head: String::new(),
            pieces: Vec::new(),
            chunked: false,
            end: End::Stall,
            wait: Duration::ZERO,
            pause: Duration::ZERO,
        }
    }

    /// Begins only after a wait.
    pub(super) fn after(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Makes a pause before each piece.
    pub(super) fn slowly(self) -> Self {
        Self {
            pause: PAUSE,
            ..self
        }
    }
}

fn head(status: u16, kind: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\n")
}

/// Reads one request from a connection, answers it and hangs up.
pub(super) async fn serve(
    mut stream: TcpStream,
    answer: impl FnOnce(&Seen) -> Reply,
) -> io::Result<()> {
    let Some(seen) = read(&mut stream).await? else {
        return Ok(());
    };
    let reply = answer(&seen);
    pause(reply.wait).await;
    if !reply.head.is_empty() {
        stream
            .write_all(format!("{}\r\n", reply.head).as_bytes())
            .await?;
    }
    for piece in &reply.pieces {
        pause(reply.pause).await;
        send(&mut stream, piece, reply.chunked).await?;
    }
    match reply.end {
        End::Clean if reply.chunked => stream.write_all(b"0\r\n\r\n").await?,
        End::Clean | End::Cut => {}
        End::Stall => closed(&mut stream).await,
        End::Every(piece) => {
            let mut ticks = tokio::time::interval(PING);
            loop {
                ticks.tick().await;
                send(&mut stream, &piece, reply.chunked).await?;
            }
        }
        End::Forever(piece) => loop {
            send(&mut stream, &piece, reply.chunked).await?;
        },
    }
    stream.shutdown().await
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

async fn send(stream: &mut TcpStream, piece: &[u8], chunked: bool) -> io::Result<()> {
    if !chunked {
        return stream.write_all(piece).await;
    }
    stream
        .write_all(format!("{:x}\r\n", piece.len()).as_bytes())
        .await?;
    stream.write_all(piece).await?;
    stream.write_all(b"\r\n").await
}

/// Waits until the client hangs up.
async fn closed(stream: &mut TcpStream) {
    let mut rest = [0; 64];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

async fn read(stream: &mut TcpStream) -> io::Result<Option<Seen>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        // A client that begins with a TLS handshake would wait for ever.
        let is_tls = |bytes: &[u8]| bytes.first() == Some(&0x16);
        if stream.read_buf(&mut bytes).await? == 0 || is_tls(&bytes) {
            return Ok(None);
        }
    };
    let mut body = bytes.split_off(end + 4);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned);
    let (method, path) = (
        first.next().unwrap_or_default(),
        first.next().unwrap_or_default(),
    );
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let mut seen = Seen {
        method,
        path,
        headers: headers.collect(),
        body: Vec::new(),
    };
    if seen.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let length = seen
        .header("content-length")
        .and_then(|length| length.parse().ok());
    let length: usize = length.unwrap_or(0);
    if length > MAX_REQUEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    body.truncate(length);
    seen.body = body;
    Ok(Some(seen))
}
