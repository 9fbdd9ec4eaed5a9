//! How the file is opened: durable, private, and wary of what is in it.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

use crate::{
    error::JournalError,
    journal::Options,
    limits::{MAX_BLOB_BYTES, MAX_METADATA_BYTES},
    private::{self, failed},
    schema,
};

/// How long to wait for another process's transaction. Ours are short; only a large collection or
/// import holds the file for seconds.
pub(crate) const MAX_WAIT: Duration = Duration::from_mins(1);

/// What the write-ahead log is cut back to after a large transaction.
const WAL_BYTES: i64 = 16 * 1024 * 1024;

/// Opens the connection that writes, making or migrating the file if need be.
pub(crate) fn writer(path: &Path, options: &Options) -> Result<Connection, JournalError> {
    private::directory_of(path)?;
    let _opening = only_one_opens(path)?;
    drop(private::file(path)?);
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, options.file_layer)?;
    if schema::is_new(&connection, path)? {
        // Possible only before the first table is made; lets `gc` give pages back.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    // What was removed is overwritten, since it may have been private.
    connection.pragma_update(None, "secure_delete", true)?;
    schema::migrate(&mut connection, path)?;
    bound(&connection, options.max_file_bytes)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(crate) fn reader(path: &Path, layer: Option<&'static str>) -> Result<Connection, JournalError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, layer)
}

fn open(
    path: &Path,
    mode: OpenFlags,
    layer: Option<&'static str>,
) -> Result<Connection, JournalError> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match layer {
        None => Connection::open_with_flags(path, flags)?,
        Some(layer) => Connection::open_with_flags_and_vfs(path, flags, layer)?,
    };
    connection.busy_timeout(MAX_WAIT)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // No row is larger than a blob with its key, whatever a damaged file says.
    let longest = i32::try_from(MAX_BLOB_BYTES + MAX_METADATA_BYTES).unwrap_or(i32::MAX);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Two processes that make or migrate the file take turns: switching to the write-ahead log does
/// not wait for the other, and would fail.
fn only_one_opens(path: &Path) -> Result<File, JournalError> {
    let path = private::beside(path, ".open.lock");
    let file = private::file(&path)?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

fn bound(connection: &Connection, max_file_bytes: u64) -> Result<(), JournalError> {
    let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = max_file_bytes.checked_div(page).unwrap_or(0).max(1);
    // The largest number SQLite takes here is below this one.
    let pages = pages.min(u64::from(u32::MAX) - 1);
    Ok(connection.pragma_update(None, "max_page_count", pages.cast_signed())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_is_durable_and_the_reader_only_reads() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j");
        let options = Options {
            max_file_bytes: 1 << 30,
            ..Options::default()
        };
        let writer = writer(&path, &options).unwrap();
        let number = |name| {
            let value = writer.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            (name, value.unwrap())
        };
        for expected in [
            ("synchronous", 2),
            ("fullfsync", 1),
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("auto_vacuum", 2),
            ("trusted_schema", 0),
            ("max_page_count", 1 << 18),
        ] {
            assert_eq!(number(expected.0), expected);
        }
        let mode = writer.pragma_query_value(None, "journal_mode", |row| row.get(0));
        assert_eq!(mode, Ok(String::from("wal")));
        let reader = reader(&path, None).unwrap();
        reader.execute("DELETE FROM runs", ()).unwrap_err();
    }
}
