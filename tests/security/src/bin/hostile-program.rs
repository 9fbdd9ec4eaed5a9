//! A program that does what its first argument says and a command must not do. What became of
//! it stands on its output, in one line.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    println!(
        "{}",
        act(&words).unwrap_or_else(|error| format!("refused: {error}"))
    );
}

fn act(words: &[&str]) -> std::io::Result<String> {
    Ok(match *words {
        ["read", path] => fs::read_to_string(path)?,
        ["exists", path] => fs::symlink_metadata(path).is_ok().to_string(),
        ["write", path, text] => {
            fs::write(path, text)?;
            "done".to_owned()
        }
        ["append", path, text] => {
            let mut file = fs::OpenOptions::new().append(true).open(path)?;
            file.write_all(text.as_bytes())?;
            "done".to_owned()
        }
        ["remove", path] => {
            fs::remove_file(path)?;
            "done".to_owned()
        }
        ["rename", from, to] => {
            fs::rename(from, to)?;
            "done".to_owned()
        }
        ["link", target, at] => {
            symlink(target, at)?;
            "done".to_owned()
        }
        ["connect", address] => {
            let address = address.to_socket_addrs()?.next().expect("an address");
            TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
            "connected".to_owned()
        }
        ["through", address] => through(address, "asked")?,
        ["tell", address, file] => {
            let words = fs::read_to_string(file)?;
            through(
                address,
                &words.split_whitespace().collect::<Vec<_>>().join("-"),
            )?
        }
        ["send", address] => {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(b"the secret", address)?;
            "sent".to_owned()
        }
        ["dial", path] => {
            UnixStream::connect(path)?;
            "connected".to_owned()
        }
        ["fork", count] => forked(count.parse().expect("a number")),
        ["outlive", file] => {
            outlive(file)?;
            "left one behind".to_owned()
        }
        ["append-for-ever", file] => loop {
            let mut file = fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(file)?;
            file.write_all(b".")?;
            std::thread::sleep(Duration::from_millis(10));
        },
        ["environments"] => environments(),
        ["variables"] => std::env::vars()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("\n"),
        ["memory", mib] => {
            let bytes: usize = mib.parse::<usize>().expect("a number") << 20;
            let taken = vec![1u8; bytes];
            format!(
                "took {}",
                taken.iter().map(|one| usize::from(*one)).sum::<usize>() >> 20
            )
        }
        ["flood"] => loop {
            std::io::stdout().write_all(&vec![b'x'; 65_536])?;
        },
        ["say", bytes] => "x".repeat(bytes.parse().expect("a number")),
        ["sleep"] => loop {
            std::thread::sleep(Duration::from_mins(1));
        },
        ["sleep", ms] => {
            std::thread::sleep(Duration::from_millis(ms.parse().expect("a number")));
            "slept".to_owned()
        }
        ["processes"] => processes().len().to_string(),
        ["mount"] => {
            let made = Command::new("mount")
                .args(["-t", "tmpfs", "none", "/tmp"])
                .output()?;
            format!("mount ended with {:?}", made.status.code())
        }
        _ => "no such act".to_owned(),
    })
}

/// Asks the way out that the environment names for a page at an address, as programs do that
/// know a proxy. Gives the page, or why there is none.
fn through(address: &str, page: &str) -> std::io::Result<String> {
    let proxy = std::env::var_os("HTTPS_PROXY").unwrap_or_default();
    let proxy = proxy.to_string_lossy();
    let mut stream = TcpStream::connect(proxy.trim_start_matches("http://"))?;
    write!(stream, "CONNECT {address} HTTP/1.1\r\n\r\n")?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    lines.read_line(&mut String::new())?;
    let connected = first.starts_with("HTTP/1.1 200");
    if connected {
        write!(stream, "GET /{page} HTTP/1.0\r\nhost: {address}\r\n\r\n")?;
    }
    let mut rest = String::new();
    lines.read_to_string(&mut rest)?;
    let said = rest.lines().last().unwrap_or_default();
    Ok(if connected {
        said.to_owned()
    } else {
        format!("refused: {said}")
    })
}

/// Starts so many processes that live at the same time, and says how many there were.
fn forked(count: usize) -> String {
    let mut children = Vec::new();
    for _ in 0..count {
        let child = Command::new("sleep")
            .arg("60")
            .stdout(Stdio::null())
            .spawn();
        match child {
            Ok(child) => children.push(child),
            Err(_) => break,
        }
    }
    let started = children.len();
    for child in &mut children {
        child.kill().ok();
        child.wait().ok();
    }
    format!("{started} processes")
}

/// Leaves a process behind that belongs to no group of its parent's.
fn outlive(file: &str) -> std::io::Result<()> {
    let program = std::env::current_exe()?;
    Command::new(program)
        .args(["append-for-ever", file])
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    while !fs::exists(file)? {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn processes() -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

/// What every process that can be seen was started with.
fn environments() -> String {
    let mut all = String::new();
    for process in processes() {
        let text = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        all.push_str(&String::from_utf8_lossy(&text).replace('\0', "\n"));
    }
    all
}
