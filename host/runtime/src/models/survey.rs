//! Which of a policy's providers answer, without asking a model anything.

use std::collections::BTreeMap;
use std::time::Duration;

use lazaret_models::{Call, ModelError};
use lazaret_policy::compiled::Provider;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Keys, client};

/// How long a provider may take to list its models.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of asking one provider for its models.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The provider's name in the policy.
    pub provider: String,
    /// The models that it offers, or why it does not say.
    pub models: Result<Vec<String>, ModelError>,
}

/// Asks every provider for the list of its models, all at once. Nothing is charged for it.
pub async fn survey(providers: &BTreeMap<String, Provider>, keys: &Keys) -> Vec<Answered> {
    let mut asked = JoinSet::new();
    for (name, provider) in providers {
        let (name, client) = (name.clone(), client(provider, keys));
        asked.spawn(async move {
            let models = match client {
                Ok((client, _held)) => {
                    let call = Call {
                        deadline: Instant::now().checked_add(PATIENCE),
                        ..Call::default()
                    };
                    client.ping(call).await
                }
                Err(error) => Err(error),
            };
            Answered {
                provider: name,
                models,
            }
        });
    }
    let mut all = asked.join_all().await;
    all.sort_by(|one, other| one.provider.cmp(&other.provider));
    all
}
