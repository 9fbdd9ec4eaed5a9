//! The signed form: an in-toto statement in a DSSE envelope.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::facts::{Facts, Head, Input};
use super::{Key, PublicKey, ReceiptError};
use crate::event::PluginUse;
use crate::status::Status;

/// The most bytes of a receipt that is read.
pub const MAX_RECEIPT_BYTES: usize = 1 << 20;

/// The type that in-toto gives its statements in an envelope.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The form of the statement.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What the statement is about, and the version of its predicate's form.
const PREDICATE_TYPE: &str = "urn:lazaret:receipt:1";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signed>,
}

#[derive(Serialize, Deserialize)]
struct Signed {
    keyid: String,
    sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Statement {
    #[serde(rename = "_type")]
    form: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: SubjectDigest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectDigest {
    sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    records: u64,
    workflow: String,
    status: Status,
    started_ms: u64,
    policy: String,
    plugins: Vec<PluginUse>,
    inputs: Vec<Input>,
    gate_bits_thousandths: u64,
}

/// Signs a run's facts: the text of a receipt.
pub fn seal(facts: &Facts, key: &Key) -> Result<String, ReceiptError> {
    let statement = serde_json::to_vec(&statement(facts)).map_err(malformed)?;
    let signature = key.sign(&pre_authentication(PAYLOAD_TYPE, &statement));
    let envelope = Envelope {
        payload_type: PAYLOAD_TYPE.to_owned(),
        payload: STANDARD.encode(statement),
        signatures: vec![Signed {
            keyid: key.public().to_string(),
            sig: STANDARD.encode(signature),
        }],
    };
    serde_json::to_string_pretty(&envelope).map_err(malformed)
}

/// Checks a receipt against the trusted keys, and returns what it states and who signed it.
pub fn open(receipt: &str, trusted: &[PublicKey]) -> Result<(Facts, PublicKey), ReceiptError> {
    if receipt.len() > MAX_RECEIPT_BYTES {
        return Err(ReceiptError::TooLong);
    }
    let envelope: Envelope = serde_json::from_str(receipt).map_err(malformed)?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(unknown("payloadType", &envelope.payload_type));
    }
    let [signed] = envelope.signatures.as_slice() else {
        return Err(ReceiptError::Malformed("it has not one signature".into()));
    };
    let payload = decode(&envelope.payload)?;
    let signer = check(signed, &payload, trusted)?;
    // Only what is signed is read.
    let statement: Statement = serde_json::from_slice(&payload).map_err(malformed)?;
    Ok((facts(statement)?, signer))
}

/// The key's name in the envelope is not signed: it only says which trusted key to try.
fn check(
    signed: &Signed,
    payload: &[u8],
    trusted: &[PublicKey],
) -> Result<PublicKey, ReceiptError> {
    let named = |key: &&PublicKey| key.to_string() == signed.keyid;
    let Some(key) = trusted.iter().find(named) else {
        return Err(ReceiptError::ForeignKey(signed.keyid.clone()));
    };
    let bytes = decode(&signed.sig)?;
    let fits = <[u8; 64]>::try_from(bytes)
        .is_ok_and(|signature| key.accepts(&pre_authentication(PAYLOAD_TYPE, payload), &signature));
    if fits {
        Ok(*key)
    } else {
        Err(ReceiptError::BadSignature(signed.keyid.clone()))
    }
}

/// DSSE's pre-authentication encoding (protocol.md, *Signature definition*).
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (types, bytes) = (payload_type.len(), payload.len());
    let mut message = format!("DSSEv1 {types} {payload_type} {bytes} ").into_bytes();
    message.extend_from_slice(payload);
    message
}

fn statement(facts: &Facts) -> Statement {
    Statement {
        form: STATEMENT_TYPE.to_owned(),
        subject: vec![Subject {
            name: facts.run.clone(),
            digest: SubjectDigest {
                sha256: facts.head.hash.clone(),
            },
        }],
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: Predicate {
            records: facts.head.records,
            workflow: facts.workflow.clone(),
            status: facts.status,
            started_ms: facts.started_ms,
            policy: facts.policy.clone(),
            plugins: facts.plugins.clone(),
            inputs: facts.inputs.clone(),
            gate_bits_thousandths: facts.gate_bits,
        },
    }
}

fn facts(statement: Statement) -> Result<Facts, ReceiptError> {
    if statement.form != STATEMENT_TYPE {
        return Err(unknown("_type", &statement.form));
    }
    if statement.predicate_type != PREDICATE_TYPE {
        return Err(unknown("predicateType", &statement.predicate_type));
    }
    let Ok([subject]) = <[Subject; 1]>::try_from(statement.subject) else {
        return Err(ReceiptError::Malformed("it has not one subject".into()));
    };
    let predicate = statement.predicate;
    Ok(Facts {
        run: subject.name,
        head: Head {
            records: predicate.records,
            hash: subject.digest.sha256,
        },
        workflow: predicate.workflow,
        status: predicate.status,
        started_ms: predicate.started_ms,
        policy: predicate.policy,
        plugins: predicate.plugins,
        inputs: predicate.inputs,
        gate_bits: predicate.gate_bits_thousandths,
    })
}

fn decode(text: &str) -> Result<Vec<u8>, ReceiptError> {
    STANDARD
        .decode(text)
        .map_err(|error| ReceiptError::Malformed(error.to_string()))
}

fn unknown(field: &str, value: &str) -> ReceiptError {
    ReceiptError::Malformed(format!("its {field} is `{}`", value.escape_debug()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it has the form that `map_err` takes"
)]
fn malformed(error: serde_json::Error) -> ReceiptError {
    ReceiptError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pre_authentication_encoding_is_the_one_of_the_specification() {
        let encoded = pre_authentication("http://example.com/HelloWorld", b"hello world");
        let expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
        assert_eq!(encoded, expected);
    }
}
