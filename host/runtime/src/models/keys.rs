//! The keys of one provider: taken from where the policy says, and again when they expire.

use std::fmt;
use std::sync::Arc;

use lazaret_models::{AwsKeys, ModelError, Secret, Slot};
use lazaret_policy::compiled::{KeySource, Provider, Service};

use super::Keys;

/// A provider's keys, in slots that its client reads for each request.
pub(super) struct Held {
    pub(super) key: Slot<Secret>,
    pub(super) signed: Option<Slot<AwsKeys>>,
    service: Service,
    source: Option<KeySource>,
    keys: Keys,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[keys]")
    }
}

impl Held {
    /// Takes a provider's keys for the first time.
    pub(super) fn take(provider: &Provider, keys: &Keys) -> Result<Self, ModelError> {
        let source = provider.key.clone();
        Ok(Self {
            key: Slot::new(read(source.as_ref(), keys)?),
            signed: signing(&provider.service, keys)?.map(Slot::new),
            service: provider.service.clone(),
            source,
            keys: Arc::clone(keys),
        })
    }

    /// Takes the keys anew where they can have changed; returns whether it did.
    pub(super) fn refresh(&self) -> bool {
        let lasting = |source: &Option<KeySource>| {
            matches!(
                source,
                None | Some(KeySource::Variable(_) | KeySource::Stored(_))
            )
        };
        if self.signed.is_none() && lasting(&self.source) {
            return false;
        }
        let Ok(key) = read(self.source.as_ref(), &self.keys) else {
            return false;
        };
        self.key.replace(key);
        if let (Some(slot), Ok(Some(fresh))) = (&self.signed, signing(&self.service, &self.keys)) {
            slot.replace(fresh);
        }
        true
    }
}

/// A server without a key gets none.
fn read(source: Option<&KeySource>, keys: &Keys) -> Result<Secret, ModelError> {
    let Some(source) = source else {
        return Ok(Secret::new(""));
    };
    keys(source).map(Secret::new).map_err(ModelError::Config)
}

fn signing(service: &Service, keys: &Keys) -> Result<Option<AwsKeys>, ModelError> {
    let Service::Bedrock {
        signed: Some(sources),
        ..
    } = service
    else {
        return Ok(None);
    };
    let session = sources.session.as_ref();
    Ok(Some(AwsKeys {
        access_key: read(Some(&sources.access), keys)?,
        secret_key: read(Some(&sources.secret), keys)?,
        session_token: session.map(|source| read(Some(source), keys)).transpose()?,
    }))
}
