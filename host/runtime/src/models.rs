//! The policy's providers as clients that hold their keys. No guest ever sees a key.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use lazaret_models::{
    Call, Config, Limits, ModelClient, ModelError, Progress, Request, Response, RetryPolicy,
};
use lazaret_policy::compiled::{Compiled, KeySource, Provider};
use tokio::time::sleep;

use self::keys::Held;
use self::lane::Lane;
use self::prices::Tables;
pub(crate) use self::prices::Tariff;
use crate::error::HostError;
use crate::watch::Watch;

mod keys;
mod lane;
mod prices;
mod service;
mod survey;

pub use self::survey::{Answered, survey};

/// Gives the key that stands where a policy says; the error says what is wrong without it.
pub type Keys = Arc<dyn Fn(&KeySource) -> Result<String, String> + Send + Sync>;

/// How often one call may find the provider without room before it gives up. The waits
/// between grow to five minutes, so that this is most of a day.
const MAX_OVERLOADS: u32 = 100;

/// How long a call that found no room waits at least, where the breaker asks for no wait.
const SHORT_WAIT: Duration = Duration::from_millis(250);

/// Hears what happens while a model is asked.
pub(crate) type Told<'a> = dyn Fn(Progress) + Send + Sync + 'a;

/// Whether a call waits for a provider that has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It waits; the wait counts for nothing.
    Wait,
    /// Another model can be asked instead.
    None,
}

/// A provider that can be asked.
#[derive(Debug)]
pub(crate) struct Connection {
    client: ModelClient,
    lane: Lane,
    held: Held,
    pub(crate) tariff: Tariff,
}

/// Why a try gave no answer.
enum Missed {
    /// The provider was not asked.
    Way(ModelError),
    /// It was.
    Answer(ModelError),
}

/// Makes a client for each provider of a policy. Nothing is sent.
pub(crate) fn connect(
    compiled: &Compiled,
    keys: &Keys,
) -> Result<BTreeMap<String, Connection>, HostError> {
    let tables = Arc::new(Tables::new(&compiled.prices));
    let mut connected = BTreeMap::new();
    for (name, provider) in &compiled.providers {
        let made = client(provider, keys).map_err(|source| HostError::Model {
            alias: name.clone(),
            source,
        })?;
        let (client, held) = made;
        let lane = Lane::new(NonZeroU32::new(provider.at_once).unwrap_or(NonZeroU32::MIN));
        let tariff = Tariff::new(&tables, name, provider);
        let connection = Connection {
            client,
            lane,
            held,
            tariff,
        };
        connected.insert(name.clone(), connection);
    }
    Ok(connected)
}

/// Makes a client that asks once: when to ask again is decided here, with all who wait.
fn client(provider: &Provider, keys: &Keys) -> Result<(ModelClient, Held), ModelError> {
    let held = Held::take(provider, keys)?;
    let usual = Limits::default();
    let wait = |given: Option<u64>, usual| given.map_or(usual, Duration::from_millis);
    let config = Config {
        retry: RetryPolicy::never(),
        limits: Limits {
            first_byte: wait(provider.first_byte_ms, usual.first_byte),
            idle: wait(provider.idle_ms, usual.idle),
            ..usual
        },
        ..Config::new(service::provider(provider, &held)?)
    };
    Ok((ModelClient::new(config)?, held))
}

impl Connection {
    /// Asks, again if need be. `watch` is told of every piece that comes, and stands still
    /// while the provider has no room. `told` hears what happens.
    pub(crate) async fn ask(
        &self,
        request: &Request,
        watch: &Watch,
        patience: Patience,
        seed: u64,
        told: &Told<'_>,
    ) -> Result<Response, ModelError> {
        let policy = RetryPolicy::default();
        let (mut attempt, mut overloads, mut refreshed) = (1, 0, false);
        let mut own = None;
        loop {
            let error = match self.once(request, watch, patience, seed, told).await {
                Ok(response) => return Ok(response),
                Err(Missed::Answer(error)) => own.insert(error).clone(),
                // What it was told itself says more than that nobody is let through.
                Err(Missed::Way(error)) if error.is_overload() => error,
                Err(Missed::Way(error)) => own.clone().unwrap_or(error),
            };
            if error.is_overload() {
                overloads += 1;
                if patience == Patience::None || overloads == MAX_OVERLOADS {
                    return Err(error);
                }
                let _paused = watch.pause();
                sleep(SHORT_WAIT).await;
            } else if patience == Patience::None && matches!(error, ModelError::Timeout(_)) {
                // Another model is there sooner than this one's next silence ends.
                return Err(error);
            } else if matches!(error, ModelError::Unauthorised { .. })
                && !std::mem::replace(&mut refreshed, true)
                && self.held.refresh()
            {
                // A token that had expired was replaced.
            } else {
                let Some(wait) = policy.wait(attempt, &error, seed) else {
                    return Err(error);
                };
                attempt += 1;
                sleep(wait).await;
            }
        }
    }

    async fn once(
        &self,
        request: &Request,
        watch: &Watch,
        patience: Patience,
        seed: u64,
        told: &Told<'_>,
    ) -> Result<Response, Missed> {
        let pass = match patience {
            Patience::None => self.lane.enter_if_open().await,
            Patience::Wait => {
                let _paused = watch.pause();
                self.lane.enter().await
            }
        };
        let pass = pass.map_err(Missed::Way)?;
        let beat = |progress| {
            watch.beat();
            told(progress);
        };
        let call = Call {
            progress: Some(&beat),
            seed,
            ..Call::default()
        };
        let result = self.client.ask(request, call).await;
        pass.leave(&result);
        result.map_err(Missed::Answer)
    }
}
