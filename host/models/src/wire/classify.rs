//! What a refusal means: which of the errors a status and a body stand for.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::error::ModelError;
use crate::redact::Redactor;
use crate::wire::{date, text};

/// The longest wait that is believed; a provider that asks for more has the unit wrong.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Words by which providers say that a prompt does not fit.
const TOO_LONG: [&str; 11] = [
    "context_length_exceeded",
    "exceed_context_size",
    "context length",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
    "input is too long",
    "too many input tokens",
    "input token count",
    "request_too_large",
];

/// Words by which providers say that there is no money left, some of them with status 429.
const NO_CREDIT: [&str; 5] = [
    "insufficient_quota",
    "billing_error",
    "credit balance is too low",
    "billing_hard_limit",
    "insufficient credits",
];

/// Words by which providers say that their rules on content stand against the prompt.
const REFUSED: [&str; 3] = [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicy",
];

/// Words by which providers refuse a key with another status than 401.
const BAD_KEY: [&str; 4] = [
    "api_key_invalid",
    "invalid_api_key",
    "expiredtokenexception",
    "unrecognizedclientexception",
];

/// Reads a refusal that came instead of an answer.
pub(crate) fn refusal(
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    redactor: &Redactor,
) -> ModelError {
    let raw = String::from_utf8_lossy(body);
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = headers
        .get("x-amzn-errortype")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let search = format!("{kind} {raw}").to_lowercase();
    let said = message(&json).map_or_else(|| redactor.clean(&raw), |said| redactor.clean(said));
    let said = if said.is_empty() {
        "no reason given".to_owned()
    } else {
        said
    };
    by_status(status, retry_after(headers, &json), said, &search)
}

/// Reads an error that came in the middle of a stream, where there is no status any more.
pub(crate) fn in_stream(kind: &str, body: &Value, redactor: &Redactor) -> ModelError {
    let number = [
        "/error/code",
        "/error/status",
        "/code",
        "/originalStatusCode",
    ];
    let number = number.iter().find_map(|at| body.pointer(at)?.as_u64());
    let number = number
        .and_then(|n| u16::try_from(n).ok())
        .filter(|n| (400..600).contains(n));
    let names = ["/error/type", "/error/status", "/error/code", "/type"];
    let names = names.iter().filter_map(|at| text(body, at));
    let status = names
        .chain([kind])
        .find_map(status_of)
        .or(number)
        .unwrap_or(500);
    let search = format!("{kind} {body}").to_lowercase();
    let said = redactor.clean(message(body).unwrap_or(kind));
    by_status(status, retry_delay(body), said, &search)
}

fn by_status(status: u16, retry_after: Option<Duration>, text: String, search: &str) -> ModelError {
    let says = |words: &[&str]| words.iter().any(|word| search.contains(word));
    match status {
        402 => ModelError::OutOfCredit(text),
        400 | 403 | 429 if says(&NO_CREDIT) => ModelError::OutOfCredit(text),
        401 | 403 => ModelError::Unauthorised { status, text },
        400 if says(&BAD_KEY) => ModelError::Unauthorised { status, text },
        400 if says(&REFUSED) => ModelError::Refused(text),
        413 => ModelError::TooLong(text),
        400 | 422 | 500 if says(&TOO_LONG) => ModelError::TooLong(text),
        404 => ModelError::UnknownModel(text),
        429 => ModelError::RateLimited { retry_after, text },
        503 | 529 => ModelError::Overloaded {
            retry_after,
            status,
            text,
        },
        408 | 409 | 424 | 425 | 500.. => ModelError::Failed { status, text },
        _ => ModelError::BadRequest { status, text },
    }
}

/// Returns the status for which a provider's word for an error stands.
fn status_of(name: &str) -> Option<u16> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_str() {
        "overloaded_error"
        | "unavailable"
        | "serviceunavailableexception"
        | "service_unavailable"
        | "modelnotreadyexception" => 529,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "resource_exhausted"
        | "throttlingexception"
        | "insufficient_quota" => 429,
        "authentication_error" | "unauthenticated" | "invalid_api_key" => 401,
        "permission_error" | "permission_denied" | "accessdeniedexception" => 403,
        "billing_error" => 402,
        "not_found_error" | "not_found" | "resourcenotfoundexception" => 404,
        "invalid_request_error"
        | "invalid_argument"
        | "validationexception"
        | "context_length_exceeded"
        | "exceed_context_size_error" => 400,
        "request_too_large" => 413,
        "timeout_error" | "deadline_exceeded" | "modeltimeoutexception" => 408,
        "modelerrorexception" | "modelstreamerrorexception" => 424,
        "api_error" | "server_error" | "internal" | "internalserverexception" => 500,
        _ => return None,
    })
}

/// Finds the sentence in a refusal.
fn message(body: &Value) -> Option<&str> {
    // Gemini wraps the errors of streams into a list.
    let body = body.get(0).unwrap_or(body);
    let paths = [
        "/error/message",
        "/message",
        "/Message",
        "/detail",
        "/error",
    ];
    paths
        .iter()
        .find_map(|at| text(body, at))
        .filter(|said| !said.is_empty())
}

/// Returns how long a provider asks to wait. An HTTP date is compared with the provider's own
/// `Date`, so that neither clock has to be right.
fn retry_after(headers: &HeaderMap, body: &Value) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let millis = header("retry-after-ms").and_then(|ms| ms.trim().parse().ok());
    let wait = millis.map(Duration::from_millis).or_else(|| {
        let value = header("retry-after")?.trim();
        let seconds = value.parse::<f64>().ok();
        let seconds = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
        seconds.or_else(|| Some(date::http(value)?.saturating_sub(date::http(header("date")?)?)))
    });
    wait.or_else(|| retry_delay(body))
        .map(|wait| wait.min(MAX_RETRY_AFTER))
}

/// Finds Gemini's `retryDelay`, as in `"13.5s"`.
fn retry_delay(body: &Value) -> Option<Duration> {
    let body = body.get(0).unwrap_or(body);
    let details = body.pointer("/error/details")?.as_array()?;
    let delay = details
        .iter()
        .find_map(|detail| text(detail, "/retryDelay"))?;
    let seconds = delay.strip_suffix('s')?.parse::<f64>().ok()?;
    Some(
        Duration::try_from_secs_f64(seconds)
            .ok()?
            .min(MAX_RETRY_AFTER),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;

    /// Headers, and the wait that they stand for.
    type Case<'a> = (&'a [(&'static str, &'a str)], Option<f64>);

    fn refused(status: u16, headers: &[(&'static str, &str)], body: &str) -> ModelError {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a value"));
        }
        refusal(
            status,
            &map,
            body.as_bytes(),
            &Redactor::new(vec![Secret::new("sk-secret-key")]),
        )
    }

    #[test]
    fn statuses_and_words_lead_to_the_right_error() {
        let cases = [
            (
                401,
                "{\"error\":{\"message\":\"no\"}}",
                "model-unauthorised",
            ),
            (403, "", "model-unauthorised"),
            (
                400,
                "{\"error\":{\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}",
                "model-unauthorised",
            ),
            (402, "", "model-credit"),
            (
                429,
                "{\"error\":{\"code\":\"insufficient_quota\"}}",
                "model-credit",
            ),
            (
                400,
                "{\"error\":{\"message\":\"Your credit balance is too low\"}}",
                "model-credit",
            ),
            (404, "", "model-unknown"),
            (429, "", "model-rate-limited"),
            (503, "", "model-overloaded"),
            (529, "", "model-overloaded"),
            (500, "", "model-failed"),
            (424, "", "model-failed"),
            (
                400,
                "{\"error\":{\"message\":\"prompt is too long: 3 > 2\"}}",
                "model-too-long",
            ),
            (
                400,
                "{\"error\":{\"type\":\"exceed_context_size_error\"}}",
                "model-too-long",
            ),
            (413, "", "model-too-long"),
            (
                400,
                "{\"error\":{\"code\":\"content_filter\"}}",
                "model-refused",
            ),
            (400, "{}", "model-bad-request"),
            (302, "", "model-bad-request"),
        ];
        for (status, body, code) in cases {
            assert_eq!(refused(status, &[], body).code(), code, "{status} {body}");
        }
    }

    #[test]
    fn waits_are_read_in_every_form() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let later = "Sun, 06 Nov 1994 08:51:07 GMT";
        let cases: &[Case<'_>] = &[
            (&[], None),
            (&[("retry-after", "20")], Some(20.0)),
            (&[("retry-after", "1.5")], Some(1.5)),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "1e300")], None),
            (&[("retry-after", "99999999")], Some(86_400.0)),
            (
                &[("retry-after-ms", "250"), ("retry-after", "1")],
                Some(0.25),
            ),
            (&[("retry-after", later), ("date", date)], Some(90.0)),
            (&[("retry-after", date), ("date", later)], Some(0.0)),
            (&[("retry-after", later)], None),
        ];
        for (headers, want) in cases {
            let ModelError::RateLimited { retry_after, .. } = refused(429, headers, "") else {
                panic!("not a rate limit");
            };
            assert_eq!(retry_after.map(|d| d.as_secs_f64()), *want, "{headers:?}");
        }
        let body = json!({"error": {"details": [{"@type": "x"}, {"retryDelay": "13.5s"}]}});
        let ModelError::RateLimited { retry_after, .. } = refused(429, &[], &body.to_string())
        else {
            panic!("not a rate limit");
        };
        assert_eq!(retry_after, Some(Duration::from_millis(13_500)));
    }

    #[test]
    fn errors_within_a_stream_are_read_by_their_names() {
        let cases = [
            (
                "error",
                json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}),
                "model-overloaded",
            ),
            (
                "error",
                json!({"error": {"type": "rate_limit_error"}}),
                "model-rate-limited",
            ),
            (
                "",
                json!({"error": {"code": 503, "status": "UNAVAILABLE"}}),
                "model-overloaded",
            ),
            (
                "",
                json!({"error": {"code": 400, "message": "x"}}),
                "model-bad-request",
            ),
            (
                "throttlingException",
                json!({"message": "slow down"}),
                "model-rate-limited",
            ),
            (
                "validationException",
                json!({"message": "input is too long"}),
                "model-too-long",
            ),
            ("", json!({"error": "what"}), "model-failed"),
        ];
        for (kind, body, code) in cases {
            assert_eq!(
                in_stream(kind, &body, &Redactor::default()).code(),
                code,
                "{body}"
            );
        }
    }

    #[test]
    fn a_key_that_the_provider_echoes_is_masked() {
        for status in [400, 401, 404, 413, 429, 500, 503] {
            for body in [
                "{\"error\":{\"message\":\"bad sk-secret-key\"}}",
                "bad sk-secret-key",
            ] {
                let shown = format!("{0} {0:?}", refused(status, &[], body));
                assert!(!shown.contains("secret-key"), "{shown}");
                assert!(shown.contains("[redacted]"), "{shown}");
            }
        }
    }
}
