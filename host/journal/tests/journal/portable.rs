//! An exported run comes back the same, and one that was tampered with not at all.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use lazaret_journal::{Blob, Head, Journal, JournalError};

use super::support::{Place, Random, append_all, blob, ended, id, new_run, read_all, record};

/// Makes a run with text, binary, shared and relabelled blobs, and returns its export.
fn export(journal: &Journal) -> (Vec<u8>, Head) {
    let run = journal.create_run(new_run(1)).unwrap();
    append_all(&run, ["{\"a\": \"é\\n\"}".into(), String::new()]);
    let binary = Blob::new(vec![0, 255, 10], "[]", "application/octet-stream").unwrap();
    let relabelled = Blob::new("text", "\"other\"", "text/plain").unwrap();
    let full = record("full").with_blob(blob("text")).unwrap();
    let full = full
        .with_blob(binary)
        .unwrap()
        .with_blob(relabelled)
        .unwrap();
    run.append(full.clone()).wait().unwrap();
    run.append(full).wait().unwrap();
    run.append_final(record("end"), ended(9)).wait().unwrap();
    let mut file = Vec::new();
    let head = journal.export_run(&id(1), &mut file).unwrap();
    assert_eq!(head, run.head());
    (file, head)
}

/// Has the journal refuse a file, and returns why.
fn refused(journal: &Journal, file: &[u8]) -> String {
    let error = journal
        .import_run(Cursor::new(file.to_vec()), None)
        .unwrap_err();
    assert!(matches!(error, JournalError::Import { .. }), "{error}");
    assert!(
        journal.runs(1, None).unwrap().is_empty(),
        "nothing was written"
    );
    error.to_string()
}

fn lines(file: &[u8]) -> Vec<&[u8]> {
    file.split_inclusive(|byte| *byte == b'\n').collect()
}

#[test]
fn an_exported_run_comes_back_the_same() {
    let (here, there) = (Place::new(), Place::new());
    let (here, there) = (here.open(), there.open());
    let (file, head) = export(&here);
    let imported = there
        .import_run(Cursor::new(file.clone()), Some(head))
        .unwrap();
    assert_eq!(imported, head);
    assert_eq!(there.verify(&id(1)).unwrap(), head);
    assert_eq!(there.run(&id(1)).unwrap(), here.run(&id(1)).unwrap());
    assert_eq!(read_all(&there, &id(1)), read_all(&here, &id(1)));
    for record in read_all(&here, &id(1)) {
        for blob in record.blobs() {
            let bytes = here.read_blob(blob.digest()).unwrap();
            assert_eq!(there.read_blob(blob.digest()).unwrap(), bytes);
        }
    }
    let mut again = Vec::new();
    there.export_run(&id(1), &mut again).unwrap();
    assert_eq!(again, file);
    assert!(
        String::from_utf8(file)
            .unwrap()
            .starts_with(r#"{"run":{"format":1,"#)
    );
}

#[test]
fn a_run_without_records_travels_too() {
    let (here, there) = (Place::new(), Place::new());
    let journal = here.open();
    let head = journal.create_run(new_run(1)).unwrap().head();
    let mut file = Vec::new();
    journal.export_run(&id(1), &mut file).unwrap();
    let journal = there.open();
    assert_eq!(journal.import_run(Cursor::new(file), None).unwrap(), head);
    append_all(&journal.open_run(&id(1)).unwrap(), ["goes on".into()]);
    journal.verify(&id(1)).unwrap();
}

#[test]
fn an_imported_run_is_there_once_and_keeps_its_lock() {
    let place = Place::new();
    let journal = place.open();
    let (file, _) = export(&journal);
    let import = || {
        journal
            .import_run(Cursor::new(file.clone()), None)
            .unwrap_err()
    };
    assert!(matches!(import(), JournalError::RunExists(_)));
    let _driven = journal.open_run(&id(1)).unwrap();
    assert!(matches!(import(), JournalError::Busy { .. }));
}

#[test]
fn an_unexpected_head_is_refused() {
    let (here, there) = (Place::new(), Place::new());
    let (file, head) = export(&here.open());
    let journal = there.open();
    let other = Head {
        count: head.count - 1,
        ..head
    };
    let error = journal
        .import_run(Cursor::new(file), Some(other))
        .unwrap_err();
    assert!(matches!(error, JournalError::Import { .. }));
    assert!(journal.runs(1, None).unwrap().is_empty());
}

#[test]
fn a_file_with_a_line_dropped_doubled_or_moved_is_refused() {
    let (here, there) = (Place::new(), Place::new());
    let (file, _) = export(&here.open());
    let journal = there.open();
    let all = lines(&file);
    for n in 0..all.len() {
        let mut dropped = all.clone();
        dropped.remove(n);
        refused(&journal, &dropped.concat());
        let mut doubled = all.clone();
        doubled.insert(n, all[n]);
        refused(&journal, &doubled.concat());
        for other in 0..n {
            let mut moved = all.clone();
            moved.swap(n, other);
            if moved != all && !only_blobs_moved(&all[other..=n]) {
                refused(&journal, &moved.concat());
            }
        }
    }
}

/// Blobs of one record may come in any order.
fn only_blobs_moved(lines: &[&[u8]]) -> bool {
    lines.iter().all(|line| line.starts_with(b"{\"blob\""))
}

#[test]
fn a_file_with_one_byte_changed_is_refused() {
    let (here, there) = (Place::new(), Place::new());
    let (file, _) = export(&here.open());
    let journal = there.open();
    let mut random = Random::new(11);
    for position in 0..file.len() {
        let mut bytes = file.clone();
        bytes[position] ^= 1 << random.below(7);
        // A line may end with another white space, or the file without one.
        if file[position] != b'\n' {
            refused(&journal, &bytes);
        }
    }
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let (here, there) = (Place::new(), Place::new());
    let (file, _) = export(&here.open());
    let journal = there.open();
    for length in 0..file.len() - 1 {
        refused(&journal, &file[..length]);
    }
}

#[test]
fn the_reason_is_named() {
    let (here, there) = (Place::new(), Place::new());
    let (file, _) = export(&here.open());
    let journal = there.open();
    let text = String::from_utf8(file).unwrap();
    for (from, to, reason) in [
        ("\"format\":1", "\"format\":2", "format 2 is not known"),
        ("run 1", "run 2", "record 0: its content has changed"),
        ("web", "bew", "record 2: its content has changed"),
        ("testrun00001", "../../../etc", "not a run id"),
        ("{\"text\":\"text\"}", "{\"text\":\"test\"}", "has changed"),
        ("00ff0a", "00FF0A", "not hexadecimal"),
        ("\"kind\"", "\"more\":1,\"kind\"", "unknown field"),
    ] {
        assert!(text.contains(from), "{from}");
        let reason_given = refused(&journal, text.replacen(from, to, 1).as_bytes());
        assert!(reason_given.contains(reason), "{reason_given}");
    }
    assert!(refused(&journal, &[text.as_bytes(), b"{}\n"].concat()).contains("after the end"));
    assert!(refused(&journal, b"").contains("cut off"));
    refused(&journal, "[".repeat(100_000).as_bytes());
    refused(&journal, "{\"run\":".repeat(100_000).as_bytes());
}

#[test]
fn a_broken_run_is_not_exported() {
    let place = Place::new();
    drop(export(&place.open()));
    place.forge("UPDATE records SET payload = x'00' WHERE seq = 4");
    let mut file = Vec::new();
    let refused = place.open().export_run(&id(1), &mut file).unwrap_err();
    assert!(matches!(refused, JournalError::Broken { .. }));
    assert!(file.is_empty());
}

/// A file that is another one when it is read again.
struct Changing {
    now: Cursor<Vec<u8>>,
    then: Vec<u8>,
}

impl Read for Changing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.now.read(buffer)
    }
}

impl Seek for Changing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.now = Cursor::new(std::mem::take(&mut self.then));
        self.now.seek(to)
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_and_stops_nothing() {
    let (here, other, there) = (Place::new(), Place::new(), Place::new());
    let (file, _) = export(&here.open());
    let journal = other.open();
    append_all(
        &journal.create_run(new_run(1)).unwrap(),
        ["another run 1".into()],
    );
    let mut another = Vec::new();
    journal.export_run(&id(1), &mut another).unwrap();
    let mut cut = file.clone();
    cut.truncate(file.len() / 2);
    let journal = there.open();
    for then in [another, cut, Vec::new()] {
        let now = Cursor::new(file.clone());
        let error = journal
            .import_run(Changing { now, then }, None)
            .unwrap_err();
        assert!(matches!(error, JournalError::Import { .. }), "{error}");
        assert!(journal.runs(1, None).unwrap().is_empty());
    }
    append_all(
        &journal.create_run(new_run(2)).unwrap(),
        ["still writes".into()],
    );
}
