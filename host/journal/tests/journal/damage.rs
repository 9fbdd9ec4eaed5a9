//! A damaged file gives an error, never a panic and never wrong content.

use std::{
    fs::{self, OpenOptions},
    path::Path,
};

use lazaret_journal::{Collect, Journal, JournalError, Sequence};

use super::support::{Place, Random, append_all, blob, copy, ended, id, new_run, payloads, record};

const RECORDS: usize = 40;

fn make(place: &Place) {
    let journal = place.open();
    for number in [1, 2] {
        let run = journal.create_run(new_run(number)).unwrap();
        for n in 0..RECORDS {
            let content = blob(&format!("content {n}").repeat(200));
            let record = record(&format!("{n}")).with_blob(content).unwrap();
            run.append(record).wait().unwrap();
        }
        run.append_final(record("end"), ended(9)).wait().unwrap();
    }
}

/// Does everything with a file that may be damaged. What succeeds has to be right.
fn use_all(path: &Path) -> Result<(), JournalError> {
    let journal = Journal::open(path)?;
    let mut outcomes = vec![journal.runs(10, None).map(drop)];
    for number in [1, 2] {
        let read: Result<Vec<_>, _> = journal.records(&id(number), Sequence::FIRST).collect();
        for (n, record) in read.iter().flatten().enumerate().take(RECORDS) {
            assert_eq!(record.payload(), n.to_string().as_bytes());
            if let Ok(bytes) = journal.read_blob(record.blobs()[0].digest()) {
                assert_eq!(bytes, format!("content {n}").repeat(200).as_bytes());
            }
        }
        let verified = journal.verify(&id(number));
        if verified.is_ok() {
            read?;
        }
        outcomes.push(verified.map(drop));
        let exported = journal.export_run(&id(number), &mut Vec::new());
        outcomes.push(exported.map(drop));
        if let Ok(run) = journal.open_run(&id(number)) {
            let status = lazaret_journal::Status::open("again").unwrap();
            let appended = run.append(record("more").with_status(status)).wait();
            outcomes.push(appended.map(drop));
        }
    }
    let all = Collect {
        ended_before_ms: u64::MAX,
        keep_latest: 0,
    };
    outcomes.push(journal.gc(all).map(drop));
    outcomes.into_iter().collect()
}

#[test]
fn a_flipped_byte_anywhere_is_an_error_or_harmless() {
    let place = Place::new();
    make(&place);
    let whole = fs::read(place.path()).unwrap();
    let mut random = Random::new(7);
    let mut errors = 0;
    let header = 0..100;
    let anywhere = (0..200).map(|_| random.below(whole.len()));
    let positions: Vec<_> = header.chain(anywhere).collect();
    for position in positions {
        let mut bytes = whole.clone();
        bytes[position] ^= 1 << random.below(8);
        let copy = Place::new();
        fs::write(copy.path(), bytes).unwrap();
        errors += usize::from(use_all(&copy.path()).is_err());
    }
    assert!(errors > 0);
}

#[test]
fn a_page_of_garbage_or_zeros_is_an_error_or_harmless() {
    let place = Place::new();
    make(&place);
    let whole = fs::read(place.path()).unwrap();
    let mut random = Random::new(8);
    let mut errors = 0;
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        let zeros = random.below(2) == 0;
        for byte in &mut bytes[page * 4096..][..4096] {
            *byte = if zeros {
                0
            } else {
                u8::try_from(random.below(256)).unwrap()
            };
        }
        let copy = Place::new();
        fs::write(copy.path(), bytes).unwrap();
        errors += usize::from(use_all(&copy.path()).is_err());
    }
    assert!(errors > 10);
}

#[test]
fn a_file_that_was_cut_is_an_error() {
    let place = Place::new();
    make(&place);
    let whole = fs::read(place.path()).unwrap();
    let mut random = Random::new(9);
    for _ in 0..40 {
        let copy = Place::new();
        let length = 1 + random.below(whole.len() - 4096);
        fs::write(copy.path(), &whole[..length]).unwrap();
        use_all(&copy.path()).unwrap_err();
    }
}

#[test]
fn a_file_of_something_else_is_an_error() {
    let place = Place::new();
    fs::write(place.path(), "this is not a database at all, ".repeat(200)).unwrap();
    let refused = Journal::open(place.path()).unwrap_err();
    assert_eq!(refused.code(), "journal.damaged");
    assert!(refused.hint().is_some());
}

/// The log holds the last transactions. However it is cut, which is what a loss of power can do to
/// what was not acknowledged, a whole number of transactions is left.
#[test]
fn a_torn_tail_of_the_log_leaves_whole_records() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    for n in 0..30 {
        append_all(&run, [n.to_string()]);
    }
    let log = |place: &Place| place.directory.path().join("journal.db-wal");
    let whole = fs::metadata(log(&place)).unwrap().len();
    let mut random = Random::new(10);
    let mut counts = std::collections::BTreeSet::new();
    for round in 0..60 {
        let torn = Place::new();
        copy(&place.path(), &torn.path());
        let length = random.below(usize::try_from(whole).unwrap());
        let file = OpenOptions::new().write(true).open(log(&torn)).unwrap();
        file.set_len(u64::try_from(length).unwrap()).unwrap();
        if round % 2 == 0 {
            // Torn is also: the length is there, and the bytes are not.
            file.set_len(whole).unwrap();
        }
        let journal = torn.open();
        match journal.verify(&id(1)) {
            Ok(head) => {
                let all: Vec<_> = (0..head.count).map(|n| n.to_string()).collect();
                assert_eq!(payloads(&journal, &id(1)), all);
                append_all(&journal.open_run(&id(1)).unwrap(), ["goes on".into()]);
                journal.verify(&id(1)).unwrap();
                counts.insert(head.count);
            }
            Err(error) => assert!(matches!(error, JournalError::RunNotFound(_)), "{error}"),
        }
    }
    assert!(counts.len() > 5, "{counts:?}");
    drop(run);
}
