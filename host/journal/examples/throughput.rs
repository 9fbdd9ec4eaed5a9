//! Prints what a record costs: processor time, wall time and transactions, for batches of a size.

use std::{env, error::Error, fs, sync::mpsc, time::Instant};

use lazaret_journal::{Journal, NewRun, Record, RunId};

const ROUNDS: u32 = 50;

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: throughput NEW-FILE")?;
    let journal = Journal::open(path)?;
    for (number, batch) in [1_u32, 10, 100, 1000].into_iter().enumerate() {
        let id = RunId::new(&format!("throughput{number:02}"))?;
        let run = journal.create_run(NewRun::new(id.clone(), 0, "", "{}")?)?;
        let (commits, ticks, start) = (journal.commits(), ticks()?, Instant::now());
        for _ in 0..ROUNDS {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..batch {
                let sender = sender.clone();
                let record = Record::new("step", vec![b'x'; 300])?;
                run.append_then(record, Box::new(move |outcome| drop(sender.send(outcome))));
            }
            drop(sender);
            receiver.iter().try_for_each(|outcome| outcome.map(drop))?;
        }
        let records = f64::from(batch * ROUNDS);
        let wall = start.elapsed().as_secs_f64() * 1e6 / records;
        let processor = f64::from(self::ticks()? - ticks) * 1e4 / records;
        let commits = journal.commits() - commits;
        println!(
            "batch {batch:4}: {processor:7.1} us processor, {wall:7.1} us wall, {commits} transactions"
        );
        let start = Instant::now();
        journal.verify(&id)?;
        println!(
            "            {:7.1} us to verify",
            start.elapsed().as_secs_f64() * 1e6 / records
        );
    }
    Ok(())
}

/// Returns the processor time of this process so far, in hundredths of a second (Linux only).
fn ticks() -> Result<u32, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.split(' ').collect();
    let field = |n: usize| fields.get(n).copied().unwrap_or("0").parse::<u32>();
    Ok(field(13)? + field(14)?)
}
