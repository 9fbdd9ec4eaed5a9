//! Who is asked in the tests: each provider, each way to reach it, with and without streams.

use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use lazaret_models::{
    Anthropic, AwsKeys, Azure, Bedrock, Clock, Config, Gemini, Limits, ModelClient, OpenAi,
    Provider, RetryPolicy, Secret, Usage, Vertex,
};

use crate::server::{AWS_SECRET, Fake, KEY};

/// A client of one provider at a fake.
pub(crate) struct Actor {
    pub(crate) name: &'static str,
    pub(crate) streaming: bool,
    pub(crate) client: ModelClient,
}

/// How long the clients of these tests wait for anything: long for a loaded machine, short for
/// whoever waits for a test that is about waiting.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);

/// Starts a fake.
pub(crate) async fn fake() -> Fake {
    Fake::start().await.expect("a fake provider")
}

/// Returns all providers at the address of a fake.
pub(crate) fn providers(fake: &Fake) -> Vec<(&'static str, Provider)> {
    with_key(fake, KEY)
}

/// Returns all providers with this key.
pub(crate) fn with_key(fake: &Fake, key: &str) -> Vec<(&'static str, Provider)> {
    let base = format!("http://{}", fake.address());
    let v1 = format!("{base}/v1");
    let key = || Secret::new(key);
    let keys = AwsKeys {
        access_key: key(),
        secret_key: Secret::new(AWS_SECRET),
        session_token: Some(Secret::new("a-session-token")),
    };
    let clock = Clock::new(|| SystemTime::UNIX_EPOCH + Duration::from_hours(500_000));
    let signed = Bedrock::new("us-east-1", keys, clock).and_then(|bedrock| bedrock.at(&base));
    let bearer = Bedrock::with_api_key("us-east-1", key()).and_then(|bedrock| bedrock.at(&base));
    vec![
        (
            "anthropic",
            Anthropic::at(&base, key()).expect("a provider").into(),
        ),
        ("openai", OpenAi::at(&v1, key()).expect("a provider").into()),
        (
            "compatible",
            OpenAi::compatible(&v1, key()).expect("a provider").into(),
        ),
        (
            "gemini",
            Gemini::at(&base, key()).expect("a provider").into(),
        ),
        (
            "vertex",
            Vertex::at(&base, "p", "global", key())
                .expect("a provider")
                .into(),
        ),
        ("bedrock", signed.expect("a provider").into()),
        ("bedrock, api key", bearer.expect("a provider").into()),
        (
            "azure",
            Azure::new(&base, key(), None).expect("a provider").into(),
        ),
        (
            "azure, dated",
            Azure::new(&base, key(), Some("2024-10-21"))
                .expect("a provider")
                .into(),
        ),
    ]
}

/// Returns a configuration for tests: it asks once.
pub(crate) fn config(provider: impl Into<Provider>) -> Config {
    Config {
        retry: RetryPolicy::never(),
        ..Config::new(provider)
    }
}

/// Returns a client of each provider, once with and once without streams.
pub(crate) fn cast(fake: &Fake) -> Vec<Actor> {
    let both = |(name, provider): (&'static str, Provider)| {
        [true, false].map(|streaming| {
            let config = Config {
                streaming,
                ..config(provider.clone())
            };
            Actor {
                name,
                streaming,
                client: ModelClient::new(config).expect("a client"),
            }
        })
    };
    providers(fake).into_iter().flat_map(both).collect()
}

/// Returns a client of each provider that streams, within these limits.
pub(crate) fn streaming(fake: &Fake, limits: Limits) -> Vec<Actor> {
    let actor = |(name, provider): (&'static str, Provider)| {
        let config = Config {
            limits,
            ..config(provider)
        };
        Actor {
            name,
            streaming: true,
            client: ModelClient::new(config).expect("a client"),
        }
    };
    providers(fake).into_iter().map(actor).collect()
}

/// Returns limits whose waits end soon.
pub(crate) fn impatient() -> Limits {
    let (first_byte, idle) = (PATIENCE, PATIENCE);
    Limits {
        first_byte,
        idle,
        attempt: 4 * PATIENCE,
        ..Limits::default()
    }
}

/// Returns a policy that asks up to `attempts` times, almost at once.
pub(crate) fn eager(attempts: u32) -> RetryPolicy {
    RetryPolicy {
        max_attempts: NonZeroU32::new(attempts).expect("not zero"),
        base: Duration::from_millis(1),
        max_wait: Duration::from_secs(5),
    }
}

/// Returns what the fake says it counted, in the words of this provider.
pub(crate) fn counted(name: &str) -> Usage {
    // Gemini does not tell what it put into the cache.
    let cache_write = if name == "gemini" || name == "vertex" {
        0
    } else {
        3
    };
    Usage {
        input: 12,
        output: 7,
        cache_read: 5,
        cache_write,
    }
}
