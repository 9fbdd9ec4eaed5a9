//! A site of the web on this machine: answers what a test says and writes requests down.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Asked {
    /// Returns a header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What a site answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// Answers with a body of a media type.
    pub fn of(media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), media.to_owned())],
            body: body.into(),
        }
    }

    /// Answers with a redirect.
    pub fn redirect(to: &str) -> Self {
        Self::of("text/plain", "")
            .status(302)
            .header("location", to)
    }

    /// Sets the status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running site. It serves until the test's process ends.
#[derive(Clone, Debug)]
pub struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    /// Serves on a free port.
    pub fn serve(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::default();
        let site = Self { address, asked };
        let (own, answer) = (site.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                std::thread::spawn(move || {
                    if let Some(asked) = read(&stream) {
                        own.asked.lock().expect("the list").push(asked.clone());
                        write(&stream, &answer(&asked));
                    }
                });
            }
        });
        site
    }

    /// Returns `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns everything that was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the list").clone()
    }

    /// Returns the section of a policy that grants this site, under a name.
    pub fn section(&self, name: &str) -> String {
        let address = self.address;
        format!(
            "[web.{name}]\nallow = [\"http://{address}/**\"]\nprivate = [\"{address}\"]\ntags = [\"page\"]\n"
        )
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut asked = Asked {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        asked
            .headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = asked.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}

/// A client that hangs up early is the test's own affair.
fn write(mut stream: &TcpStream, reply: &Reply) {
    let mut head = format!("HTTP/1.1 {} Answer\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").ok();
    }
    let length = reply.body.len();
    write!(head, "content-length: {length}\r\n\r\n").ok();
    stream.write_all(head.as_bytes()).ok();
    stream.write_all(&reply.body).ok();
}
