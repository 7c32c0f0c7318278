//! The SQLite store.

use std::path::Path;

use plan::FunctionName;
use policy::PermittedCall;

use crate::{EntryId, EntryState, Intent, OpenEntry, Outcome, Undo};

/// The journal: one SQLite file, WAL, `synchronous=FULL`. Calls block on the disk.
pub struct Journal {
    _connection: rusqlite::Connection,
}

/// Why the journal could not do something; nothing was acted on.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// SQLite failed; a full disk is told by [`JournalError::is_full`].
    #[error("the journal could not {operation}")]
    Store {
        /// What it was doing.
        operation: &'static str,
        /// SQLite's error.
        source: rusqlite::Error,
    },
    /// The file is of a newer Lucid.
    #[error("the journal has schema {found}, this Lucid knows up to {known}")]
    TooNew {
        /// Found in the file.
        found: i64,
        /// Known.
        known: i64,
    },
    /// No such turn or entry.
    #[error("the journal has no {what}")]
    Missing {
        /// What was looked for.
        what: String,
    },
}

impl JournalError {
    /// Tells whether the disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, JournalError::Store { source, .. } if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }
}

/// A turn as stored. `events` is the JSON of its `TurnEvent`s, kept for `why`.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    /// `t1`, `t2`, …
    pub turn: String,
    /// Unix time in seconds.
    pub at: f64,
    /// What was asked.
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
}

impl StoredEntry {
    /// Returns how to take it back, while that is possible.
    pub fn undo(&self) -> Option<&Undo> {
        match self.state {
            EntryState::Done => self
                .outcome
                .as_ref()
                .and_then(|outcome| outcome.undo.as_ref()),
            EntryState::Open | EntryState::Failed | EntryState::Unknown | EntryState::Undone => {
                None
            }
        }
    }
}

#[allow(unused_variables, reason = "being written")]
impl Journal {
    /// Opens or makes the journal at `path` and migrates it.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`], [`JournalError::TooNew`].
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        todo!()
    }

    /// Begins a turn. Returns its id.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn begin_turn(&self, utterance: &str) -> Result<String, JournalError> {
        todo!()
    }

    /// Records the plan's text of a turn (again when it grows).
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn record_plan(&self, turn: &str, plan: &str) -> Result<(), JournalError> {
        todo!()
    }

    /// Finishes a turn with the JSON of its `Finish` and of all its events.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn finish_turn(
        &self,
        turn: &str,
        finish: &str,
        events: &[String],
    ) -> Result<(), JournalError> {
        todo!()
    }

    /// Makes the intent durable and gives the right to execute. `undoes` names the entry that is taken back.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`]; then nothing may be executed.
    pub fn open_entry(
        &self,
        turn: &str,
        permitted: PermittedCall,
        intent: Intent,
        undoes: Option<EntryId>,
    ) -> Result<OpenEntry, JournalError> {
        todo!()
    }

    /// Closes an entry as done; marks the entry that it undoes as undone in the same transaction.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn close_done(&self, entry: OpenEntry, outcome: &Outcome) -> Result<(), JournalError> {
        todo!()
    }

    /// Closes an entry as failed, with one sentence.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn close_failed(&self, entry: OpenEntry, note: &str) -> Result<(), JournalError> {
        todo!()
    }

    /// Returns the entries that were open when the last kernel died.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn unsettled(&self) -> Result<Vec<StoredEntry>, JournalError> {
        todo!()
    }

    /// Settles an entry that was open when the last kernel died; idempotent.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn settle(
        &self,
        entry: EntryId,
        state: EntryState,
        outcome: Option<&Outcome>,
        note: &str,
    ) -> Result<(), JournalError> {
        todo!()
    }

    /// Returns the last `limit` turns, newest first.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn turns(&self, limit: usize) -> Result<Vec<StoredTurn>, JournalError> {
        todo!()
    }

    /// Returns one turn.
    ///
    /// # Errors
    ///
    /// [`JournalError::Missing`], [`JournalError::Store`].
    pub fn turn(&self, turn: &str) -> Result<StoredTurn, JournalError> {
        todo!()
    }

    /// Returns the newest turn that has something to undo.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn last_undoable(&self) -> Result<Option<StoredTurn>, JournalError> {
        todo!()
    }

    /// Erases finished turns older than `before` (Unix seconds). Returns how many.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn erase_before(&self, before: f64) -> Result<usize, JournalError> {
        todo!()
    }

    /// Returns a setting's JSON.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn setting(&self, key: &str) -> Result<Option<String>, JournalError> {
        todo!()
    }

    /// Keeps a setting's JSON.
    ///
    /// # Errors
    ///
    /// [`JournalError::Store`].
    pub fn set_setting(&self, key: &str, json: &str) -> Result<(), JournalError> {
        todo!()
    }
}
