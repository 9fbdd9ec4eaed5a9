//! Which tables the file has, and how an older file becomes a current one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::JournalError;

/// What each version adds to the one before. A step that has been released is never edited.
const STEPS: &[&str] = &[include_str!("schema/v1.sql")];

/// Marks the file as a journal of ours: `LZRJ`.
const APPLICATION_ID: i64 = 0x4c5a_524a;

/// Says whether the file is empty. One that we must not touch is refused, and nothing is written.
pub(crate) fn is_new(connection: &Connection, path: &Path) -> Result<bool, JournalError> {
    Ok(usable_version(connection, path, STEPS)? == 0)
}

/// Makes the file current, or refuses it: one from the future, or one of another program.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    apply(connection, path, STEPS)
}

/// Checks that the file still has the version it had when it was opened, since another process
/// may have migrated it meanwhile.
pub(crate) fn check(connection: &Connection) -> Result<(), JournalError> {
    let (found, supported) = (version(connection)?, supported(STEPS));
    if found == supported {
        Ok(())
    } else {
        Err(JournalError::NewerSchema { found, supported })
    }
}

fn apply(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), JournalError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (found, supported) = (usable_version(&transaction, path, steps)?, supported(steps));
    let done = usize::try_from(found).unwrap_or(0);
    for step in steps.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if found < supported {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", supported)?;
    }
    Ok(transaction.commit()?)
}

/// Returns the version of a file that is ours or empty, and not from the future.
fn usable_version(
    connection: &Connection,
    path: &Path,
    steps: &[&str],
) -> Result<i64, JournalError> {
    let (found, supported) = (version(connection)?, supported(steps));
    if !is_ours(connection, found)? {
        return Err(JournalError::Foreign(path.to_owned()));
    }
    if found > supported {
        return Err(JournalError::NewerSchema { found, supported });
    }
    Ok(found)
}

/// An empty file becomes ours; any other has to be.
fn is_ours(connection: &Connection, found: i64) -> Result<bool, JournalError> {
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(count, (), |row| row.get(0))?;
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION_ID && found > 0 || id == 0 && found == 0 && tables == 0)
}

fn version(connection: &Connection) -> Result<i64, JournalError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn supported(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[&str] = &["CREATE TABLE a (x)"];
    const NEW: &[&str] = &["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y DEFAULT 2"];

    fn with(steps: &[&str]) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection, Path::new("p"), steps).unwrap();
        connection
    }

    #[test]
    fn an_old_file_gets_the_steps_it_lacks_and_keeps_its_rows() {
        let mut connection = with(OLD);
        connection.execute("INSERT INTO a VALUES (1)", ()).unwrap();
        for _ in 0..2 {
            apply(&mut connection, Path::new("p"), NEW).unwrap();
            let sum = connection.query_row("SELECT x + y FROM a", (), |row| row.get(0));
            assert_eq!(sum, Ok(3));
            assert_eq!(version(&connection).unwrap(), 2);
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut connection = with(OLD);
        let steps = [OLD[0], "CREATE TABLE b (x)", "CREATE TABLE a (x)"];
        apply(&mut connection, Path::new("p"), &steps).unwrap_err();
        assert_eq!(version(&connection).unwrap(), 1);
        connection
            .execute("INSERT INTO b VALUES (1)", ())
            .unwrap_err();
    }

    #[test]
    fn a_newer_file_is_refused() {
        let refused = apply(&mut with(NEW), Path::new("p"), OLD).unwrap_err();
        let (found, supported) = (2, 1);
        assert!(
            matches!(refused, JournalError::NewerSchema { found: f, supported: s }
            if (f, s) == (found, supported))
        );
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        for statement in ["CREATE TABLE other (x)", "PRAGMA user_version = 1"] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(statement).unwrap();
            let refused = apply(&mut connection, Path::new("p"), NEW).unwrap_err();
            assert_eq!(refused.code(), "journal.foreign");
        }
    }
}
