//! A server that speaks every provider's wire format, for the official SDKs to be tried against.
//!
//! It prints its address as one line and serves until it is stopped. What it answers follows from
//! the model's name; see `script.rs`. Arguments such as `seed=7 least_ms=200 most_ms=2000 errors=10
//! hangs=10` make it a busy one; see `weather.rs`.

// By path, so that its parts lie beside it here as they do for the tests.
#[path = "server.rs"]
mod server;

use std::io::Write as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let weather = server::Weather::read(std::env::args().skip(1)).map_err(std::io::Error::other)?;
    let mut fake = server::Fake::in_weather(weather).await?;
    writeln!(std::io::stdout(), "http://{}", fake.address())?;
    std::io::stdout().flush()?;
    fake.serve().await;
    Ok(())
}
