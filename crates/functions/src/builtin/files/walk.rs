//! A walk through a folder and all beneath it, bounded in time and number.

use std::{
    fs::{DirEntry, FileType},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use protocol::text::{Language, message};

use super::blocking::Stop;

/// After this time a walk gives what it has.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// After this many entries a walk gives what it has.
const ENTRY_LIMIT: usize = 5_000_000;
/// What the kernel makes up; nobody's files are there.
const NOT_FILES: &[&str] = &["/proc", "/sys", "/dev", "/run"];

/// How a walk went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// Folders that could not be read.
    pub(super) unreadable: usize,
    /// Whether a limit ended it.
    pub(super) cut: bool,
    entries: usize,
}

impl Walked {
    /// Says what is missing; empty when nothing is.
    pub(super) fn note(&self, language: Language) -> String {
        let mut note = Vec::new();
        if self.cut {
            note.push(message(language, "files-walk-cut", &[]));
        }
        if self.unreadable > 0 {
            let count = self.unreadable.to_string();
            note.push(message(language, "files-unreadable", &[("count", &count)]));
        }
        note.join(" ")
    }
}

/// Calls `visit` for everything beneath `folder`.
///
/// Links are visited and not followed, so that no loop arises. What begins
/// with a dot is left out unless `hidden`.
pub(super) fn walk(
    folder: &Path,
    hidden: bool,
    stop: &Stop,
    mut visit: impl FnMut(&DirEntry, FileType),
) -> io::Result<Walked> {
    let begun = Instant::now();
    let mut walked = Walked::default();
    let mut waiting = vec![folder.to_owned()];
    // The first folder must be readable; others are only counted.
    std::fs::read_dir(folder)?;
    while let Some(folder) = waiting.pop() {
        stop.check()?;
        if walked.entries > ENTRY_LIMIT || begun.elapsed() > TIME_LIMIT {
            walked.cut = true;
            break;
        }
        if one_folder(&folder, hidden, stop, &mut waiting, &mut walked, &mut visit).is_err() {
            stop.check()?;
            walked.unreadable += 1;
        }
    }
    Ok(walked)
}

fn one_folder(
    folder: &Path,
    hidden: bool,
    stop: &Stop,
    waiting: &mut Vec<PathBuf>,
    walked: &mut Walked,
    visit: &mut impl FnMut(&DirEntry, FileType),
) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        walked.entries += 1;
        if walked.entries.is_multiple_of(1024) {
            stop.check()?;
        }
        if !hidden && entry.file_name().as_bytes().starts_with(b".") {
            continue;
        }
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        visit(&entry, kind);
        if kind.is_dir() {
            let path = entry.path();
            if !NOT_FILES.iter().any(|made_up| path == Path::new(made_up)) {
                waiting.push(path);
            }
        }
    }
    Ok(())
}
