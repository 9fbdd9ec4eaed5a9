//! What a provider of models is, whatever a policy calls it.

use crate::compiled::{KeySource, Provider, Service};
use crate::policy::Policy;
use crate::web::{self, HostPattern};

/// How the hosts of services begin and end: a service at its own host is that service, also where
/// a policy says only that it speaks as `OpenAI` does.
const HOSTS: [(&str, &str, &str); 9] = [
    ("", ".anthropic.com", "anthropic"),
    ("", ".openai.com", "openai"),
    ("generativelanguage.", ".googleapis.com", "gemini"),
    ("", "aiplatform.googleapis.com", "vertex"),
    ("bedrock", ".amazonaws.com", "bedrock"),
    ("", ".openai.azure.com", "azure"),
    ("", ".services.ai.azure.com", "azure"),
    ("", ".cognitiveservices.azure.com", "azure"),
    ("", "openrouter.ai", "openrouter"),
];

/// Returns the host at which a provider answers; `None` where it cannot be read.
pub(super) fn host(provider: &Provider) -> Option<HostPattern> {
    web::host_of(&provider.address()?)
}

/// Returns the names by which a provider may be meant: the policy's own, that of the service that
/// it says it is, and that of the service at its host.
pub(super) fn names<'a>(policy: &'a Policy, name: &'a str, provider: &Provider) -> Vec<&'a str> {
    let mut names = vec![name];
    names.extend(policy.models.services.get(name).map(String::as_str));
    if let Some(HostPattern::One(host)) = host(provider) {
        names.extend(service_at(&host));
    }
    names
}

fn service_at(host: &str) -> Option<&'static str> {
    let mut hosts = HOSTS.iter();
    let found = hosts.find(|(start, end, _)| host.starts_with(*start) && host.ends_with(*end));
    found.map(|(_, _, service)| *service)
}

/// Returns a model's name as the client sends it, which takes these words off.
pub(super) fn sent<'a>(service: &Service, model: &'a str) -> &'a str {
    let word = match service {
        Service::Gemini => "models/",
        Service::Vertex { .. } => "google/",
        Service::Anthropic | Service::OpenAi | Service::Bedrock { .. } | Service::Azure { .. } => {
            return model;
        }
    };
    model.strip_prefix(word).unwrap_or(model)
}

/// Returns the programs that are started for a provider's keys.
pub(super) fn programs(provider: &Provider) -> Vec<&[String]> {
    let mut sources: Vec<&KeySource> = provider.key.iter().collect();
    if let Service::Bedrock {
        signed: Some(keys), ..
    } = &provider.service
    {
        sources.extend([&keys.access, &keys.secret]);
        sources.extend(&keys.session);
    }
    let commands = sources.into_iter().filter_map(|source| match source {
        KeySource::Command(words) => Some(words.as_slice()),
        KeySource::Variable(_) | KeySource::File(_) | KeySource::Stored(_) => None,
    });
    commands.collect()
}
