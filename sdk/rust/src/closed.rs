//! Closed types: those whose values can be counted, and which alone pass a gate.
//!
//! ```
//! lazaret_sdk::closed_enum! {
//!     /// How bad it is.
//!     pub enum Severity { Low = "low", High = "high" }
//! }
//! lazaret_sdk::closed_record! {
//!     /// What a reader says of a report.
//!     pub struct Verdict { pub severity: Severity, pub needs_reply: bool }
//! }
//! use lazaret_sdk::closed::Closed as _;
//! assert_eq!(Verdict::schema()["properties"]["severity"]["enum"][1], "high");
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Content;

/// A type with a finite number of values and its JSON Schema.
pub trait Closed: Serialize + DeserializeOwned {
    /// Returns the JSON Schema from which the gate's capacity is counted.
    fn schema() -> Value;
}

/// Returns the schema that asks which of its parts a child handed back.
pub(crate) fn part() -> Value {
    json!({"x-lazaret-part": true})
}

/// Returns the schema of a list's members, by the list's handle.
pub(crate) fn member_of(list: Content) -> Value {
    json!({"x-lazaret-member-of": list.handle().to_string()})
}

impl Closed for bool {
    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

/// Declares an enum whose values are texts.
#[macro_export]
macro_rules! closed_enum {
    ($(#[$meta:meta])* $visible:vis enum $name:ident { $($(#[$value_meta:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "lazaret_sdk::serde")]
        $visible enum $name { $($(#[$value_meta])* #[serde(rename = $text)] $value),+ }

        impl $name {
            /// Returns the text that stands for the value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text),+ }
            }
        }

        impl $crate::closed::Closed for $name {
            fn schema() -> $crate::serde_json::Value {
                $crate::serde_json::json!({ "enum": [$($text),+] })
            }
        }
    };
}

/// Declares a record of closed types.
#[macro_export]
macro_rules! closed_record {
    ($(#[$meta:meta])* $visible:vis struct $name:ident { $($(#[$field_meta:meta])* $field_visible:vis $field:ident : $kind:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "lazaret_sdk::serde")]
        $visible struct $name { $($(#[$field_meta])* $field_visible $field: $kind),+ }

        impl $crate::closed::Closed for $name {
            fn schema() -> $crate::serde_json::Value {
                let mut properties = $crate::serde_json::Map::new();
                $(properties.insert(
                    stringify!($field).to_owned(),
                    <$kind as $crate::closed::Closed>::schema(),
                );)+
                $crate::serde_json::json!({
                    "type": "object",
                    "properties": properties,
                    "required": [$(stringify!($field)),+],
                })
            }
        }
    };
}
