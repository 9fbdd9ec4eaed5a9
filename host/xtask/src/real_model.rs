//! A running server of a real model, which ends with whoever started it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::machine::Machine;
use crate::stopwatch::Stopwatch;
use crate::tools::{self, python, real_model::RealModel};
use crate::ui;

/// How long the server may take to load the weights.
const PATIENCE: Duration = Duration::from_mins(3);

/// Tokens that a conversation may have.
const CONTEXT: &str = "8192";

/// A running server.
pub(crate) struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Installs what is missing, starts the server, and waits until it lists its model.
    pub(crate) fn start(machine: &Machine) -> Result<Self> {
        tools::ensure(&RealModel, machine)?;
        // Free a moment ago; the server says so if it is not any more.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(python::find()?);
        command
            .args(["-m", "llama_cpp.server", "--host", "127.0.0.1"])
            .args(["--n_ctx", CONTEXT, "--port", &port.to_string(), "--model"])
            .arg(RealModel::weights(machine))
            .env("PYTHONPATH", RealModel::dir(machine))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().context("the model's server cannot start")?;
        let mut server = Self { process, port };
        server.wait()?;
        ui::note(&format!("  a real model answers at {}", server.address()));
        Ok(server)
    }

    /// Returns where it speaks as OpenAI does.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    fn wait(&mut self) -> Result<()> {
        let watch = Stopwatch::start();
        while !answers(self.port) {
            if let Some(status) = self.process.try_wait()? {
                bail!("the model's server ended with {status}");
            }
            if watch.elapsed() > PATIENCE {
                bail!("the model's server does not answer");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let asked = stream.write_all(b"GET /v1/models HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n");
    let mut line = String::new();
    asked.is_ok() && BufReader::new(stream).read_line(&mut line).is_ok() && line.contains(" 200 ")
}
