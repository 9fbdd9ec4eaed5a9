//! Whether a request to Amazon is signed as it should be (Signature Version 4).
//!
//! Written from Amazon's description and apart from the library's own signer; that boto3's
//! requests pass shows that it is right.

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::server::{AWS_SECRET, KEY, Seen};

pub(super) fn check(seen: &Seen) -> Result<(), (u16, String)> {
    let refused = |what: &str| (403, format!("the request signature is wrong: {what}"));
    let value = seen
        .header("authorization")
        .ok_or_else(|| refused("there is none"))?;
    let field = |name: &str| {
        let (_, rest) = value.split_once(name)?;
        rest.split(',').next()
    };
    let credential = field("Credential=").ok_or_else(|| refused("no credential"))?;
    let signed = field("SignedHeaders=").ok_or_else(|| refused("no headers"))?;
    let given = field("Signature=").ok_or_else(|| refused("no signature"))?;
    let (access_key, scope) = credential.split_once('/').unwrap_or_default();
    if access_key != KEY {
        return Err((403, format!("the access key {access_key} is unknown")));
    }
    if !["host", "x-amz-date"]
        .iter()
        .all(|name| signed.split(';').any(|other| other == *name))
    {
        return Err(refused("host and date are not signed"));
    }
    let date = seen
        .header("x-amz-date")
        .ok_or_else(|| refused("no date"))?;
    let request = hex(&Sha256::digest(canonical(seen, signed)));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{request}");
    let mut key = format!("AWS4{AWS_SECRET}").into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part);
    }
    if hex(&hmac(&key, &text)) == given {
        Ok(())
    } else {
        Err(refused("it does not match"))
    }
}

fn canonical(seen: &Seen, signed: &str) -> String {
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let header = |name: &str| format!("{name}:{}\n", seen.header(name).unwrap_or_default());
    let headers: String = signed.split(';').map(header).collect();
    // Once more encoded than it came: `%3A` becomes `%253A`.
    let path = path.replace('%', "%25").replace(':', "%3A");
    let body = hex(&Sha256::digest(&seen.body));
    format!(
        "{}\n{path}\n{query}\n{headers}\n{signed}\n{body}",
        seen.method
    )
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    mac.map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}
