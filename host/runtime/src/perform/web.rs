//! Asks the web: a permitted request, hop by hop. Each address is held against the site's
//! rule, looked up, checked, and then connected to as it was checked.

use std::time::Duration;

use lazaret_policy::web::{Method, Site};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use self::readable::Answer;
use super::{Output, input};
use crate::call::Caller;
use crate::payload::Payload;
use crate::run::Run;

mod address;
mod readable;

pub(crate) use address::resolve;

/// The most bytes of an address.
const MAX_URL_BYTES: usize = 8_192;

/// The most headers that a guest sets, and the bytes of each.
const MAX_HEADERS: usize = 32;
const MAX_HEADER_BYTES: usize = 4_096;

/// Headers that are the host's: they say where a request goes, how long it is, or who asks.
const HOST_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "authorization",
    "proxy-authorization",
    "cookie",
    "forwarded",
    "expect",
];

/// Where the query stands in the search's address and body.
const QUERY: &str = "{query}";

/// A request that may go out.
struct Outgoing {
    method: reqwest::Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

/// Sends a request to a site.
pub(super) async fn fetch(
    caller: &Caller,
    site: &str,
    method: Method,
    inputs: &[(String, Payload)],
) -> Result<Output, String> {
    let run = caller.run();
    let site = run
        .compiled
        .sites
        .get(site)
        .ok_or("there is no such site")?;
    let body = inputs.iter().find(|(name, _)| name == "body");
    let mut headers = HeaderMap::new();
    if let Some((_, given)) = inputs.iter().find(|(name, _)| name == "headers") {
        headers = guest_headers(&given.to_value(), site)?;
    }
    let request = Outgoing {
        method: reqwest_method(method),
        url: parse(&input(inputs, "url")?.to_text())?,
        headers,
        body: body.map(|(_, payload)| payload.to_text().into_bytes()),
    };
    let answer = send(run, site, request).await?;
    let vault = std::sync::Arc::clone(&run.vault);
    let confiner = run.workshop.confiner.clone();
    let described = tokio::task::spawn_blocking(move || {
        readable::describe(&answer, &vault, confiner.as_deref())
    });
    let described = described.await;
    Ok(Output::plain(Payload::json(described.map_err(
        |_panic| "the answer could not be read as text".to_owned(),
    )?)))
}

/// Sends the query, and nothing else, to the search service.
pub(super) async fn search(
    caller: &Caller,
    inputs: &[(String, Payload)],
) -> Result<Output, String> {
    let run = caller.run();
    let search = run.compiled.search.as_ref();
    let search = search.ok_or("there is no search service")?;
    let query = input(inputs, "query")?.to_text();
    let escaped: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let mut headers = HeaderMap::new();
    let mut body = None;
    if let Some(template) = &search.body {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        body = Some(
            with_query(template.clone(), &query)
                .to_string()
                .into_bytes(),
        );
    }
    let request = Outgoing {
        method: if body.is_some() {
            reqwest::Method::POST
        } else {
            reqwest::Method::GET
        },
        url: parse(&search.url.replace(QUERY, &escaped))?,
        headers,
        body,
    };
    let answer = send(run, &search.site, request).await?;
    if !(200..300).contains(&answer.status) {
        return Err(format!(
            "the search service answered with status {}",
            answer.status
        ));
    }
    let value: Value = serde_json::from_slice(&answer.bytes)
        .map_err(|_malformed| "the search service answered no JSON".to_owned())?;
    let results = Payload::json(run.vault.redact_json(value)).project(&search.results);
    Ok(Output::plain(results))
}

/// Puts the query into every text of the body that has a place for it.
fn with_query(body: Value, query: &str) -> Value {
    match body {
        Value::String(text) => Value::String(text.replace(QUERY, query)),
        Value::Array(items) => items
            .into_iter()
            .map(|item| with_query(item, query))
            .collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(key, item)| (key, with_query(item, query)))
                .collect()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

fn parse(text: &str) -> Result<Url, String> {
    if text.len() > MAX_URL_BYTES {
        return Err(format!(
            "the address is past the limit `url-bytes` of {MAX_URL_BYTES}"
        ));
    }
    let mut url = Url::parse(text).map_err(|error| format!("malformed address: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address with a name or a password in it is not asked".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// Reads headers written as `[{"name", "value"}]`.
fn guest_headers(given: &Value, site: &Site) -> Result<HeaderMap, String> {
    let list = given.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() > MAX_HEADERS {
        return Err(format!(
            "the headers are past the limit `headers` of {MAX_HEADERS}"
        ));
    }
    let mut headers = HeaderMap::new();
    for header in list {
        let text = |key: &str| header.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, value) = (text("name").to_ascii_lowercase(), text("value"));
        let own = site
            .headers
            .iter()
            .any(|(own, _)| own.eq_ignore_ascii_case(&name));
        if own || HOST_HEADERS.contains(&name.as_str()) || name.starts_with("proxy-") {
            return Err(format!(
                "the header `{}` is the host's to set",
                name.escape_debug()
            ));
        }
        let parsed = HeaderName::try_from(name.as_str())
            .ok()
            .zip(HeaderValue::try_from(value).ok());
        let (name, value) = parsed
            .filter(|_| value.len() <= MAX_HEADER_BYTES)
            .ok_or("a header is malformed or too long")?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// Sends a request and what it is redirected to, within the site's limits.
async fn send(run: &Run, site: &Site, request: Outgoing) -> Result<Answer, String> {
    let limit = site.limits.timeout_ms;
    tokio::time::timeout(Duration::from_millis(limit), follow(run, site, request))
        .await
        .map_err(|_elapsed| format!("there was no whole answer within `timeout_ms` of {limit}"))?
}

async fn follow(run: &Run, site: &Site, mut request: Outgoing) -> Result<Answer, String> {
    for _ in 0..=site.limits.redirects {
        let response = hop(run, site, &request).await?;
        let Some(next) = redirect(&response, &request.url)? else {
            return read(response, request.url, site.limits.max_bytes).await;
        };
        let keeps_method = matches!(
            response.status(),
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        );
        if !keeps_method && request.method != reqwest::Method::HEAD {
            request.method = reqwest::Method::GET;
            request.body = None;
        }
        request.url = next;
    }
    let most = site.limits.redirects;
    Err(format!(
        "there were more redirects than `redirects` of {most}"
    ))
}

/// Sends one request to an address that the rule allows, at a place that was checked.
async fn hop(run: &Run, site: &Site, request: &Outgoing) -> Result<Response, String> {
    let url = &request.url;
    if !holds(site, url) {
        let origin = url.origin().ascii_serialization();
        return Err(format!(
            "the site's rule does not allow this address at `{origin}`"
        ));
    }
    let checked = address::resolve(url, &site.private, &site.deny).await?;
    let mut headers = request.headers.clone();
    for (name, template) in &site.headers {
        let filled = run.vault.fill(template)?;
        let value = HeaderValue::try_from(filled.as_str());
        let mut value = value.map_err(|_error| format!("the header `{name}` cannot be sent"))?;
        value.set_sensitive(true);
        let name = HeaderName::try_from(name.as_str());
        headers.insert(
            name.map_err(|_error| "a header's name cannot be sent".to_owned())?,
            value,
        );
    }
    let tls = run.tls(url.scheme() == "https")?;
    let client = tls
        .client()
        .resolve_to_addrs(url.host_str().unwrap_or_default(), &checked)
        .build()
        .map_err(|error| reason(run, error))?;
    let mut sending = client
        .request(request.method.clone(), url.clone())
        .headers(headers);
    if let Some(body) = &request.body {
        sending = sending.body(body.clone());
    }
    sending.send().await.map_err(|error| reason(run, error))
}

/// Returns whether the site's rule has the address.
pub(crate) fn holds(site: &Site, url: &Url) -> bool {
    let port = url.port_or_known_default().unwrap_or(0);
    let host = url.host_str().unwrap_or_default();
    site.holds(url.scheme(), host, port, url.path())
}

fn redirect(response: &Response, from: &Url) -> Result<Option<Url>, String> {
    let status = response.status();
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let location = location.to_str().ok();
    let next = location.and_then(|location| from.join(location).ok());
    let next = next.ok_or("the server redirects to no address")?;
    parse(next.as_str()).map(Some)
}

async fn read(mut response: Response, url: Url, most: u64) -> Result<Answer, String> {
    let too_large = || format!("the answer is larger than `max_bytes` of {most}");
    if response
        .content_length()
        .is_some_and(|length| length > most)
    {
        return Err(too_large());
    }
    let media = response.headers().get(reqwest::header::CONTENT_TYPE);
    let media = media
        .and_then(|media| media.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_error| "the answer broke off".to_owned())?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > most {
            return Err(too_large());
        }
    }
    Ok(Answer {
        status,
        url: url.to_string(),
        media,
        bytes,
    })
}

/// The innermost reason: the outer ones say only that a request failed.
fn reason(run: &Run, error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut inner = std::error::Error::source(&error);
    while let Some(next) = inner {
        reason = next.to_string();
        inner = next.source();
    }
    run.vault.redact(&reason).into_owned()
}

fn reqwest_method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
