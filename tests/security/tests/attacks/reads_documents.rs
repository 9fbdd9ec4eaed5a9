//! PDFs, images, and files that are neither: what is in them is read, or their failure told, and
//! a stranger's document takes nothing else with it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use lazaret_security::{Played, Stage};
use serde_json::{Value, json};

const CONFINER: &str = env!("CARGO_BIN_EXE_confine");

/// What the process that reads a document may have.
const MEMORY_MIB: u32 = 512;

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

/// What zlib makes of so many zeros: one, and copies of 258 of it at a time.
fn deflated_zeros(copies: u32) -> Vec<u8> {
    let mut bytes = vec![0x78, 0x9c];
    let (mut bits, mut waiting) = (0_u64, 0);
    let mut put = |bytes: &mut Vec<u8>, value: u64, many: u32| {
        bits |= value << waiting;
        waiting += many;
        while waiting >= 8 {
            bytes.push((bits & 0xff) as u8);
            bits >>= 8;
            waiting -= 8;
        }
    };
    // The last block, of fixed codes, and the literal 0 (`00110000`). Codes have their first bit
    // first.
    put(&mut bytes, 0b011, 3);
    put(&mut bytes, 0b0000_1100, 8);
    for _ in 0..copies {
        // Length 258 (`11000101`) at a distance of 1 (`00000`).
        put(&mut bytes, 0b1010_0011, 13);
    }
    // The end of the block, and room for its last bits.
    put(&mut bytes, 0, 7 + 7);
    let zeros = 1 + u64::from(copies) * 258;
    let sum = u32::try_from(zeros % 65_521).unwrap() << 16 | 1;
    bytes.extend(sum.to_be_bytes());
    bytes
}

/// A document whose page unpacks to more memory than a reader of documents may have.
fn bomb() -> Vec<u8> {
    let page = deflated_zeros(MEMORY_MIB * 1024 * 1024 / 258 * 3 / 2);
    let before = whole(
        &[
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>".to_owned(),
            format!(
                "<< /Filter /FlateDecode /Length {} >>\nstream\n@\nendstream",
                page.len()
            ),
        ],
        "",
    );
    let at = before.iter().position(|byte| *byte == b'@').unwrap();
    let (head, tail) = before.split_at(at);
    // What the table says of the places stays right: nothing stands after the stream but it.
    let tail = String::from_utf8_lossy(&tail[1..]).into_owned();
    let (rest, end) = tail.split_once("startxref\n").unwrap();
    let start: usize = end.split('\n').next().unwrap().parse().unwrap();
    let start = start - 1 + page.len();
    let end = format!("{rest}startxref\n{start}\n%%EOF\n");
    [head, &page, end.as_bytes()].concat()
}

#[test]
fn a_document_that_unpacks_without_end_takes_no_more_than_its_reader_may_have() {
    let bomb = bomb();
    let played = stage(&bomb).play();
    let said = told(&played);
    assert!(said.contains("could not be read"), "{said}");
    // The twin: the same library without the limits takes more than they allow.
    let mut twin = Command::new(env!("CARGO_BIN_EXE_reads-pdf"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    twin.stdin.take().unwrap().write_all(&bomb).unwrap();
    while resident_mib(twin.id()) <= MEMORY_MIB {
        let ended = twin.try_wait().unwrap();
        assert_eq!(ended, None, "it took less than the limit");
        std::thread::sleep(Duration::from_millis(5));
    }
    twin.kill().unwrap();
    twin.wait().unwrap();
}

/// The memory of a process that is there now.
fn resident_mib(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
    kib.unwrap_or(0) / 1024
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
    // The twin: whoever opens the path as it stands is led out sooner or later.
    let path = stage.directory().join("vault/turning");
    let led_out =
        (0..1_000_000).find(|_| std::fs::read_to_string(&path).is_ok_and(|text| text == "outside"));
    let played = stage.play();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    turning.join().unwrap();
    assert!(led_out.is_some(), "the link never led out");
    let answer = played.answer().to_string();
    assert!(!answer.contains("\"outside\""), "{answer}");
    assert!(answer.contains("inside"), "no read was ever made");
}
