//! A run's receipt: what the signer states of a run, checkable without the host that made it.
//!
//! A receipt is an in-toto statement (<https://github.com/in-toto/attestation>, Statement v1)
//! in a DSSE envelope (<https://github.com/secure-systems-lab/dsse>, v1) with an ed25519
//! signature. Its subject is the head of the run's hash chain: one hash that every record went
//! into. So whoever also has the run's records can tell whether one was changed, dropped, added
//! or moved; whoever has not learns nothing of them.
//!
//! It shows tampering after signing. It does not show that the host told the truth when it signed.

mod envelope;
mod facts;
mod key;

use thiserror::Error;

pub use self::envelope::{MAX_RECEIPT_BYTES, open, seal};
pub use self::facts::{Facts, Head, Input};
pub use self::key::{Key, PublicKey};

/// Why a receipt is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// It is no receipt of this form.
    #[error("this is no receipt: {0}")]
    Malformed(String),
    /// It is longer than a receipt can be.
    #[error("the receipt is past the limit of {MAX_RECEIPT_BYTES} bytes")]
    TooLong,
    /// Nobody who is trusted signed it.
    #[error("it is signed with `{0}`, which is not among the trusted keys")]
    ForeignKey(String),
    /// The signature does not fit what is signed.
    #[error("the signature of `{0}` does not fit: the receipt was changed after it was signed")]
    BadSignature(String),
    /// What it states is not what the records show.
    #[error("the receipt says {field} `{stated}`, the records say `{found}`")]
    Differs {
        /// What differs.
        field: &'static str,
        /// As the receipt has it.
        stated: String,
        /// As the records have it.
        found: String,
    },
    /// The run's records are not those of a run that ended.
    #[error("the run has no receipt: {0}")]
    NotEnded(&'static str),
    /// A key is written in another form.
    #[error("a key is `ed25519:` and 64 hexadecimal digits")]
    Key,
}

impl ReceiptError {
    /// Returns the code of the page that explains it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "receipt-malformed",
            Self::TooLong => "receipt-too-long",
            Self::ForeignKey(_) => "receipt-foreign-key",
            Self::BadSignature(_) => "receipt-signature",
            Self::Differs { .. } => "receipt-differs",
            Self::NotEnded(_) => "receipt-not-ended",
            Self::Key => "receipt-key",
        }
    }

    /// Returns what to do next.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::TooLong => "`lazaret receipt RUN` writes one",
            Self::ForeignKey(_) => {
                "ask its signer for the public key by another way, and pass it with `--key`"
            }
            Self::BadSignature(_) | Self::Differs { .. } => {
                "trust neither the receipt nor the records; ask the signer for both again"
            }
            Self::NotEnded(_) => "a receipt is made of a run that has ended",
            Self::Key => "`lazaret keygen` prints the public key",
        }
    }
}
