//! Compares a model's file with the catalogue while the worker loads it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;

use super::WorkerOptions;
use crate::EngineError;
use crate::store::checked::{self, Verdict};

/// A comparison on its way. Dropping it gives it up.
pub(super) struct Integrity {
    model: String,
    path: PathBuf,
    /// Tells whether the file is whole; none where that is known already.
    reading: Option<oneshot::Receiver<bool>>,
    given_up: Arc<AtomicBool>,
}

impl Integrity {
    /// Begins to compare, unless no hash is told or the file was compared before.
    ///
    /// # Errors
    ///
    /// [`EngineError::DamagedModel`] when it was found to be damaged before.
    pub(super) fn begin(options: &WorkerOptions) -> Result<Integrity, EngineError> {
        let mut integrity = Integrity {
            model: options.model.clone(),
            path: options.load.path.clone(),
            reading: None,
            given_up: Arc::default(),
        };
        let Some(sha256) = options.load.sha256.clone() else {
            return Ok(integrity);
        };
        let folder = options.checked.clone();
        match checked::verdict(folder.as_deref(), &integrity.path, &sha256) {
            Verdict::Whole => {}
            Verdict::Damaged => return Err(integrity.damaged()),
            Verdict::Unread => {
                let (sender, reading) = oneshot::channel();
                let (path, given_up) = (integrity.path.clone(), integrity.given_up.clone());
                // A thread of its own, so that a kernel that ends does not wait for the disk.
                std::thread::spawn(move || {
                    let mut go_on = |_| !given_up.load(Ordering::Relaxed);
                    let found = checked::hash(folder.as_deref(), &path, &mut go_on);
                    // What cannot be read is the worker's to complain of.
                    let is_whole =
                        found.map_or(true, |found| found.is_none_or(|hash| hash == sha256));
                    // Nobody needs the answer of a load that was given up.
                    let _ = sender.send(is_whole);
                });
                integrity.reading = Some(reading);
            }
        }
        Ok(integrity)
    }

    /// Waits for the comparison.
    ///
    /// # Errors
    ///
    /// [`EngineError::DamagedModel`] when the file is not the catalogue's.
    pub(super) async fn confirmed(mut self) -> Result<(), EngineError> {
        let is_whole = match self.reading.take() {
            // A thread that broke off has said so in the log; the file is not to blame.
            Some(reading) => reading.await.unwrap_or(true),
            None => true,
        };
        if is_whole {
            Ok(())
        } else {
            Err(self.damaged())
        }
    }

    fn damaged(&self) -> EngineError {
        EngineError::DamagedModel {
            model: self.model.clone(),
            path: self.path.clone(),
        }
    }
}

impl Drop for Integrity {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}
