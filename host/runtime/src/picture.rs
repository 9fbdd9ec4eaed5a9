//! Pictures: a file that is one becomes its `data:` URL, and a content that is as a whole such a
//! URL is shown to a model as the picture.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lazaret_models::Image;

/// The types that every provider understands, each with how such a file begins.
const TYPES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

/// Returns the picture that a text is, as a whole. A text that only looks like one stays text:
/// a provider would refuse the whole request for it.
pub(crate) fn shown_by(text: &str) -> Option<Image> {
    let (media_type, data) = text.strip_prefix("data:")?.split_once(";base64,")?;
    let (_, start) = TYPES.iter().find(|(name, _)| *name == media_type)?;
    let bytes = STANDARD.decode(data.trim_ascii_end()).ok()?;
    bytes.starts_with(start).then(|| Image {
        media_type: media_type.to_owned(),
        bytes,
    })
}

/// The largest picture that becomes a URL: Bedrock's limit, the lowest of all providers.
const MAX_IMAGE_BYTES: usize = 3_750_000;

/// Returns the `data:` URL of a file that is a picture by its first bytes, and not too large.
pub(crate) fn url_of(bytes: &[u8]) -> Option<String> {
    if bytes.len() > MAX_IMAGE_BYTES {
        return None;
    }
    let (media_type, _) = TYPES.iter().find(|(_, start)| bytes.starts_with(start))?;
    Some(format!(
        "data:{media_type};base64,{}",
        STANDARD.encode(bytes)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_its_type_and_its_first_bytes_together() {
        let png = b"\x89PNG\r\n\x1a\nrest";
        let url = url_of(png).unwrap();
        assert_eq!(shown_by(&url).unwrap().bytes, png);
        let line = format!("{url}\n");
        assert_eq!(shown_by(&line).unwrap().media_type, "image/png");
        for text in [
            "hello".to_owned(),
            format!("see {url}"),
            url.replace("image/png", "image/jpeg"),
            url.replace("image/png", "image/svg+xml"),
            url.replace(";base64,", ","),
            format!("{url}!"),
        ] {
            assert_eq!(shown_by(&text), None, "{text}");
        }
        assert_eq!(url_of(b"%PDF-1.7"), None);
    }

    #[test]
    fn a_picture_one_byte_past_the_limit_has_no_url() {
        let mut picture = b"GIF89a".to_vec();
        picture.resize(MAX_IMAGE_BYTES, 0);
        assert!(url_of(&picture).is_some());
        picture.push(0);
        assert_eq!(url_of(&picture), None);
    }
}
