//! A provider of the policy as the client's own: its wire format at its address.
#![expect(
    clippy::disallowed_methods,
    reason = "a signature needs the time of its request; no decision follows from it"
)]

use std::time::SystemTime;

use lazaret_models::{
    Anthropic, Azure, Bedrock, Clock, Gemini, ModelError, OpenAi, Provider as Spoken, Vertex,
};
use lazaret_policy::compiled::{Provider, Service};

use super::keys::Held;

/// Makes the client's provider.
pub(super) fn provider(provider: &Provider, held: &Held) -> Result<Spoken, ModelError> {
    let key = held.key.clone();
    let address = provider.base_url.as_deref();
    Ok(match (&provider.service, address) {
        (Service::Anthropic, None) => Anthropic::new(key)?.into(),
        (Service::Anthropic, Some(address)) => Anthropic::at(address, key)?.into(),
        (Service::Gemini, None) => Gemini::new(key)?.into(),
        (Service::Gemini, Some(address)) => Gemini::at(address, key)?.into(),
        (Service::OpenAi, None) => OpenAi::new(key)?.into(),
        (Service::OpenAi, Some(address)) if provider.json_objects => {
            OpenAi::compatible(address, key)?.with_json_objects().into()
        }
        (Service::OpenAi, Some(address)) => OpenAi::compatible(address, key)?.into(),
        (Service::Vertex { project, location }, None) => {
            Vertex::new(project, location, key)?.into()
        }
        (Service::Vertex { project, location }, Some(address)) => {
            Vertex::at(address, project, location, key)?.into()
        }
        (Service::Azure { api_version }, address) => {
            Azure::new(address.unwrap_or_default(), key, api_version.as_deref())?.into()
        }
        (Service::Bedrock { region, .. }, address) => {
            let bedrock = match &held.signed {
                Some(keys) => Bedrock::new(region, keys.clone(), Clock::new(SystemTime::now))?,
                None => Bedrock::with_api_key(region, key)?,
            };
            match address {
                Some(address) => bedrock.at(address)?.into(),
                None => bedrock.into(),
            }
        }
    })
}
