//! The codes of every problem and denial that manifests and policies can have, one line each.

/// A code and its summary.
pub type Code = (&'static str, &'static str);

macro_rules! codes {
    ($($name:ident = $code:literal, $summary:literal;)*) => {
        $(#[doc = $summary] pub const $name: Code = ($code, $summary);)*

        /// Every code, with a summary. Each has a page.
        pub const CODES: &[(&str, &str)] = &[$($name),*];
    };
}

codes! {
    // The texts themselves.
    TOML_SYNTAX = "toml-syntax", "the file is not well-formed TOML";
    TOO_LARGE = "too-large", "the text is longer than the limit";
    UNKNOWN_FIELD = "unknown-field", "a section has a field that it cannot have";
    MISSING_FIELD = "missing-field", "a section lacks a field that it must have";
    WRONG_TYPE = "wrong-type", "a field's value is of the wrong type";
    OUT_OF_RANGE = "out-of-range", "a number is outside its limits";
    INVALID_NAME = "invalid-name", "a name has characters that it cannot have";
    INVALID_VALUE = "invalid-value", "a field's value is not one of those allowed";
    INVALID_POINTER = "invalid-pointer", "a text is no JSON pointer";
    INVALID_SCHEMA = "invalid-schema", "the schema of a source's items is no JSON Schema";
    TOO_MANY = "too-many", "a list is longer than its limit";
    DUPLICATE = "duplicate", "something is said twice";
    // The policy's own consistency.
    POLICY_VERSION = "policy-version", "the policy's version is not one that this host reads";
    RESERVED_NAME = "reserved-name", "a name is the host's own";
    UNKNOWN_LABEL = "unknown-label", "a tag is named that no source carries";
    UNKNOWN_READERS = "unknown-readers", "a set of readers is named that the policy does not define";
    UNKNOWN_PRINCIPALS = "unknown-principals", "a list of principals is named that the policy does not define";
    UNTRUSTED_PRINCIPAL = "untrusted-principal", "a field that strangers may write would say who they are";
    UNKNOWN_PLUGIN = "unknown-plugin", "a plugin is named that the policy does not list";
    UNKNOWN_FUNCTION = "unknown-function", "a function is granted that the policy does not define";
    UNKNOWN_MODEL = "unknown-model", "an alias or a route names a model that the policy does not define";
    UNKNOWN_GATE = "unknown-gate", "a gate rule is named that the policy does not define";
    UNSAFE_PATH = "unsafe-path", "a mount's path is absolute or leads upwards";
    STORE_TOLERANCE = "store-tolerance", "a directory would forget the tags written to it";
    MOUNT_OVERLAP = "mount-overlap", "one directory is mounted under two labels";
    UNKNOWN_SECRET = "unknown-secret", "a secret is named that the policy does not define";
    SECRET_HOST = "secret-host", "a secret would go where it does not belong";
    RULE = "rule", "a rule over arguments is malformed, names what is not there, or can never match";
    TOOL_USE = "tool-use", "a tool is granted something that tools cannot use";
    // The policy and the plugins together.
    PLUGIN_MISSING = "plugin-missing", "a plugin that the policy uses was not found";
    PLUGIN_WORLD = "plugin-world", "a component is of another world than its use needs";
    FORBIDDEN = "forbidden", "a policy allows what the administrator forbids";
    ANSWER_UNLABELLED = "answer-unlabelled", "a tool reads what is labelled, and a function's answer is not";
    UNREACHABLE = "unreachable", "nobody can ever use what the policy defines";
    NO_RULE = "no-rule", "a plugin asks for a function for which the policy has no rule";
    GRANT_NOT_REQUESTED = "grant-not-requested", "the policy grants what the plugin did not request";
    // The manifest in a component.
    NOT_A_COMPONENT = "not-a-component", "the file is no WebAssembly component";
    MANIFEST_TWICE = "manifest-twice", "the component carries more than one manifest";
    MANIFEST_TEXT = "manifest-text", "the component's manifest is too long or no text";
    // Closed types.
    NOT_CLOSED = "not-closed", "a schema's values cannot be counted, so that no gate may pass them";
    // Denials.
    DENIED_UNKNOWN_HANDLE = "unknown-handle", "the caller was not given that handle";
    DENIED_INSTANCE_ENDED = "instance-ended", "the caller is no longer alive";
    DENIED_NO_MODEL = "no-model", "an agent asks a model and the policy configures none";
    DENIED_NOT_GRANTED = "not-granted", "the caller's grants do not hold the function";
    DENIED_UNKNOWN_ARGUMENT = "unknown-argument", "the function has no such argument";
    DENIED_CALLER_TAINT = "caller-taint", "the caller has read what the call does not tolerate";
    DENIED_TAINT = "taint", "an argument carries a tag that it does not tolerate";
    DENIED_READERS = "readers", "the effect reaches somebody who may not read what goes there";
    DENIED_RULE = "rule-forbids", "a rule over the arguments forbids the call";
    DENIED_NEEDS_APPROVAL = "needs-approval", "a person has to approve the call";
    DENIED_CLEARANCE = "clearance", "reading would raise the caller over its clearance";
    DENIED_GATE_NOT_GRANTED = "gate-not-granted", "the caller's grants do not hold the gate rule";
    DENIED_GATE_CALLER = "gate-caller", "the caller carries a tag that the gate removes";
    DENIED_GATE_READERS = "gate-readers", "the caller knows what those to whom the gate releases may not read";
    DENIED_GATE_ITEM_BUDGET = "gate-item-budget", "an item's bits through this gate rule are spent";
    DENIED_GATE_RUN_BUDGET = "gate-run-budget", "the run's bits are spent";
    NO_PRICE = "no-price", "money is limited and the price of a model is not known";
    DENIED_UNKNOWN_PROFILE = "unknown-profile", "the policy has no such profile";
    DENIED_SPAWN_GRANTS = "spawn-grants", "the child would hold more than its parent";
    DENIED_SPAWN_CLEARANCE = "spawn-clearance", "the task's text is above what the profile may read";
    DENIED_TOO_MANY_HANDLES = "too-many-handles", "the caller holds as many handles as it may";
    DENIED_TOO_MANY_ARGUMENTS = "too-many-arguments", "the call has more arguments than a function may have";
}
