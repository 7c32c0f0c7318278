//! The schema and its versions.

use rusqlite::{Connection, TransactionBehavior};

use crate::{JournalError, error::During};

/// Step `n` brings a file of version `n` to version `n + 1`. Steps are never changed once released.
pub(crate) const MIGRATIONS: &[&str] = &[
    // `AUTOINCREMENT`: the number of an erased turn is never given to another.
    // The unique index makes it impossible to take one act back twice.
    "
    CREATE TABLE turn (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        at        REAL NOT NULL,
        utterance TEXT NOT NULL,
        plan      TEXT NOT NULL DEFAULT '',
        events    TEXT NOT NULL DEFAULT '[]',
        finish    TEXT
    ) STRICT;
    CREATE INDEX turn_at ON turn (at);
    CREATE TABLE entry (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        turn     INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
        at       REAL NOT NULL,
        function TEXT NOT NULL,
        effect   TEXT NOT NULL,
        call     TEXT NOT NULL,
        digest   TEXT NOT NULL,
        reason   TEXT NOT NULL,
        intent   TEXT NOT NULL,
        state    TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed', 'unknown', 'undone')),
        outcome  TEXT,
        undoable INTEGER NOT NULL DEFAULT 0 CHECK (undoable IN (0, 1)),
        note     TEXT NOT NULL DEFAULT '',
        undoes   INTEGER REFERENCES entry (id) ON DELETE SET NULL,
        CHECK (state IN ('done', 'undone') OR undoable = 0)
    ) STRICT;
    CREATE INDEX entry_turn ON entry (turn);
    CREATE INDEX entry_open ON entry (id) WHERE state = 'open';
    CREATE INDEX entry_undoable ON entry (turn) WHERE state = 'done' AND undoable = 1 AND undoes IS NULL;
    CREATE UNIQUE INDEX entry_undone_once ON entry (undoes) WHERE state IN ('open', 'done');
    CREATE TABLE setting (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;
    ",
];

/// Brings the file to the newest version of `migrations`, each step whole or not at all.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[&str],
) -> Result<(), JournalError> {
    let operation = "migrate its file";
    let known = migrations.len() as i64;
    loop {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .during(operation)?;
        let found: i64 = transaction
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .during(operation)?;
        if found > known || found < 0 {
            return Err(JournalError::TooNew { found, known });
        }
        let Some(step) = migrations.get(found as usize) else {
            return Ok(());
        };
        transaction.execute_batch(step).during(operation)?;
        transaction
            .pragma_update(None, "user_version", found + 1)
            .during(operation)?;
        transaction.commit().during(operation)?;
    }
}
