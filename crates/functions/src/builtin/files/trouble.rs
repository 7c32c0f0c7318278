//! Failures of the file system as sentences.

use std::{io, path::Path};

use plan::escape_for_display;
use protocol::text::Language;

use crate::{ErrorKind, FunctionError};

/// Shows a path to a person: invisible characters made visible.
pub(crate) fn shown(path: &Path) -> String {
    escape_for_display(&path.to_string_lossy())
}

/// Shows a path to a person as plans write it: the home folder as `~`.
pub(crate) fn shown_from_home(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(inner) if inner.as_os_str().is_empty() => "~".to_owned(),
        Ok(inner) => format!("~/{}", shown(inner)),
        Err(_) => shown(path),
    }
}

/// Makes the failure `id` about `path`.
pub(crate) fn about(kind: ErrorKind, language: Language, id: &str, path: &Path) -> FunctionError {
    FunctionError::new(kind, language, id, &[("path", &shown(path))])
}

/// Something is already at `path`.
pub(crate) fn in_the_way(language: Language, path: &Path) -> FunctionError {
    about(ErrorKind::Conflict, language, "file-in-the-way", path)
}

/// What is at `path` is not what was looked at before.
pub(crate) fn changed(language: Language, path: &Path) -> FunctionError {
    about(ErrorKind::Conflict, language, "file-changed", path)
}

/// Says what `error` means for `path`.
pub(crate) fn from_io(language: Language, path: &Path, error: &io::Error) -> FunctionError {
    use rustix::io::Errno;
    let (kind, id) = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) => (ErrorKind::NotFound, "file-missing"),
        Some(Errno::EXIST | Errno::NOTEMPTY) => (ErrorKind::Conflict, "file-in-the-way"),
        // A file above the size limit of the process or of the file system fits no more than one on a full disk.
        Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => (ErrorKind::Full, "file-disk-full"),
        Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => (ErrorKind::Failed, "file-denied"),
        Some(Errno::LOOP | Errno::XDEV) => (ErrorKind::Conflict, "file-link-swapped"),
        Some(Errno::NOTDIR) => (ErrorKind::NotFound, "file-not-folder"),
        Some(Errno::NAMETOOLONG | Errno::INVAL) => (ErrorKind::Invalid, "file-name-unusable"),
        _ if error.kind() == io::ErrorKind::Interrupted => (ErrorKind::Failed, "file-stopped"),
        _ => (ErrorKind::Failed, "file-failed"),
    };
    let reason = error.to_string();
    let values = [("path", &*shown(path)), ("reason", &*reason)];
    FunctionError::new(kind, language, id, &values)
}
