//! The plugins: where they are, what is wrong with them, and when they change.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use functions::Registry;
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::Kernel;

/// How long nothing more must change before plugins are loaded anew: an editor writes a file in several steps.
const SETTLED: Duration = Duration::from_millis(150);
/// How long plugins are not looked at after a change that goes on.
const LONGEST: Duration = Duration::from_secs(2);

/// The folders of plugins, and what was wrong when they were read.
#[derive(Debug)]
pub(crate) struct Plugins {
    own: Vec<PathBuf>,
    added: PathBuf,
    mistakes: Mutex<Vec<String>>,
}

impl Plugins {
    pub(crate) fn new(own: Vec<PathBuf>, added: PathBuf) -> Plugins {
        Plugins {
            own,
            added,
            mistakes: Mutex::default(),
        }
    }

    /// Reads all of them.
    pub(crate) fn load(&self) -> Registry {
        let own: Vec<&Path> = self.own.iter().map(PathBuf::as_path).collect();
        let (registry, errors) = Registry::load(&own, &[&self.added]);
        let mistakes: Vec<String> = errors.iter().map(ToString::to_string).collect();
        for mistake in &mistakes {
            tracing::error!(mistake, "a manifest was not loaded");
        }
        *self.mistakes.lock().unwrap_or_else(PoisonError::into_inner) = mistakes;
        registry
    }

    /// What was wrong when they were read last.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mistakes = self.mistakes.lock();
        mistakes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Watches the person's own plugins, their folders and what is kept about them; nothing deeper.
    fn watch(&self, changed: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
        let handler = move |event: notify::Result<notify::Event>| {
            let is_change = event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_)));
            if is_change {
                // A change that waits already stands for this one.
                let _ = changed.try_send(());
            }
        };
        std::fs::create_dir_all(&self.added)?;
        let mut watcher = notify::recommended_watcher(handler)?;
        watcher.watch(&self.added, RecursiveMode::NonRecursive)?;
        for entry in std::fs::read_dir(&self.added)?.flatten() {
            let path = entry.path();
            if path.is_dir()
                && let Err(error) = watcher.watch(&path, RecursiveMode::NonRecursive)
            {
                tracing::warn!(%error, path = %path.display(), "changes of a plugin are not noticed");
            }
        }
        Ok(watcher)
    }
}

impl Kernel {
    /// Loads the plugins anew whenever they change.
    pub(crate) async fn watch_plugins(self: Arc<Kernel>) {
        let (sender, mut changes) = mpsc::channel(1);
        let mut has_changed = false;
        loop {
            // Made anew after each change, for the folders that are there then, and before they are read.
            let _watcher = match self.plugins.watch(sender.clone()) {
                Ok(watcher) => watcher,
                Err(error) => {
                    tracing::warn!(%error, "changes of plugins are not noticed");
                    return;
                }
            };
            if has_changed {
                self.reload_plugins().await;
            }
            has_changed = changes.recv().await.is_some();
            let settling =
                async { while tokio::time::timeout(SETTLED, changes.recv()).await.is_ok() {} };
            let _ = tokio::time::timeout(LONGEST, settling).await;
        }
    }
}
