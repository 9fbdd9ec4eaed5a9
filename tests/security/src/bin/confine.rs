//! The stages of a confined command, as the host's own binary has them.

use std::os::fd::AsFd as _;
use std::process::ExitCode;

use lazaret_runtime::confine;

fn main() -> ExitCode {
    let (input, output) = (std::io::stdin(), std::io::stdout());
    match confine::entered(std::env::args_os(), input.as_fd(), output.as_fd()) {
        Some(Ok(code)) => ExitCode::from(code),
        Some(Err(reason)) => {
            eprintln!("{}{reason}", confine::REASON);
            ExitCode::from(confine::NOT_CONFINED)
        }
        None => ExitCode::FAILURE,
    }
}
