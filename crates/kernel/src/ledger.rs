//! The journal, reached from asynchronous code.

use std::{
    path::Path,
    sync::{Arc, PoisonError},
};

use journal::{Journal, JournalError};

/// A shared handle on the journal. Its work blocks on the disk, so it runs beside the event loop.
#[derive(Clone)]
pub struct Ledger {
    journal: Arc<std::sync::Mutex<Journal>>,
}

impl Ledger {
    /// Opens the journal at `path`.
    ///
    /// # Errors
    ///
    /// Those of [`Journal::open`].
    pub fn open(path: &Path) -> Result<Ledger, JournalError> {
        let journal = Journal::open(path)?;
        Ok(Ledger {
            journal: Arc::new(std::sync::Mutex::new(journal)),
        })
    }

    /// Runs `work` on the journal in a blocking thread.
    ///
    /// Dropping the future does not stop `work`: what was begun on disk is finished.
    ///
    /// # Errors
    ///
    /// Those of `work`.
    pub async fn with<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnOnce(&Journal) -> Result<T, JournalError> + Send + 'static,
    {
        let journal = self.journal.clone();
        let run = move || {
            // A poisoned lock means that a caller panicked between two statements of SQL;
            // SQLite has rolled its transaction back, so the journal itself is whole.
            let journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            work(&journal)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => result,
            Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
        }
    }
}
