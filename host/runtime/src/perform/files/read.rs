//! Gives a file's text, or some of its lines.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::payload::{MAX_CONTENT_BYTES, Payload};
use crate::pdf;
use crate::picture;
use crate::place::{Inside, Place, refused};

/// How many bytes of a file that is no text are looked at to tell what it is.
const MAX_IMAGE_HEADER: usize = 64 << 10;

/// Reads a whole text, or the lines `[first, count]`.
///
/// Of a PDF it is the text in it, taken out by `confiner`; of an image a line on what it is.
pub(super) fn read(
    place: &Place,
    at: &Inside,
    lines: Option<&Value>,
    confiner: Option<&Path>,
) -> Result<Payload, String> {
    let bytes = bytes(place, at)?;
    let bytes = if pdf::is_pdf(&bytes) {
        let text = pdf::text(confiner, &bytes);
        let unread = || format!("`{at}` is a PDF whose text could not be read");
        text.ok_or_else(unread)?.into_bytes()
    } else {
        bytes
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(binary) => {
            let url = picture::url_of(binary.as_bytes());
            let told = url.or_else(|| describe(binary.as_bytes()));
            return told
                .map(Payload::text)
                .ok_or_else(|| format!("`{at}` is no UTF-8 text"));
        }
    };
    let number = |index: usize| {
        let value = lines.and_then(|lines| lines.get(index));
        value
            .and_then(Value::as_u64)
            .and_then(|number| usize::try_from(number).ok())
    };
    Ok(Payload::text(match (number(0), number(1)) {
        (Some(first), Some(count)) => text
            .split_inclusive('\n')
            .skip(first.saturating_sub(1))
            .take(count)
            .collect(),
        _ => text,
    }))
}

/// Reads a file as a whole, within the limit of a content.
pub(super) fn bytes(place: &Place, at: &Inside) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let most = MAX_CONTENT_BYTES as u64;
    place
        .file(at)?
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(at, &error))?;
    if bytes.len() as u64 > most {
        return Err(format!(
            "`{at}` is larger than the limit `content-bytes` of {most}"
        ));
    }
    Ok(bytes)
}

/// Says what an image is that a model cannot be shown; nothing of another binary file.
fn describe(bytes: &[u8]) -> Option<String> {
    let header = bytes.get(..MAX_IMAGE_HEADER).unwrap_or(bytes);
    let kind = imagesize::image_type(header).ok()?;
    let size = imagesize::blob_size(header).ok()?;
    let kind = format!("{kind:?}").to_lowercase();
    Some(format!(
        "an image: {kind}, {} × {} pixels, {} bytes",
        size.width,
        size.height,
        bytes.len()
    ))
}
