//! Receipts: what is signed is what is read, and nothing that was forged is accepted.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "helpers of tests stop a test as tests do"
)]

use lazaret_workflow::event::{ContentRef, Event, LabelText, PluginUse};
use lazaret_workflow::receipt::{
    self, Facts, Head, Key, MAX_RECEIPT_BYTES, PublicKey, ReceiptError,
};
use lazaret_workflow::status::Status;
use serde_json::Value;

fn content(digest: &str) -> ContentRef {
    let label = LabelText {
        taint: Vec::new(),
        readers: None,
    };
    let digest = digest.to_owned();
    ContentRef { digest, label }
}

fn started(seed: u64) -> Event {
    let plugin = |name: &str, digest: &str| PluginUse {
        name: name.to_owned(),
        digest: digest.to_owned(),
    };
    Event::RunStarted {
        workflow: "triage".to_owned(),
        policy: "p0".to_owned(),
        plugins: vec![plugin("reader", "r0"), plugin("actor", "a0")],
        arguments: content("in0"),
        seed,
        started_ms: 7,
        launch: None,
    }
}

fn finished() -> Event {
    Event::RunFinished {
        at_ms: 0,
        status: Status::Done,
        result: None,
        failure: None,
        bits: 1585,
    }
}

fn head() -> Head {
    Head {
        records: 2,
        hash: "ab".repeat(32),
    }
}

fn facts() -> Facts {
    Facts::of("run1", head(), &[started(1), finished()]).unwrap()
}

fn key(byte: u8) -> Key {
    Key::from_seed(&[byte; 32])
}

fn sealed() -> String {
    receipt::seal(&facts(), &key(1)).unwrap()
}

/// Changes one field of the envelope.
fn with(receipt: &str, pointer: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut envelope: Value = serde_json::from_str(receipt).unwrap();
    change(envelope.pointer_mut(pointer).unwrap());
    envelope.to_string()
}

fn opened(receipt: &str) -> Result<Facts, ReceiptError> {
    receipt::open(receipt, &[key(9).public(), key(1).public()]).map(|(facts, signer)| {
        assert_eq!(signer, key(1).public());
        facts
    })
}

#[test]
fn what_was_signed_is_what_is_read() {
    assert_eq!(opened(&sealed()), Ok(facts()));
    facts().agree(&facts()).unwrap();
}

#[test]
fn a_key_that_is_not_trusted_is_foreign_whatever_it_calls_itself() {
    let foreign = receipt::seal(&facts(), &key(2)).unwrap();
    let name = key(2).public().to_string();
    assert_eq!(opened(&foreign), Err(ReceiptError::ForeignKey(name)));
    let trusted = key(1).public().to_string();
    let posing = with(&foreign, "/signatures/0/keyid", |id| {
        *id = trusted.clone().into();
    });
    assert_eq!(opened(&posing), Err(ReceiptError::BadSignature(trusted)));
}

#[test]
fn no_bit_of_the_statement_or_of_the_signature_can_change() {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    for pointer in ["/payload", "/signatures/0/sig"] {
        let envelope: Value = serde_json::from_str(&sealed()).unwrap();
        let text = envelope.pointer(pointer).unwrap().as_str().unwrap();
        let bytes = base64.decode(text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let forged = with(&sealed(), pointer, |field| {
                *field = base64.encode(&changed).into();
            });
            let error = opened(&forged).unwrap_err();
            assert_eq!(error.code(), "receipt-signature", "bit {bit} of {pointer}");
        }
    }
}

#[test]
fn one_signature_is_needed_and_no_more() {
    let none = with(&sealed(), "/signatures", |all| {
        *all = Value::Array(Vec::new());
    });
    assert_eq!(opened(&none).unwrap_err().code(), "receipt-malformed");
    let two = with(&sealed(), "/signatures", |all| {
        let first = all[0].clone();
        all.as_array_mut().unwrap().push(first);
    });
    assert_eq!(opened(&two).unwrap_err().code(), "receipt-malformed");
}

#[test]
fn another_payload_type_is_not_read_though_the_signature_would_be_checked() {
    let other = with(&sealed(), "/payloadType", |field| {
        *field = "text/plain".into();
    });
    assert_eq!(opened(&other).unwrap_err().code(), "receipt-malformed");
}

#[test]
fn a_receipt_past_the_limit_is_not_read() {
    let padded = |bytes: usize| format!("{}{}", sealed(), " ".repeat(bytes - sealed().len()));
    assert_eq!(opened(&padded(MAX_RECEIPT_BYTES)), Ok(facts()));
    assert_eq!(
        opened(&padded(MAX_RECEIPT_BYTES + 1)),
        Err(ReceiptError::TooLong)
    );
}

type Change = fn(&mut Facts);

#[test]
fn every_fact_that_the_records_show_otherwise_is_found() {
    let changes: [(&str, Change); 10] = [
        ("the run", |facts| facts.run.push('x')),
        ("the last hash", |facts| facts.head.hash.push('0')),
        ("records", |facts| facts.head.records += 1),
        ("the workflow", |facts| facts.workflow.push('x')),
        ("the status", |facts| facts.status = Status::Failed),
        ("the start", |facts| facts.started_ms += 1),
        ("the policy", |facts| facts.policy = "p1".to_owned()),
        ("the plugins", |facts| {
            facts.plugins[1].digest = "a1".to_owned();
        }),
        ("the inputs", |facts| facts.inputs.clear()),
        ("gate bits", |facts| facts.gate_bits = 0),
    ];
    for (expected, change) in changes {
        let mut other = facts();
        change(&mut other);
        let error = facts().agree(&other).unwrap_err();
        let ReceiptError::Differs { field, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(field, expected);
    }
}

#[test]
fn an_input_cannot_be_guessed_without_the_seed() {
    let other = Facts::of("run1", head(), &[started(2), finished()]).unwrap();
    assert_ne!(facts().inputs, other.inputs);
    assert!(!sealed().contains("in0"));
}

#[test]
fn a_run_that_has_not_ended_has_no_receipt() {
    for events in [vec![], vec![started(1)], vec![finished()]] {
        let error = Facts::of("run1", head(), &events).unwrap_err();
        assert_eq!(error.code(), "receipt-not-ended");
    }
}

#[test]
fn keys_are_read_as_they_are_written() {
    let written = key(1).public().to_string();
    assert_eq!(written.parse::<PublicKey>(), Ok(key(1).public()));
    let short = &written[..written.len() - 1];
    let no_prefix = &written["ed25519:".len()..];
    for text in [short, no_prefix, "ed25519:", "", &written.replace('a', "g")] {
        assert_eq!(text.parse::<PublicKey>(), Err(ReceiptError::Key), "{text}");
    }
    assert!(
        !format!("{:?}", key(1)).contains("0101"),
        "no secret is printed"
    );
}
