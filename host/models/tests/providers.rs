//! Asks a fake of every provider through the client, in its own wire format.
//!
//! The fake is the server in `examples/fake_provider`, which the official SDKs are tried against
//! by `tests/official_sdks.rs`. The parts are `cfg(test)` so that their helpers may panic as tests may.

#[cfg(test)]
#[path = "providers/answers.rs"]
mod answers;
#[cfg(test)]
#[path = "providers/cast.rs"]
mod cast;
#[cfg(test)]
#[path = "providers/conversation.rs"]
mod conversation;
#[cfg(test)]
#[path = "providers/failures.rs"]
mod failures;
#[cfg(test)]
#[path = "providers/local.rs"]
mod local;
#[cfg(test)]
#[path = "providers/retries.rs"]
mod retries;
#[cfg(test)]
#[path = "providers/secrets.rs"]
mod secrets;
#[path = "../examples/fake_provider/server.rs"]
mod server;
#[cfg(test)]
#[path = "providers/weather.rs"]
mod weather;
