//! What a provider is: its wire format, its address, and what it needs besides.

use super::{MAX_TEXT, key};
use crate::compiled::{Provider, Service, SigningKeys};
use crate::policy::draft::ProviderDraft;
use crate::web;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::text::{At, Report};

/// Services whose address is known, all of which speak as OpenAI does.
const PLACES: [(&str, &str); 5] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("llama-cpp", "http://127.0.0.1:8080/v1"),
    ("vllm", "http://127.0.0.1:8000/v1"),
    ("lm-studio", "http://127.0.0.1:1234/v1"),
    ("openrouter", "https://openrouter.ai/api/v1"),
];

/// How many requests a provider is asked at once where the policy says nothing.
const DEFAULT_AT_ONCE: u64 = 64;

/// The same of llama.cpp: its Python server breaks an answer off for the next request.
const LLAMA_CPP_AT_ONCE: u64 = 1;

/// Checks one provider.
pub(super) fn resolve(draft: &ProviderDraft, report: &mut Report) -> Option<Provider> {
    let name = draft.provider.as_ref().unwrap_or(&draft.name);
    let written = draft.base_url.as_ref();
    let written = written.filter(|address| check_address(address, report));
    let place = PLACES.iter().find(|(place, _)| *place == name.value);
    let base_url = written
        .map(|address| address.value.clone())
        .or_else(|| place.map(|(_, address)| (*address).to_owned()));
    let service = match name.value.as_str() {
        "anthropic" => Service::Anthropic,
        "openai" => Service::OpenAi,
        "gemini" => Service::Gemini,
        "bedrock" => bedrock(draft, report)?,
        "vertex" => vertex(draft, report)?,
        "azure" => {
            needed(draft, draft.base_url.as_ref(), "base_url", report)?;
            Service::Azure {
                api_version: text(draft.api_version.as_ref()),
            }
        }
        _ if base_url.is_some() || draft.base_url.is_some() => Service::OpenAi,
        other => {
            let message = format!("{} is a provider without a `base_url`", quote(other));
            let hint = "write where it answers, or one of `anthropic`, `openai`, `gemini`, `bedrock`, `vertex`, `azure`, `openrouter`, `ollama`, `llama-cpp`, `vllm`, `lm-studio`".to_owned();
            report.hinted(codes::MISSING_FIELD, &name.span, message, hint);
            return None;
        }
    };
    let key = draft.key.as_ref();
    let usual = match name.value.as_str() {
        "llama-cpp" => LLAMA_CPP_AT_ONCE,
        _ => DEFAULT_AT_ONCE,
    };
    let at_once = draft.at_once.unwrap_or(usual);
    Some(Provider {
        service,
        base_url,
        key: key.and_then(|written| key::source(written, report)),
        json_objects: json_objects(draft.schemas.as_ref(), report),
        at_once: u32::try_from(at_once).unwrap_or(u32::MAX),
        first_byte_ms: draft.first_byte_ms,
        idle_ms: draft.idle_ms,
    })
}

/// How a copy of OpenAI's format takes the schema of an answer.
fn json_objects(written: Option<&At<String>>, report: &mut Report) -> bool {
    match written.map(|written| (written.value.as_str(), &written.span)) {
        None | Some(("json-schema", _)) => false,
        Some(("json-object", _)) => true,
        Some((other, span)) => {
            let message = format!("`schemas` is {}", quote(other));
            let hint = "write `json-schema` or `json-object`".to_owned();
            report.hinted(codes::INVALID_VALUE, span, message, hint);
            false
        }
    }
}

fn bedrock(draft: &ProviderDraft, report: &mut Report) -> Option<Service> {
    let region = needed(draft, draft.region.as_ref(), "region", report)?;
    let signed = match (&draft.access_key, &draft.secret_key) {
        (None, None) => {
            needed(draft, draft.key.as_ref(), "key", report)?;
            None
        }
        (access, secret) => {
            needed(draft, access.as_ref(), "access_key", report)?;
            needed(draft, secret.as_ref(), "secret_key", report)?;
            let session = draft.session_token.as_ref();
            Some(SigningKeys {
                access: key::source(access.as_ref()?, report)?,
                secret: key::source(secret.as_ref()?, report)?,
                session: session.and_then(|written| key::source(written, report)),
            })
        }
    };
    Some(Service::Bedrock { region, signed })
}

fn vertex(draft: &ProviderDraft, report: &mut Report) -> Option<Service> {
    needed(draft, draft.key.as_ref(), "key", report)?;
    let project = needed(draft, draft.project.as_ref(), "project", report)?;
    let location = needed(draft, draft.location.as_ref(), "location", report)?;
    Some(Service::Vertex { project, location })
}

/// Returns a field that this service cannot do without, or reports that it is missing.
fn needed(
    draft: &ProviderDraft,
    field: Option<&At<String>>,
    name: &str,
    report: &mut Report,
) -> Option<String> {
    if field.is_none() {
        let message = format!("the provider {} has no `{name}`", quote(&draft.name.value));
        report.error(codes::MISSING_FIELD, &draft.name.span, message);
    }
    text(field)
}

fn text(field: Option<&At<String>>) -> Option<String> {
    field.map(|field| field.value.clone())
}

/// What the client cannot read, nobody can judge.
fn check_address(address: &At<String>, report: &mut Report) -> bool {
    let text = address.value.as_str();
    let mut schemes = ["https://", "http://"].into_iter();
    let valid = text.len() <= MAX_TEXT
        && schemes.any(|scheme| text.starts_with(scheme))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains('@')
        && web::host_of(text).is_some();
    if !valid {
        let message = "`base_url` is no address".to_owned();
        let hint = "write `https://HOST/PATH`, without a name or password in it".to_owned();
        report.hinted(codes::INVALID_VALUE, &address.span, message, hint);
    }
    valid
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn llama_cpp_is_asked_one_thing_at_a_time_unless_the_policy_says_more() {
        let text = "version = 1\n[models]\nollama = {}\nllama-cpp = {}\nother = { provider = \"llama-cpp\", at_once = 4 }";
        let policy = Policy::parse("lazaret.toml", text).unwrap();
        let at_once = policy.providers().values().map(|one| one.at_once);
        assert!(at_once.eq([1, 64, 4]), "{:?}", policy.providers());
    }
}
