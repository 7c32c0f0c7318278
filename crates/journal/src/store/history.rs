//! Turns: what was asked, kept for a while.

use rusqlite::{OptionalExtension, params};

use super::{Durability, Journal, StoredTurn, no_turn, now, turn_number};
use crate::{JournalError, error::During, rows};

/// A turn that may be erased: it is over (or its kernel is dead), and none of its acts waits for its settlement.
const OVER: &str = "(finish IS NOT NULL OR id <= :inherited) AND NOT EXISTS \
    (SELECT 1 FROM entry WHERE entry.turn = turn.id AND entry.state = 'open')";

/// A turn with an act that can still be taken back.
const UNDOABLE: &str = "EXISTS (SELECT 1 FROM entry WHERE entry.turn = turn.id \
    AND entry.state = 'done' AND entry.undoable = 1 AND entry.undoes IS NULL)";

impl Journal {
    /// Begins a turn. Returns its id.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn begin_turn(&self, utterance: &str) -> Result<String, JournalError> {
        self.write("begin a turn", Durability::Process, |transaction| {
            transaction
                .prepare_cached("INSERT INTO turn (at, utterance) VALUES (?1, ?2)")?
                .execute(params![now(), utterance])?;
            Ok(rows::turn_id(transaction.last_insert_rowid()))
        })
    }

    /// Records the plan's text of a turn (again when it grows).
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Missing`].
    pub fn record_plan(&self, turn: &str, plan: &str) -> Result<(), JournalError> {
        let number = turn_number(turn)?;
        let changed = self.write("record a plan", Durability::Process, |transaction| {
            transaction
                .prepare_cached("UPDATE turn SET plan = ?2 WHERE id = ?1")?
                .execute(params![number, plan])
        })?;
        if changed == 1 {
            Ok(())
        } else {
            Err(no_turn(turn))
        }
    }

    /// Finishes a turn with the JSON of its `Finish` and of all its events.
    ///
    /// The events should be those that explain the turn; leave panels' data out, since
    /// a panel is made again from its plan.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::Missing`].
    pub fn finish_turn(
        &self,
        turn: &str,
        finish: &str,
        events: &[String],
    ) -> Result<(), JournalError> {
        let number = turn_number(turn)?;
        let changed = self.write("finish a turn", Durability::Process, |transaction| {
            transaction
                .prepare_cached("UPDATE turn SET finish = ?2, events = ?3 WHERE id = ?1")?
                .execute(params![number, finish, rows::to_json(&events)?])
        })?;
        if changed == 1 {
            Ok(())
        } else {
            Err(no_turn(turn))
        }
    }

    /// Returns the last `limit` turns, newest first.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn turns(&self, limit: usize) -> Result<Vec<StoredTurn>, JournalError> {
        let sql = format!(
            "SELECT {} FROM turn ORDER BY id DESC LIMIT ?1",
            rows::TURN_COLUMNS
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let turns: Vec<(i64, StoredTurn)> = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut query| query.query_map([limit], rows::turn)?.collect())
            .during("read the last turns")?;
        turns
            .into_iter()
            .map(|turn| self.with_entries(turn))
            .collect()
    }

    /// Returns one turn.
    ///
    /// # Errors
    ///
    /// [`JournalError::Missing`], [`JournalError::Store`].
    pub fn turn(&self, turn: &str) -> Result<StoredTurn, JournalError> {
        let number = turn_number(turn)?;
        let sql = format!("SELECT {} FROM turn WHERE id = ?1", rows::TURN_COLUMNS);
        let stored = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut query| query.query_row([number], rows::turn).optional())
            .during("read a turn")?;
        self.with_entries(stored.ok_or_else(|| no_turn(turn))?)
    }

    /// Returns the newest turn that has something to undo. What itself took
    /// something back does not count, so that undoing twice goes back two turns.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn last_undoable(&self) -> Result<Option<StoredTurn>, JournalError> {
        let sql = "SELECT max(turn) FROM entry \
                   WHERE state = 'done' AND undoable = 1 AND undoes IS NULL";
        let number: Option<i64> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row([], |row| row.get(0)))
            .during("look for something to undo")?;
        number
            .map(|number| self.turn(&rows::turn_id(number)))
            .transpose()
    }

    /// Erases finished turns older than `before` (Unix seconds), with all that could be undone in them. Returns how many.
    ///
    /// Acts that were left open stay until they are settled.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn erase_before(&self, before: f64) -> Result<usize, JournalError> {
        let sql = format!("DELETE FROM turn WHERE at < :before AND {OVER}");
        let erased = self.write("erase old turns", Durability::Power, |transaction| {
            transaction.execute(
                &sql,
                rusqlite::named_params! {":before": before, ":inherited": self.inherited_turn},
            )
        })?;
        self.forget_log()?;
        Ok(erased)
    }

    /// Erases the words, plans and events of all finished turns, and every act that cannot be taken back. Returns how many turns were touched.
    ///
    /// An act that can still be undone is kept, in a turn without words: to
    /// clear a history must not cost the way back. [`Journal::erase_before`] erases those too.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn erase_all_finished(&self) -> Result<usize, JournalError> {
        let delete = format!("DELETE FROM turn WHERE {OVER} AND NOT {UNDOABLE}");
        let trim = format!(
            "DELETE FROM entry WHERE NOT (state = 'done' AND undoable = 1 AND undoes IS NULL) \
             AND turn IN (SELECT id FROM turn WHERE {OVER})"
        );
        // What was blanked before is not counted again.
        let blank = format!(
            "UPDATE turn SET utterance = '', plan = '', events = '[]' WHERE {OVER} \
             AND (utterance, plan, events) <> ('', '', '[]')"
        );
        let touched = self.write("erase the history", Durability::Power, |transaction| {
            let inherited = rusqlite::named_params! {":inherited": self.inherited_turn};
            // An undo of a turn that goes would be taken for an act by itself: it goes first.
            transaction.execute(&trim, inherited)?;
            let deleted = transaction.execute(&delete, inherited)?;
            Ok(deleted + transaction.execute(&blank, inherited)?)
        })?;
        self.forget_log()?;
        Ok(touched)
    }

    /// Empties the write-ahead log, in which erased rows would stay readable. A
    /// reader in another process can hold it back; it is emptied then later.
    fn forget_log(&self) -> Result<(), JournalError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .during("empty its log")
    }

    fn with_entries(&self, turn: (i64, StoredTurn)) -> Result<StoredTurn, JournalError> {
        let (number, mut turn) = turn;
        let sql = format!(
            "SELECT {} FROM entry WHERE turn = ?1 ORDER BY id",
            rows::ENTRY_COLUMNS
        );
        turn.entries = self
            .connection
            .prepare_cached(&sql)
            .and_then(|mut query| query.query_map([number], rows::entry)?.collect())
            .during("read a turn's entries")?;
        Ok(turn)
    }
}
