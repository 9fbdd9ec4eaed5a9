//! What an answer says: readable text, and JSON where it is some.

use std::path::Path;

use serde_json::{Value, json};

use crate::pdf;
use crate::secrets::Vault;

/// The most bytes of an answer's text; the rest is cut, and the answer says so.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// The most bytes of HTML that are laid out as text.
const MAX_HTML_BYTES: usize = 4 << 20;

/// The deepest elements of a page that is laid out: the layout calls itself for each.
const MAX_HTML_DEPTH: usize = 256;

/// The most bytes of a text that stand in the preview.
const PREVIEW_BYTES: usize = 2_000;

/// At which column a page's text is wrapped.
const COLUMNS: usize = 100;

/// What came back, before anybody looked at it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The last address of a chain of redirects.
    pub(super) url: String,
    /// The media type as the server wrote it.
    pub(super) media: String,
    pub(super) bytes: Vec<u8>,
}

/// Puts an answer into the form that `wit/web.wit` documents.
pub(super) fn describe(answer: &Answer, vault: &Vault, confiner: Option<&Path>) -> Value {
    let bytes = answer.bytes.len();
    let media = answer
        .media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mut page = Page::default();
    if is_json(&media)
        && let Ok(value) = serde_json::from_slice(&answer.bytes)
    {
        page.json = vault.redact_json(value);
    } else {
        page = if is_document(&media, &answer.bytes) {
            document(&answer.bytes, confiner)
        } else {
            read(&media, &answer.bytes)
        };
        page.text = vault.redact(&page.text).into_owned();
    }
    let cut = truncate(&mut page.text, MAX_TEXT_BYTES);
    let mut preview = page.text.clone();
    if !page.json.is_null() {
        preview = page.json.to_string();
    }
    truncate(&mut preview, PREVIEW_BYTES);
    json!({
        "status": answer.status,
        "url": vault.redact(&answer.url),
        "type": media,
        "title": page.title.map(|title| vault.redact(&title).into_owned()),
        "preview": preview,
        "text": page.text,
        "json": page.json,
        "bytes": bytes,
        "cut": cut,
    })
}

#[derive(Debug, Default)]
struct Page {
    title: Option<String>,
    text: String,
    json: Value,
}

fn is_document(media: &str, bytes: &[u8]) -> bool {
    media == "application/pdf" || (media == "application/octet-stream" && pdf::is_pdf(bytes))
}

/// The text of a PDF.
fn document(bytes: &[u8], confiner: Option<&Path>) -> Page {
    let text = pdf::text(confiner, bytes);
    let text = text.unwrap_or_else(|| format!("no text: a PDF of {} bytes", bytes.len()));
    Page {
        text,
        ..Page::default()
    }
}

fn read(media: &str, bytes: &[u8]) -> Page {
    if media == "text/html" || media == "application/xhtml+xml" {
        return html(bytes);
    }
    if let Some(kind) = media.strip_prefix("image/") {
        let size = imagesize::blob_size(bytes).ok();
        let size = size.map_or_else(String::new, |size| {
            format!(", {} × {} pixels", size.width, size.height)
        });
        return Page {
            text: format!("an image: {kind}{size}, {} bytes", bytes.len()),
            ..Page::default()
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Page {
            text: text.to_owned(),
            ..Page::default()
        },
        Err(_) if media.starts_with("text/") => Page {
            text: String::from_utf8_lossy(bytes).into_owned(),
            ..Page::default()
        },
        Err(_) => Page {
            text: format!(
                "no text: {} bytes of `{}`",
                bytes.len(),
                media.escape_debug()
            ),
            ..Page::default()
        },
    }
}

/// A page that is too deep or too large to be laid out comes as it was sent.
fn html(bytes: &[u8]) -> Page {
    let source = String::from_utf8_lossy(bytes.get(..MAX_HTML_BYTES).unwrap_or(bytes));
    let title = between(&source, "<title", "</title").and_then(|rest| {
        rest.split_once('>')
            .map(|(_, title)| title.trim().to_owned())
    });
    let laid_out = (depth(&source) <= MAX_HTML_DEPTH).then(|| {
        let config = html2text::config::plain_no_decorate()
            .link_footnotes(false)
            .allow_width_overflow();
        config.string_from_read(source.as_bytes(), COLUMNS).ok()
    });
    Page {
        title,
        text: laid_out.flatten().unwrap_or_else(|| source.into_owned()),
        json: Value::Null,
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let from = lower.find(start)? + start.len();
    let to = from + lower.get(from..)?.find(end)?;
    text.get(from..to)
}

/// A bound of how deep a page's elements lie, without parsing it: what is opened and not
/// closed, at its highest. An element that is never closed counts for all that follow.
fn depth(source: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let mut bytes = source.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'<' {
            continue;
        }
        match bytes.peek() {
            Some(b'/') => open = open.saturating_sub(1),
            Some(next) if next.is_ascii_alphabetic() => {
                let name: Vec<u8> =
                    std::iter::from_fn(|| bytes.next_if(u8::is_ascii_alphanumeric)).collect();
                if !is_void(&name) {
                    open += 1;
                    deepest = deepest.max(open);
                }
            }
            _ => {}
        }
    }
    deepest
}

/// Elements that hold nothing, or that the next of their kind closes.
fn is_void(name: &[u8]) -> bool {
    const VOID: [&str; 24] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr", "p", "li", "td", "tr", "th", "dt", "dd", "option", "thead", "tbody",
        "path",
    ];
    VOID.iter()
        .any(|void| name.eq_ignore_ascii_case(void.as_bytes()))
}

fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}

/// Cuts a text at a letter's end and returns whether anything went.
fn truncate(text: &mut String, most: usize) -> bool {
    let cut = text.len() > most;
    if cut {
        let end = text.floor_char_boundary(most);
        text.truncate(end);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(media: &str, bytes: &[u8]) -> Value {
        let answer = Answer {
            status: 200,
            url: "https://a.org/".to_owned(),
            media: media.to_owned(),
            bytes: bytes.to_vec(),
        };
        describe(&answer, &Vault::default(), None)
    }

    #[test]
    fn a_page_is_told_as_text_with_its_title() {
        let page = "<html><head><title>Hello</title><script>steal()</script></head>\
                    <body><h1>Head</h1><p>One <b>two</b></p></body></html>";
        let told = told("text/html; charset=utf-8", page.as_bytes());
        assert_eq!(told["title"], "Hello");
        let text = told["text"].as_str().unwrap();
        assert!(
            text.contains("One two") && !text.contains("steal"),
            "{text}"
        );
        assert_eq!(told["json"], Value::Null);
    }

    #[test]
    fn json_is_told_as_a_value() {
        let told = told("application/vnd.github+json", br#"[{"number": 7}]"#);
        assert_eq!(told.pointer("/json/0/number"), Some(&json!(7)));
        assert_eq!(told["text"], "");
    }

    #[test]
    fn a_page_that_is_one_element_too_deep_comes_as_it_was_sent() {
        let page = |deep: usize| format!("{}x{}", "<div>".repeat(deep), "</div>".repeat(deep));
        assert_eq!(
            told("text/html", page(MAX_HTML_DEPTH).as_bytes())["text"],
            "x\n"
        );
        let deeper = told("text/html", page(MAX_HTML_DEPTH + 1).as_bytes());
        assert!(deeper["text"].as_str().unwrap().starts_with("<div>"));
        let bomb = told("text/html", "<div>".repeat(500_000).as_bytes());
        assert_eq!(bomb["status"], 200);
    }

    #[test]
    fn a_long_text_is_cut_and_has_a_preview() {
        let told = told("text/plain", "ä".repeat(MAX_TEXT_BYTES).as_bytes());
        assert_eq!(told["text"].as_str().unwrap().len(), MAX_TEXT_BYTES);
        assert_eq!(told["cut"], true);
        assert_eq!(told["preview"].as_str().unwrap().len(), PREVIEW_BYTES);
    }

    #[test]
    fn what_is_no_text_says_what_it_is() {
        assert_eq!(
            told("application/zip", b"PK\xff\xfe")["text"],
            "no text: 4 bytes of `application/zip`"
        );
    }
}
