//! The policy's models as clients that hold their keys. No guest ever sees a key.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_models::{
    Anthropic, Config, Gemini, ModelClient, ModelError, OpenAi, Prices, Provider, Secret,
};
use lazaret_policy::compiled;

use crate::error::HostError;

/// Gives the value of the environment variable that the policy names as a key.
pub type Keys = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// A model that can be asked.
#[derive(Clone, Debug)]
pub struct Model {
    /// Who is asked.
    pub client: ModelClient,
    /// The provider's name of the model.
    pub id: String,
    /// What it costs, if that is known.
    pub prices: Arc<Prices>,
}

/// Makes a client for each model of a policy. Nothing is sent.
pub fn connect(
    models: &BTreeMap<String, compiled::Model>,
    keys: &Keys,
) -> Result<BTreeMap<String, Model>, HostError> {
    let prices = Arc::new(Prices::built_in());
    let mut connected = BTreeMap::new();
    for (alias, model) in models {
        let provider = provider(model, keys).map_err(|source| HostError::Model {
            alias: alias.clone(),
            source,
        })?;
        let client =
            ModelClient::new(Config::new(provider)).map_err(|source| HostError::Model {
                alias: alias.clone(),
                source,
            })?;
        connected.insert(
            alias.clone(),
            Model {
                client,
                id: model.model.clone(),
                prices: Arc::clone(&prices),
            },
        );
    }
    Ok(connected)
}

fn provider(model: &compiled::Model, keys: &Keys) -> Result<Provider, ModelError> {
    let key = match &model.key_variable {
        None => Secret::new(""),
        Some(name) => Secret::new(keys(name).ok_or_else(|| {
            ModelError::Config(format!("the environment variable `{name}` is not set"))
        })?),
    };
    let address = model.base_url.as_deref();
    Ok(match (model.provider.as_str(), address) {
        ("anthropic", None) => Anthropic::new(key)?.into(),
        ("anthropic", Some(address)) => Anthropic::at(address, key)?.into(),
        ("gemini", None) => Gemini::new(key)?.into(),
        ("gemini", Some(address)) => Gemini::at(address, key)?.into(),
        ("openai", None) => OpenAi::new(key)?.into(),
        (_, Some(address)) => OpenAi::compatible(address, key)?.into(),
        (other, None) => {
            return Err(ModelError::Config(format!(
                "the provider `{other}` needs a `base_url`"
            )));
        }
    })
}
