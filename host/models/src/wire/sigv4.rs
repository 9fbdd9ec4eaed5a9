//! How a request to Amazon is signed (Signature Version 4).

use std::fmt::Write as _;
use std::time::SystemTime;

use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::error::ModelError;
use crate::secret::Secret;
use crate::wire::{Outgoing, date};

/// Everything but what RFC 3986 leaves as it is.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The keys of an Amazon account or session.
#[derive(Debug, Clone)]
pub struct AwsKeys {
    /// The id of the access key; not a secret, but redacted all the same.
    pub access_key: Secret,
    /// The secret access key.
    pub secret_key: Secret,
    /// The token of a session.
    pub session_token: Option<Secret>,
}

/// Adds the date and the signature to a request.
pub(crate) fn sign(
    mut request: Outgoing,
    keys: &AwsKeys,
    region: &str,
    service: &str,
    now: SystemTime,
) -> Result<Outgoing, ModelError> {
    let time = date::compact(now);
    request = request.header("x-amz-date", &time)?;
    if let Some(token) = &keys.session_token {
        request = request.key("x-amz-security-token", "", token)?;
    }
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let (signed, canonical) = canonical(&request);
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
    let first = zeroize::Zeroizing::new(format!("AWS4{}", keys.secret_key.expose()));
    let key = [day, region, service, "aws4_request"]
        .iter()
        .fold(first.as_bytes().to_vec(), |key, part| hmac(&key, part));
    let signature = hex(&hmac(&key, &to_sign));
    let access_key = keys.access_key.expose();
    let value = Secret::new(format!(
        "Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
    ));
    request.key("authorization", "AWS4-HMAC-SHA256 ", &value)
}

/// Returns the names of the signed headers and the canonical form of the request.
fn canonical(request: &Outgoing) -> (String, String) {
    let mut headers: Vec<(String, String)> = request
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                value.to_str().unwrap_or_default().trim().to_owned(),
            )
        })
        .collect();
    headers.push(("host".to_owned(), host(request)));
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let signed = names.join(";");
    let mut out = format!(
        "{}\n{}\n{}\n",
        request.method,
        path(request),
        query(request)
    );
    for (name, value) in &headers {
        out.extend([name, ":", value, "\n"]);
    }
    out.extend(["\n", &signed, "\n", &hex(&Sha256::digest(&request.body))]);
    (signed, out)
}

fn host(request: &Outgoing) -> String {
    let host = request.url.host_str().unwrap_or_default();
    request
        .url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Each part of the path is encoded once more than on the wire; only S3 is different.
fn path(request: &Outgoing) -> String {
    let encode = |part| utf8_percent_encode(part, UNRESERVED).to_string();
    request
        .url
        .path()
        .split('/')
        .map(encode)
        .collect::<Vec<_>>()
        .join("/")
}

fn query(request: &Outgoing) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<_> = request
        .url
        .query_pairs()
        .map(|(k, v)| format!("{}={}", encode(&k), encode(&v)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // INVARIANT: HMAC takes keys of any length, so there is always a code to compute.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a string cannot fail.
        write!(out, "{byte:02x}").unwrap_or_default();
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::Url;
    use serde_json::json;

    use super::*;

    fn keys(session_token: Option<&str>) -> AwsKeys {
        AwsKeys {
            access_key: Secret::new("AKIDEXAMPLE"),
            secret_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: session_token.map(Secret::new),
        }
    }

    fn authorization(
        request: Outgoing,
        keys: &AwsKeys,
        region: &str,
        service: &str,
        at: u64,
    ) -> String {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        let signed = sign(request, keys, region, service, now).expect("a signature");
        assert!(signed.headers["authorization"].is_sensitive());
        signed.headers["authorization"]
            .to_str()
            .expect("ASCII")
            .to_owned()
    }

    #[test]
    fn amazon_s_own_example_is_signed_right() {
        // `get-vanilla` of the AWS Signature Version 4 test suite.
        let url = Url::parse("https://example.amazonaws.com/").expect("an address");
        let signed = authorization(
            Outgoing::get(url),
            &keys(None),
            "us-east-1",
            "service",
            1_440_938_160,
        );
        assert_eq!(
            signed,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }

    #[test]
    fn a_request_to_bedrock_is_signed_as_botocore_does() {
        // Made with botocore 1.44.5.
        let url = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/\
                   eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse";
        let url = Url::parse(url).expect("an address");
        let request = Outgoing::post(url, &json!({"messages": []}));
        let keys = keys(Some("token/+="));
        let signed = authorization(request, &keys, "eu-west-1", "bedrock", 1_767_323_045);
        assert!(signed.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token"));
        let wanted = "41821a1ced1d4d2f1ac8d2c1477cc87aa7ead730a16eee5199df2a959e059373";
        assert!(signed.ends_with(wanted), "{signed}");
    }
}
