//! What can go wrong.

use std::path::PathBuf;

use crate::{EntryId, EntryState};

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
    /// The file or its folder could not be made, moved or synchronised.
    #[error("the journal could not {operation} {path}")]
    File {
        /// What it was doing.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
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
    /// The entry cannot be taken back: it is not done, has no inverse, or is being taken back already.
    #[error("entry {0:?} cannot be taken back")]
    NotUndoable(EntryId),
    /// An open entry can be settled as done, failed or unknown only.
    #[error("{0:?} does not settle an entry")]
    NotSettled(EntryState),
}

impl JournalError {
    /// Tells whether the disk is full.
    pub fn is_full(&self) -> bool {
        match self {
            JournalError::Store { source, .. } => {
                source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            JournalError::File { source, .. } => {
                source.kind() == std::io::ErrorKind::StorageFull
                    || source.kind() == std::io::ErrorKind::QuotaExceeded
            }
            _ => false,
        }
    }

    /// Tells whether the file is damaged; opening the journal again sets it aside.
    pub fn is_damaged(&self) -> bool {
        matches!(
            self,
            JournalError::Store { source, .. } if is_damage(source)
        )
    }
}

/// Tells whether SQLite says that a file is damaged or not a database.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
    )
}

/// Names what was being done when SQLite failed.
pub(crate) trait During<T> {
    /// Turns SQLite's error into [`JournalError::Store`].
    fn during(self, operation: &'static str) -> Result<T, JournalError>;
}

impl<T> During<T> for Result<T, rusqlite::Error> {
    fn during(self, operation: &'static str) -> Result<T, JournalError> {
        self.map_err(|source| JournalError::Store { operation, source })
    }
}
