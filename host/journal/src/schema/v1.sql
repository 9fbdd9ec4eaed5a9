-- Version 1. Frozen: a later version is a further file.

CREATE TABLE runs (
  key        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT    NOT NULL UNIQUE,
  format     INTEGER NOT NULL,             -- of the hash chain
  started_ms INTEGER NOT NULL,
  title      TEXT    NOT NULL,
  metadata   TEXT    NOT NULL,
  status     TEXT,                         -- as the latest record with a status gave it
  ended_ms   INTEGER,
  count      INTEGER NOT NULL,             -- of records
  head       BLOB    NOT NULL              -- hash of the last record, or of the run's start
) STRICT;

CREATE INDEX runs_by_start ON runs (started_ms, key);

CREATE TABLE records (
  run        INTEGER NOT NULL REFERENCES runs (key),
  seq        INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  payload    BLOB    NOT NULL,
  status     TEXT,
  ended_ms   INTEGER,
  previous   BLOB    NOT NULL,             -- hash of the record before
  hash       BLOB    NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
  key        INTEGER PRIMARY KEY,
  digest     BLOB    NOT NULL UNIQUE,
  bytes      BLOB    NOT NULL
) STRICT;

CREATE TABLE record_blobs (
  run        INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  digest     BLOB    NOT NULL REFERENCES blobs (digest),
  label      TEXT    NOT NULL,             -- JSON
  media      TEXT    NOT NULL,
  PRIMARY KEY (run, seq, position),
  FOREIGN KEY (run, seq) REFERENCES records (run, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_blobs_by_digest ON record_blobs (digest);
