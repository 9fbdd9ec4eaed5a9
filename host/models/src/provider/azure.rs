//! How OpenAI's models at Microsoft Azure are spoken to: OpenAI's format at other addresses.

use serde_json::Value;

use crate::error::ModelError;
use crate::provider::openai::{self, Dialect};
use crate::provider::{Endpoint, Mode, Speak};
use crate::redact::Redactor;
use crate::request::Request;
use crate::secret::{Secret, Slot};
use crate::wire::answer::Answer;
use crate::wire::{Frame, Outgoing};

/// A resource at Azure with a key. The model of a request is the name of a deployment.
#[derive(Debug, Clone)]
pub struct Azure {
    endpoint: Endpoint,
    key: Slot<Secret>,
    api_version: Option<String>,
}

impl Azure {
    /// Makes the provider for a resource's address, as `https://NAME.openai.azure.com`. Without
    /// an `api_version` the current address below `/openai/v1` is used, else the deployment's own.
    pub fn new(
        address: &str,
        key: impl Into<Slot<Secret>>,
        api_version: Option<&str>,
    ) -> Result<Self, ModelError> {
        let endpoint = Endpoint::parse(address)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if api_version.is_some_and(|version| version.is_empty() || !version.chars().all(fits)) {
            return Err(ModelError::Config(
                "the version of Azure's API is not one".to_owned(),
            ));
        }
        Ok(Self {
            endpoint,
            key: key.into(),
            api_version: api_version.map(str::to_owned),
        })
    }
}

impl Speak for Azure {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.key.get()]
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let url = match &self.api_version {
            None => self
                .endpoint
                .join(&["openai", "v1", "chat", "completions"])?,
            Some(version) => {
                let parts = [
                    "openai",
                    "deployments",
                    &request.model,
                    "chat",
                    "completions",
                ];
                let mut url = self.endpoint.join(&parts)?;
                url.set_query(Some(&format!("api-version={version}")));
                url
            }
        };
        let body = openai::body(request, mode, Dialect::Original);
        Outgoing::post(url, &body).key("api-key", "", &self.key.get())
    }

    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError> {
        openai::read(frame, answer, redactor)
    }

    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<(), ModelError> {
        openai::whole(body, answer, redactor)
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        let mut url = self.endpoint.join(&["openai", "v1", "models"])?;
        if let Some(version) = &self.api_version {
            url = self.endpoint.join(&["openai", "models"])?;
            url.set_query(Some(&format!("api-version={version}")));
        }
        Outgoing::get(url).key("api-key", "", &self.key.get())
    }
}
