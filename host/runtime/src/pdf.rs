//! The text of a PDF, by a process of its own that ends with it.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::confine::{MAX_PDF_BYTES, PDF};

/// How every PDF begins.
const MAGIC: &[u8] = b"%PDF-";

/// Returns whether the bytes are a PDF's.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Returns the text of a PDF; `None` where this host cannot read one, or the PDF is none that
/// can be read within the limits.
pub(crate) fn text(confiner: Option<&Path>, bytes: &[u8]) -> Option<String> {
    if bytes.len() as u64 > MAX_PDF_BYTES {
        return None;
    }
    let mut child = Command::new(confiner?)
        .arg(PDF)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut text = Vec::new();
    if let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) {
        // It reads everything before it writes anything.
        input.write_all(bytes).ok();
        drop(input);
        output.take(MAX_PDF_BYTES).read_to_end(&mut text).ok();
    }
    // A process that could not write its text to the end has failed.
    let ended = child.wait();
    let whole = ended.is_ok_and(|status| status.success());
    whole.then(|| String::from_utf8_lossy(&text).into_owned())
}
