//! The kernel's own failures, as a person reads them.

use journal::JournalError;
use protocol::{
    Problem,
    text::{Language, problem},
};

/// Says that the journal cannot be written, so that nothing was done.
pub(crate) fn journal(language: Language, error: &JournalError) -> Problem {
    // Two that take the same back at the same time are no failure, nor is a turn that nobody knows.
    if !matches!(
        error,
        JournalError::NotUndoable(_) | JournalError::Missing { .. }
    ) {
        tracing::error!(%error, source = ?std::error::Error::source(error), "the journal failed");
    }
    match error {
        error if error.is_full() => problem(language, "journal-full", &[]),
        JournalError::NotUndoable(_) => problem(language, "undo-already", &[]),
        JournalError::Missing { what } => problem(language, "journal-missing", &[("what", what)]),
        error => problem(
            language,
            "journal-failed",
            &[("reason", &error.to_string())],
        ),
    }
}
