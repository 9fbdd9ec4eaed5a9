//! Model providers over HTTP, prices, token counts, rate limits.
//!
//! One [`Request`] and one [`Response`] fit every [`Provider`]; a [`ModelClient`] asks, within
//! [`Limits`] and again by a [`RetryPolicy`], and says by its [`ModelError`] what went wrong and
//! whether to try again. [`Prices`] turn [`Usage`] into money, [`discover`] finds servers on this machine. [`Breaker`] and
//! [`AdaptiveConcurrency`] are state machines for whoever asks many models at once.
//!
//! ```no_run
//! use lazaret_models::{Call, Config, ModelClient, OpenAi, Progress, Request, Secret};
//!
//! # async fn example() -> Result<(), lazaret_models::ModelError> {
//! let ollama = OpenAi::compatible("http://127.0.0.1:11434/v1", Secret::new(""))?;
//! let client = ModelClient::new(Config::new(ollama))?;
//! let show = |progress: Progress| drop(progress);
//! let call = Call { progress: Some(&show), seed: 7, ..Call::default() };
//! let response = client.ask(&Request::new("qwen3", "Why is the sky blue?"), call).await?;
//! assert!(response.usage.output > 0);
//! # Ok(())
//! # }
//! ```
//!
//! The library reads no environment, no file and no clock but tokio's timer, and prints nothing.
//! Keys are [`Secret`]s: they are shown only to the header that carries them, and texts from
//! providers are searched for them.
//!
//! # Why not `genai`
//!
//! `genai` 0.7.2 was tried first. It covers more providers, but it takes a stream that ends in
//! the middle for a complete one, reads bodies of any size, prints whole bodies in its errors
//! (and with them echoed keys), has no timeout between pieces of a stream, reads the environment,
//! and knows no Azure deployments; it would also add 70 crates. What is left after working
//! around that is the wire formats, about 250 lines each.
#![forbid(unsafe_code)]

mod breaker;
mod client;
mod concurrency;
mod discover;
mod error;
mod limits;
mod models;
mod price;
mod provider;
mod redact;
mod request;
mod response;
mod retry;
mod secret;
pub mod tokens;
mod transport;
mod wire;

pub use self::breaker::{Admission, Breaker, BreakerConfig, Ticket};
pub use self::client::{Call, Config, ModelClient, Progress};
pub use self::concurrency::{AdaptiveConcurrency, Outcome, Permit};
pub use self::discover::{DISCOVERY_TIMEOUT, Found, LOCAL_SERVERS, MAX_ADDRESSES, discover};
pub use self::error::{ModelError, Phase, Retry};
pub use self::limits::Limits;
pub use self::models::{MAX_LIST_BYTES, MAX_LISTED};
pub use self::price::{MAX_ENTRIES, MAX_USD, Price, PriceError, Prices};
pub use self::provider::{
    Anthropic, Azure, Bedrock, Clock, Endpoint, Gemini, OpenAi, Provider, Vertex,
};
pub use self::request::{
    Arguments, Block, Effort, Family, Image, MAX_IMAGE_BYTES, MAX_IMAGES, MAX_MESSAGES, MAX_TOOLS,
    Message, Piece, Reasoning, Request, Role, Tool, ToolCall, ToolResult,
};
pub use self::response::{Response, Stop, Usage};
pub use self::retry::RetryPolicy;
pub use self::secret::{Secret, Slot};
pub use self::transport::Tls;
pub use self::wire::classify::MAX_RETRY_AFTER;
pub use self::wire::sigv4::AwsKeys;
