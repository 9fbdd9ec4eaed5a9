//! How launch arguments enter a run: parsed, bounded, checked item by item, labelled by field.
//!
//! An item that fails its check is set aside with the place and the reason; the others go on.

use lazaret_kernel::content::{Facts, ItemOrigins, Media};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::pointer::Pointer;
use lazaret_policy::compiled::ArgsRule;
use serde_json::Value;

use crate::error::InputError;
use crate::payload::Payload;

/// The most bytes of a launch argument: written out again it still fits one blob of the
/// journal. Larger inputs belong behind a source.
pub const MAX_INPUT_BYTES: usize = 32 << 20;

/// An argument that is ready to be given to the orchestrator.
#[derive(Debug)]
pub struct Entered {
    /// Its labels and origins.
    pub facts: Facts,
    /// Its value, without the items set aside.
    pub payload: Payload,
    /// The items set aside.
    pub refused: Vec<Refusal>,
}

/// An item that was set aside. The message never repeats the item's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands in the input, as a JSON pointer.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

/// Parses and labels a launch argument. `file` is how the operator named it.
pub fn enter(file: &str, bytes: &[u8], rule: &ArgsRule) -> Result<Entered, InputError> {
    let mut value = parse(file, bytes)?;
    let mut refused = Vec::new();
    if let Some(list) = &rule.items {
        let items = value
            .pointer_mut(&list.to_string())
            .and_then(Value::as_array_mut)
            .ok_or_else(|| no_list(file, list))?;
        let validator = validator(file, rule.item_schema.as_ref())?;
        let all = std::mem::take(items);
        for (index, item) in all.into_iter().enumerate() {
            match check_item(&item, items.len(), rule, validator.as_ref()) {
                None => items.push(item),
                Some((below, message)) => refused.push(Refusal {
                    place: format!("{list}/{index}{below}"),
                    message,
                }),
            }
        }
    }
    let vouched = rule.trusted_if.as_ref().zip(rule.items.as_ref());
    let vouched = vouched.and_then(|(trusted, list)| {
        let items = value.pointer(&list.to_string())?.as_array()?;
        Some(trusted.vouched(items, &rule.labels))
    });
    Ok(Entered {
        facts: Facts {
            labels: rule.labels.clone(),
            origins: Origins::NONE,
            items: rule.items.clone().map(|list| ItemOrigins {
                list,
                first: Origin(0),
                vouched,
            }),
            media: Media::Json,
        },
        payload: Payload::json(value),
        refused,
    })
}

fn parse(file: &str, bytes: &[u8]) -> Result<Value, InputError> {
    if bytes.len() > MAX_INPUT_BYTES {
        return Err(InputError {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: format!(
                "the input has {} bytes; the limit `input-bytes` is {MAX_INPUT_BYTES}",
                bytes.len()
            ),
            hint: "split the file and run the workflow on each part".to_owned(),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| InputError {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        message: format!("malformed JSON: {}", reason(&error)),
        hint: "nothing was started; mend the file at this place and run again".to_owned(),
    })
}

/// The parser's words without the position, which the error carries itself.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

fn no_list(file: &str, list: &Pointer) -> InputError {
    let place = if list.segments().is_empty() {
        "the top level".to_owned()
    } else {
        format!("`{list}`")
    };
    InputError {
        file: file.to_owned(),
        line: 1,
        column: 1,
        message: format!("the workflow expects a list at {place}"),
        hint: "see the workflow's README for the shape of its input".to_owned(),
    }
}

fn validator(
    file: &str,
    schema: Option<&Value>,
) -> Result<Option<jsonschema::Validator>, InputError> {
    let Some(schema) = schema else {
        return Ok(None);
    };
    jsonschema::validator_for(schema)
        .map(Some)
        .map_err(|error| InputError {
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: format!("the policy's item_schema is no JSON Schema: {error}"),
            hint: "mend item_schema in the policy".to_owned(),
        })
}

/// Returns the place below the item and what is wrong there.
fn check_item(
    item: &Value,
    accepted: usize,
    rule: &ArgsRule,
    validator: Option<&jsonschema::Validator>,
) -> Option<(String, String)> {
    if accepted as u64 >= rule.max_items {
        let most = rule.max_items;
        return Some((
            String::new(),
            format!("past the limit `max_items` of {most}"),
        ));
    }
    let bytes = item.to_string().len() as u64;
    if bytes > rule.max_item_bytes {
        let most = rule.max_item_bytes;
        let message = format!("the item has {bytes} bytes; the limit `max_item_bytes` is {most}");
        return Some((String::new(), message));
    }
    let error = validator?.iter_errors(item).next()?;
    let place = error.instance_path().to_string();
    Some((place, broken_rule(&error)))
}

/// Names the broken rule of the schema, never the value that broke it.
fn broken_rule(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;
    match error.kind() {
        Kind::Required { property } => match property.as_str() {
            Some(name) => format!("the field `{name}` is missing"),
            None => "a field is missing".to_owned(),
        },
        Kind::Type { .. } => "the value is of another type than the schema says".to_owned(),
        _ => format!("the value breaks `{}` of the schema", error.schema_path()),
    }
}
