//! The SQLite store.

mod entries;
mod history;

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use plan::FunctionName;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::{EntryId, EntryState, Intent, JournalError, Outcome, Undo, error::During, file, rows};

/// The journal: one SQLite file, WAL, `synchronous=FULL`. Calls block on the disk.
///
/// What an act rests on (intents, outcomes, settlements, settings, erasures) is on
/// the disk when the call returns. What only tells the story (a turn's words,
/// plan and events, and calls that only read) is safe from the death of this
/// process at once, and from a power loss with the next act: it costs no wait for the disk.
pub struct Journal {
    connection: Connection,
    durability: Cell<Durability>,
    set_aside: Option<PathBuf>,
    /// The last turn and entry of earlier processes: what is open up to here was left behind.
    inherited_turn: i64,
    inherited_entry: i64,
}

/// A turn as stored. `events` is the JSON of its `TurnEvent`s, kept for `why`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    /// `t1`, `t2`, …
    pub turn: String,
    /// Unix time in seconds.
    pub at: f64,
    /// What was asked; empty once the history was cleared.
    pub utterance: String,
    /// The plan's text.
    pub plan: String,
    /// JSON of the events so far.
    pub events: Vec<String>,
    /// JSON of the `Finish`, once there is one.
    pub finish: Option<String>,
    /// Its entries in order.
    pub entries: Vec<StoredEntry>,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// Its number.
    pub id: EntryId,
    /// Its turn.
    pub turn: String,
    /// The function.
    pub function: FunctionName,
    /// The whole call.
    pub call: policy::ResolvedCall,
    /// Where it stands.
    pub state: EntryState,
    /// The intent.
    pub intent: Intent,
    /// The outcome, once there is one.
    pub outcome: Option<Outcome>,
    /// What went wrong, where something did.
    pub note: String,
    /// The entry that this one takes back.
    pub undoes: Option<EntryId>,
    /// Whether it is known how to take it back.
    pub(crate) undoable: bool,
}

impl StoredEntry {
    /// Returns how to take it back, while that is possible.
    pub fn undo(&self) -> Option<&Undo> {
        if self.state != EntryState::Done || !self.undoable {
            return None;
        }
        match &self.outcome {
            Some(outcome) => outcome.undo.as_ref(),
            None => self.intent.undo.as_ref(),
        }
    }
}

/// What a write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// The death of this process.
    Process,
    /// A power loss.
    Power,
}

impl Journal {
    /// Opens or makes the journal at `path` and migrates it.
    ///
    /// A damaged file is renamed beside `path`, never deleted, and a fresh one
    /// is begun; [`Journal::set_aside`] then says where the old one is.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::File`], [`JournalError::TooNew`].
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        let (connection, set_aside) = file::open(path)?;
        let last = |table: &str| {
            let sql = format!("SELECT coalesce(max(id), 0) FROM {table}");
            connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
        };
        let inherited_turn = last("turn").during("read its last turn")?;
        let inherited_entry = last("entry").during("read its last entry")?;
        let journal = Journal {
            connection,
            durability: Cell::new(Durability::Power),
            set_aside,
            inherited_turn,
            inherited_entry,
        };
        journal.drop_interrupted_reads()?;
        Ok(journal)
    }

    /// Returns where a damaged file was put when this journal was opened; tell the person.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// Returns a setting's JSON.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn setting(&self, key: &str) -> Result<Option<String>, JournalError> {
        self.connection
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")
            .and_then(|mut query| query.query_row([key], |row| row.get(0)).optional())
            .during("read a setting")
    }

    /// Keeps a setting's JSON.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn set_setting(&self, key: &str, json: &str) -> Result<(), JournalError> {
        let sql = "INSERT INTO setting (key, value) VALUES (?1, ?2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.write("keep a setting", Durability::Power, |transaction| {
            transaction.execute(sql, [key, json])?;
            Ok(())
        })
    }

    /// Runs `body` in a transaction of its own that is as durable as asked when this returns.
    fn write<T>(
        &self,
        operation: &'static str,
        durability: Durability,
        body: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        self.set_durability(durability).during(operation)?;
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
                .during(operation)?;
        let value = body(&transaction).during(operation)?;
        transaction.commit().during(operation)?;
        Ok(value)
    }

    /// Lets the file grow no further, as a full disk does.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self) {
        let pages: i64 = self
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(()))
            .unwrap();
    }

    fn set_durability(&self, durability: Durability) -> rusqlite::Result<()> {
        if self.durability.get() != durability {
            let word = match durability {
                Durability::Power => "full",
                Durability::Process => "normal",
            };
            self.connection.pragma_update(None, "synchronous", word)?;
            self.durability.set(durability);
        }
        Ok(())
    }
}

/// Reads a turn's id, or says that there is no such turn.
fn turn_number(turn: &str) -> Result<i64, JournalError> {
    rows::turn_number(turn).ok_or_else(|| no_turn(turn))
}

fn no_turn(turn: &str) -> JournalError {
    JournalError::Missing {
        what: format!("turn {turn}"),
    }
}

fn no_entry(entry: EntryId) -> JournalError {
    JournalError::Missing {
        what: format!("open entry {}", entry.0),
    }
}

/// Returns the Unix time in seconds.
fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
