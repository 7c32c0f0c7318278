//! Work that blocks, off the threads that serve everything else.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use protocol::text::Language;

use crate::{ErrorKind, FunctionError};

/// Tells work that nobody waits for its result any more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Tells whether to stop.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails once it is time to stop.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.is_set() {
            Err(io::ErrorKind::Interrupted.into())
        } else {
            Ok(())
        }
    }
}

struct SetOnDrop(Stop);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Runs short work that may block, so that it is over when this returns: a stop cannot part it
/// from what follows. On the kernel's runtime other tasks move to another thread meanwhile.
pub(crate) fn in_place<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Runs `work` on a thread that may block. Dropping the future tells `work` to stop; what it
/// gives back then is dropped, and with it whatever it had only prepared.
pub(crate) async fn off_thread<T: Send + 'static>(
    language: Language,
    work: impl FnOnce(&Stop) -> Result<T, FunctionError> + Send + 'static,
) -> Result<T, FunctionError> {
    let stop = Stop::default();
    let _guard = SetOnDrop(stop.clone());
    match tokio::task::spawn_blocking(move || work(&stop)).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "work on files broke off");
            let id = "function-panicked";
            Err(FunctionError::new(ErrorKind::Failed, language, id, &[]))
        }
    }
}
