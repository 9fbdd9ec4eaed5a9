//! Keys and tokens that the host adds at the border: here one can only ask whether one is there.

use crate::bindings::secrets as host;

/// Returns whether a secret is set that something granted to this component uses.
pub fn exists(name: &str) -> bool {
    host::exists(name)
}
