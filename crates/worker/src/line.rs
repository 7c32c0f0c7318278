//! The way back to the client, and what it has said about commands under way.

use std::collections::HashSet;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::protocol::{Reply, ReplyBody, write_message};

/// Shared by the thread that listens and the one that computes.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    socket: Arc<Mutex<UnixStream>>,
    cancelled: Arc<Mutex<HashSet<u64>>>,
    /// Commands that wait for the model.
    waiting: Arc<AtomicUsize>,
}

impl Line {
    pub(crate) fn new(socket: UnixStream) -> Self {
        Self {
            socket: Arc::new(Mutex::new(socket)),
            cancelled: Arc::default(),
            waiting: Arc::default(),
        }
    }

    pub(crate) fn send(&self, id: u64, body: ReplyBody) {
        let mut socket = lock(&self.socket);
        if write_message(&mut *socket, &Reply { id, body }).is_err() {
            leave();
        }
    }

    pub(crate) fn cancel(&self, id: u64) {
        lock(&self.cancelled).insert(id);
    }

    pub(crate) fn is_cancelled(&self, id: u64) -> bool {
        lock(&self.cancelled).contains(&id)
    }

    /// Forgets a cancellation whose command has had its final reply.
    pub(crate) fn forget(&self, id: u64) {
        lock(&self.cancelled).remove(&id);
    }

    pub(crate) fn add_waiting(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn take_waiting(&self) {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    pub(crate) fn has_waiting(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process at once: the computing thread may be in the middle of a step, and
/// nothing here needs to be tidied up.
pub(crate) fn leave() -> ! {
    // Nobody is left to complain to.
    let _ = std::io::stderr().flush();
    // SAFETY: ends the process without running anything.
    unsafe { libc::_exit(0) }
}
