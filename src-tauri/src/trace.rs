//! Measures of what a person waits for, as JSON lines.
//!
//! `LUCID_SHELL_TRACE=FILE` turns it on: one object per line with `measure`
//! and `ms`. Without it nothing is measured.

use std::{
    env,
    fs::{File, OpenOptions},
    io::Write,
    sync::Mutex,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

static NEXT_TRIGGER: AtomicU64 = AtomicU64::new(1);

/// The moment at which something asked for the overlay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trigger {
    /// Given to the page, which gives it back once it has painted.
    pub(crate) id: u64,
    at: Instant,
}

impl Trigger {
    /// A trigger of this moment.
    pub(crate) fn now() -> Self {
        let id = NEXT_TRIGGER.fetch_add(1, Ordering::Relaxed);
        Self {
            id,
            at: Instant::now(),
        }
    }
}

/// The file, and the show that is being measured.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    file: Option<Mutex<File>>,
    pending: Mutex<Option<Trigger>>,
}

impl Trace {
    /// Opens the file that the environment names.
    pub(crate) fn from_environment() -> Self {
        let path = env::var_os("LUCID_SHELL_TRACE").filter(|path| !path.is_empty());
        let file = path.and_then(|path| {
            let opened = OpenOptions::new().create(true).append(true).open(&path);
            opened
                .inspect_err(|error| tracing::warn!(%error, "could not open LUCID_SHELL_TRACE"))
                .ok()
        });
        Self {
            file: file.map(Mutex::new),
            pending: Mutex::new(None),
        }
    }

    /// Whether anybody reads the measures.
    pub(crate) fn is_on(&self) -> bool {
        self.file.is_some()
    }

    /// The overlay is being shown because of `trigger`.
    pub(crate) fn shown(&self, trigger: Trigger) {
        if let Ok(mut pending) = self.pending.lock() {
            *pending = Some(trigger);
        }
    }

    /// The page has drawn its second frame after the show `id`.
    pub(crate) fn painted(&self, id: u64) {
        let Ok(mut pending) = self.pending.lock() else {
            return;
        };
        if let Some(trigger) = pending.take_if(|trigger| trigger.id == id) {
            self.record("toggle_to_painted", trigger.at.elapsed());
        }
    }

    /// Writes one measure.
    pub(crate) fn record(&self, measure: &str, time: Duration) {
        let Some(Ok(mut file)) = self.file.as_ref().map(Mutex::lock) else {
            return;
        };
        let ms = (time.as_secs_f64() * 1e5).round() / 100.0;
        let line = serde_json::json!({ "measure": measure, "ms": ms });
        if let Err(error) = writeln!(file, "{line}") {
            tracing::warn!(%error, "could not write a measure");
        }
    }
}
