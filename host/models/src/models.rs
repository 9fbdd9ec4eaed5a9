//! Which models a provider offers.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::error::ModelError;
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::transport::{self, Watch};
use crate::wire::{self, Outgoing, classify, text};

/// The longest list of models that is read; `OpenRouter`'s is about 1 MiB.
pub const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

/// The most models that are returned.
pub const MAX_LISTED: usize = 10_000;

/// The lists, and the fields of the ids in them, of all providers.
const LISTS: [(&str, &str); 4] = [
    ("/data", "/id"),
    ("/models", "/name"),
    ("/publisherModels", "/name"),
    ("/modelSummaries", "/modelId"),
];

/// Asks for the list of models.
pub(crate) async fn list(
    http: &reqwest::Client,
    request: Outgoing,
    limits: &Limits,
    deadline: Option<Instant>,
    redactor: &Redactor,
) -> Result<Vec<String>, ModelError> {
    let watch = Watch::new(limits.attempt.min(Duration::from_mins(1)), deadline);
    let mut response = transport::send(http, request, &watch, limits.first_byte, redactor).await?;
    let (limit, idle) = (MAX_LIST_BYTES, limits.idle);
    let body = transport::read_all(&mut response, limit, &watch, idle, redactor).await?;
    let status = response.status();
    if !status.is_success() {
        return Err(classify::refusal(
            status.as_u16(),
            response.headers(),
            &body,
            redactor,
        ));
    }
    ids(&wire::json(&body)?)
}

/// Finds the ids in a list of any provider.
pub(crate) fn ids(body: &Value) -> Result<Vec<String>, ModelError> {
    let found = LISTS
        .iter()
        .find_map(|(list, id)| Some((body.pointer(list)?.as_array()?, id)));
    let Some((list, id)) = found else {
        return Err(ModelError::Malformed(
            "there is no list of models in it".to_owned(),
        ));
    };
    let names = list.iter().filter_map(|model| text(model, id));
    let names = names.map(|name| {
        let name = name.strip_prefix("publishers/google/").unwrap_or(name);
        name.strip_prefix("models/").unwrap_or(name).to_owned()
    });
    Ok(names.take(MAX_LISTED).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_found_in_every_provider_s_list() {
        let cases = [
            (
                json!({"object": "list", "data": [{"id": "a"}, {"id": "b/c"}]}),
                vec!["a", "b/c"],
            ),
            (
                json!({"models": [{"name": "models/gemini"}]}),
                vec!["gemini"],
            ),
            (
                json!({"publisherModels": [{"name": "publishers/google/models/g"}]}),
                vec!["g"],
            ),
            (
                json!({"modelSummaries": [{"modelId": "amazon.nova"}]}),
                vec!["amazon.nova"],
            ),
            // llama.cpp sends both lists.
            (
                json!({"models": [{"name": "x"}], "data": [{"id": "a"}]}),
                vec!["a"],
            ),
            (json!({"data": [{"id": 1}]}), vec![]),
        ];
        for (body, want) in cases {
            assert_eq!(ids(&body).expect("a list"), want);
        }
        ids(&json!({"data": {}})).expect_err("no list");
    }

    #[test]
    fn one_past_the_most_models_is_left_out() {
        let list: Vec<_> = (0..=MAX_LISTED)
            .map(|n| json!({"id": n.to_string()}))
            .collect();
        assert_eq!(
            ids(&json!({"data": list})).expect("a list").len(),
            MAX_LISTED
        );
    }
}
