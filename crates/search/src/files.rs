//! The names of all files beneath a folder, found in the background and kept fresh.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

use ignore::{WalkBuilder, WalkState};
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{ModifyKind, RenameMode},
};

use crate::names::Names;

/// More files than this are not indexed: about 120 MB of memory.
const LIMIT: usize = 500_000;

/// The index. Cheap to clone; the clones share it.
#[derive(Clone, Default)]
pub struct FileIndex {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    names: RwLock<Names>,
    /// What was removed since it was indexed; it stays in the list of names.
    gone: Mutex<HashSet<Box<Path>>>,
    watcher: Mutex<Option<RecommendedWatcher>>,
}

impl FileIndex {
    /// Makes an empty index.
    pub fn new() -> FileIndex {
        FileIndex::default()
    }

    /// Indexes everything beneath `root` and watches it from then on. Blocks until all is
    /// indexed: call it from a thread of its own. Hidden files and what `.gitignore` and
    /// `.ignore` files name are left out; links are not followed.
    pub fn crawl(&self, root: &Path) {
        self.watch();
        let walk = WalkBuilder::new(root)
            .threads(1)
            .follow_links(false)
            .build_parallel();
        walk.run(|| {
            Box::new(|entry| {
                // What cannot be read is not indexed.
                let Ok(entry) = entry else {
                    return WalkState::Continue;
                };
                if entry.depth() == 0 {
                    self.watch_folder(entry.path());
                    return WalkState::Continue;
                }
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                if is_folder {
                    self.watch_folder(entry.path());
                }
                self.add(entry.into_path(), is_folder);
                if self.len() >= LIMIT {
                    WalkState::Quit
                } else {
                    WalkState::Continue
                }
            })
        });
        tracing::info!(files = self.len(), "indexed");
    }

    /// Counts the files and folders in the index, with those that have gone since.
    pub fn len(&self) -> usize {
        self.names().len()
    }

    /// Tells whether nothing is indexed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a path.
    pub fn add(&self, path: PathBuf, is_folder: bool) {
        let path = path.into_boxed_path();
        self.lock_gone().remove(&path);
        let mut names = self
            .shared
            .names
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        names.add(path, is_folder);
    }

    /// Forgets a path.
    pub fn remove(&self, path: &Path) {
        self.lock_gone().insert(path.into());
    }

    /// Returns the best matches of `query`, as `(path, is a folder, score)`.
    pub(crate) fn matches(&self, query: &str, limit: usize) -> Vec<(PathBuf, bool, u32)> {
        let names = self.names();
        let gone = self.lock_gone();
        let mut seen = HashSet::new();
        let present = names.matches(query, limit).into_iter().filter(|found| {
            // With a folder that was moved away goes all that was in it.
            let is_gone = found.path.ancestors().any(|above| gone.contains(above));
            // What came back is in the list twice.
            !is_gone && seen.insert(found.path)
        });
        present
            .take(limit)
            .map(|found| (found.path.to_owned(), found.is_folder, found.score))
            .collect()
    }

    fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.shared
            .names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        let (sender, events) = std::sync::mpsc::channel();
        let index = Arc::downgrade(&self.shared);
        // A thread of its own: watching a new folder waits for the watcher's thread, so that
        // one must not be the caller. It ends with the watcher, which holds the sender.
        std::thread::spawn(move || {
            for event in events.into_iter().flatten() {
                let Some(shared) = index.upgrade() else {
                    return;
                };
                FileIndex { shared }.take(event);
            }
        });
        let handler = move |event: notify::Result<Event>| {
            // Fails only while the index goes away.
            let _ = sender.send(event);
        };
        match notify::recommended_watcher(handler) {
            Ok(watcher) => {
                *self
                    .shared
                    .watcher
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = Some(watcher)
            }
            Err(error) => {
                tracing::warn!(%error, "files are not watched; new ones are found after the next start")
            }
        }
    }

    fn watch_folder(&self, folder: &Path) {
        let mut watcher = self
            .shared
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(watching) = watcher.as_mut() else {
            return;
        };
        if let Err(error) = watching.watch(folder, RecursiveMode::NonRecursive) {
            // Most likely the limit of watches: what is watched stays watched.
            tracing::debug!(%error, folder = %folder.display(), "a folder is not watched");
        }
    }

    fn take(&self, event: Event) {
        match event.kind {
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                event.paths.into_iter().for_each(|path| self.appeared(path))
            }
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                event.paths.iter().for_each(|path| self.remove(path))
            }
            _ => {}
        }
    }

    fn appeared(&self, path: PathBuf) {
        if name(&path).starts_with('.') || self.len() >= LIMIT {
            return;
        }
        let is_folder = path
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            self.watch_folder(&path);
            // Files may have come into it before it was watched.
            for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
                self.appeared(entry.path());
            }
        }
        self.add(path, is_folder);
    }

    fn lock_gone(&self) -> MutexGuard<'_, HashSet<Box<Path>>> {
        self.shared
            .gone
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// Asks until `query` finds as wanted, because matching and watching run beside us.
    fn eventually(index: &FileIndex, query: &str, found: bool) {
        let start = Instant::now();
        while index.matches(query, 10).is_empty() == found {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{query}: {found}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn files_that_come_and_go_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("letters")).unwrap();
        std::fs::write(folder.path().join("letters/an Anna.txt"), "").unwrap();
        std::fs::write(folder.path().join(".hidden-anna"), "").unwrap();
        let index = FileIndex::new();
        index.crawl(folder.path());
        eventually(&index, "anna", true);
        assert_eq!(index.matches("anna", 10).len(), 1, "hidden files stay out");
        std::fs::create_dir(folder.path().join("新的")).unwrap();
        std::fs::write(folder.path().join("新的/报告.txt"), "").unwrap();
        eventually(&index, "报告", true);
        std::fs::remove_file(folder.path().join("letters/an Anna.txt")).unwrap();
        eventually(&index, "anna", false);
    }

    #[test]
    fn a_folder_that_is_moved_takes_its_files_along() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("old")).unwrap();
        std::fs::write(folder.path().join("old/invoice.pdf"), "").unwrap();
        let index = FileIndex::new();
        index.crawl(folder.path());
        eventually(&index, "invoice", true);
        std::fs::rename(folder.path().join("old"), folder.path().join("new")).unwrap();
        let moved = folder.path().join("new/invoice.pdf");
        let start = Instant::now();
        while index
            .matches("invoice", 10)
            .iter()
            .map(|(path, _, _)| path)
            .ne([&moved])
        {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "the new place is not known"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn names_that_are_not_utf8_do_no_harm() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder
                .path()
                .join(std::ffi::OsStr::from_bytes(b"caf\xe9 menu")),
            "",
        )
        .unwrap();
        let index = FileIndex::new();
        index.crawl(folder.path());
        eventually(&index, "menu", true);
    }
}
