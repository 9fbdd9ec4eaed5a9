//! PDFs, images, and files that are neither: what is in them is read, or their failure told, and
//! a stranger's document takes nothing else with it.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;

use lazaret_security::{Played, Stage};
use serde_json::{Value, json};

const CONFINER: &str = env!("CARGO_BIN_EXE_confine");

fn stage(bytes: &[u8]) -> Stage {
    let stage = Stage::of("acts_on_files")
        .confined_by(CONFINER)
        .rule("[profile.subject]", "use", r#"["files.vault.*"]"#)
        .order(json!([["read", "vault/doc.pdf"]]).to_string());
    std::fs::write(stage.directory().join("vault/doc.pdf"), bytes).unwrap();
    stage
}

fn told(played: &Played) -> String {
    let answer: Value = match played.answer() {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    answer[0].as_str().unwrap_or_default().to_owned()
}

/// A document of one page with this text.
fn pdf(text: &str) -> Vec<u8> {
    let page = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    whole(&objects, "")
}

fn whole(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut text = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(text.len());
        write!(text, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = text.len();
    let size = objects.len() + 1;
    write!(text, "xref\n0 {size}\n0000000000 65535 f \n").unwrap();
    for place in places {
        writeln!(text, "{place:010} 00000 n ").unwrap();
    }
    write!(
        text,
        "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    text.into_bytes()
}

#[test]
fn of_a_pdf_the_text_in_it_is_read() {
    let played = stage(&pdf("the key of the vault")).play();
    assert!(
        told(&played).contains("the key of the vault"),
        "{}",
        told(&played)
    );
}

#[test]
fn a_hostile_pdf_fails_and_takes_nothing_with_it() {
    let deep = format!("%PDF-1.4\n1 0 obj\n{}\nendobj\n", "[".repeat(200_000));
    let kids = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>".to_owned(),
    ];
    let looped = whole(&kids, "/Prev 9");
    let mut cut = pdf("cut");
    cut.truncate(120);
    for bytes in [
        deep.as_bytes(),
        &looped,
        &cut,
        b"%PDF-1.7\n",
        b"%PDF-1.4\nstartxref\n9\n%%EOF",
        b"%PDF-1.4\nxref\n0 4294967295\ntrailer\n<< /Size 4294967295 >>\nstartxref\n9\n%%EOF",
    ] {
        let played = stage(bytes).play();
        let told = told(&played);
        assert!(
            told.is_empty() || told.contains("could not be read"),
            "{told}"
        );
    }
}

#[test]
fn a_file_past_the_limit_is_not_read() {
    let most = 16 << 20;
    let played = stage(&vec![b'a'; most + 1]).play();
    assert!(
        told(&played).contains("`content-bytes`"),
        "{}",
        told(&played)
    );
    let played = stage(&vec![b'a'; 1 << 20]).play();
    assert_eq!(told(&played).len(), 1 << 20);
    // The twin: not a byte past it. So much is read, whatever the guest can hold of it.
    let played = stage(&vec![b'a'; most]).play();
    assert_eq!(played.effects(), [("files.vault.read", true)]);
}

#[test]
fn a_binary_file_is_no_text() {
    let played = stage(&[0, 159, 146, 150]).play();
    assert!(told(&played).contains("no UTF-8 text"), "{}", told(&played));
}

#[test]
fn a_link_that_changes_all_the_time_never_leads_out() {
    let stage = stage(b"inside");
    let vault = stage.directory().join("vault");
    std::fs::write(stage.directory().join("outside.txt"), "outside").unwrap();
    let reads = vec![json!(["read", "vault/turning"]); 100];
    let stage = stage.order(Value::Array(reads).to_string());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let turning = {
        let stop = std::sync::Arc::clone(&stop);
        std::thread::spawn(move || {
            let (link, next) = (vault.join("turning"), vault.join("next"));
            let mut outside = false;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let target = if outside { "../outside.txt" } else { "doc.pdf" };
                outside = !outside;
                symlink(target, &next).ok();
                std::fs::rename(&next, &link).ok();
            }
        })
    };
    let played = stage.play();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    turning.join().unwrap();
    let answer = played.answer().to_string();
    assert!(!answer.contains("\"outside\""), "{answer}");
    assert!(answer.contains("inside"), "no read was ever made");
}
