//! How Gemini at Google Cloud's Vertex AI is spoken to: Gemini's format at other addresses.

use serde_json::Value;

use crate::error::ModelError;
use crate::provider::gemini;
use crate::provider::{Endpoint, Mode, Speak};
use crate::redact::Redactor;
use crate::request::Request;
use crate::secret::{Secret, Slot};
use crate::wire::answer::Answer;
use crate::wire::{Frame, Outgoing};

/// A project at Google Cloud with an access token. Tokens expire after an hour: the host puts a
/// new one into the slot.
#[derive(Debug, Clone)]
pub struct Vertex {
    endpoint: Endpoint,
    project: String,
    location: String,
    token: Slot<Secret>,
}

impl Vertex {
    /// Makes the provider for a project and a location, which may be `global`.
    pub fn new(
        project: &str,
        location: &str,
        token: impl Into<Slot<Secret>>,
    ) -> Result<Self, ModelError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if location.is_empty() || !location.chars().all(fits) {
            return Err(ModelError::Config(
                "the location at Google Cloud is not one".to_owned(),
            ));
        }
        let address = match location {
            "global" => "https://aiplatform.googleapis.com".to_owned(),
            location => format!("https://{location}-aiplatform.googleapis.com"),
        };
        Self::at(&address, project, location, token)
    }

    /// Makes the provider at another address, without `/v1`.
    pub fn at(
        address: &str,
        project: &str,
        location: &str,
        token: impl Into<Slot<Secret>>,
    ) -> Result<Self, ModelError> {
        Ok(Self {
            endpoint: Endpoint::parse(address)?,
            project: project.to_owned(),
            location: location.to_owned(),
            token: token.into(),
        })
    }
}

impl Speak for Vertex {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.token.get()]
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let model = request
            .model
            .strip_prefix("google/")
            .unwrap_or(&request.model);
        let (project, location) = (self.project.as_str(), self.location.as_str());
        let mut url = self.endpoint.join(&[
            "v1",
            "projects",
            project,
            "locations",
            location,
            "publishers",
            "google",
            "models",
            model,
        ])?;
        gemini::call_method(&mut url, mode);
        let body = gemini::body(request);
        Outgoing::post(url, &body).key("authorization", "Bearer ", &self.token.get())
    }

    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError> {
        gemini::read(frame, answer, redactor)
    }

    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<(), ModelError> {
        gemini::read_chunk(body, answer, redactor)
    }

    fn may_end_silently(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        let url = self
            .endpoint
            .join(&["v1beta1", "publishers", "google", "models"])?;
        Outgoing::get(url)
            .header("x-goog-user-project", &self.project)?
            .key("authorization", "Bearer ", &self.token.get())
    }
}
