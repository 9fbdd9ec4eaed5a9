//! Writes the file that `tests/fixtures` keeps for each version of the format, at the path given.

use std::{env, error::Error};

use lazaret_journal::{Blob, Journal, NewRun, Record, RunId, Status};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: fixture PATH")?;
    let journal = Journal::open(path)?;
    let new = |id, at, title| {
        let metadata = r#"{"made":"by version 1"}"#;
        journal.create_run(NewRun::new(RunId::new(id)?, at, title, metadata)?)
    };
    let ended = new("k3v9x2m7q4ab", 1_700_000_000_000, "ended")?;
    let mail = Blob::new("Dear agent", r#"{"taint":["mail"]}"#, "text/plain")?;
    let opened = Record::new("opened", r#"{"item":1}"#)?.with_blob(mail)?;
    ended.append(opened).wait()?;
    let status = Status::ended("done", 1_700_000_009_000)?;
    ended
        .append_final(Record::new("end", "{}")?, status)
        .wait()?;
    let open = new(
        "01hzy3v8k2m4n6p8q0r2s4t6v8",
        1_700_000_001_000,
        "still open",
    )?;
    open.append(Record::new("begun", "{}")?).wait()?;
    Ok(())
}
