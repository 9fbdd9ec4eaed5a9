//! The twin of the process that reads documents: the same library, and nothing that limits it.

use std::io::Read as _;

fn main() {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .expect("a document");
    match pdf_extract::extract_text_from_mem(&bytes) {
        Ok(text) => println!("{} bytes of text", text.len()),
        Err(error) => println!("{error}"),
    }
}
