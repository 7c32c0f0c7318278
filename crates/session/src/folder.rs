//! The files of a headless session.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::SessionError;

/// A folder with a home, a run-time folder and logs, removed when dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    root: TempDir,
    logs: PathBuf,
}

impl Folder {
    /// Makes the folder; the logs go to `logs` when it is given, and stay then.
    pub(crate) fn new(logs: Option<&Path>) -> Result<Self, SessionError> {
        // Not /tmp: sockets must fit into 108 characters, and a home may grow large.
        let root = tempfile::Builder::new()
            .prefix("lucid-session-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in("/var/tmp")
            .map_err(|source| SessionError::Write {
                path: "/var/tmp".into(),
                source,
            })?;
        let logs = logs.map_or_else(|| root.path().join("logs"), Path::to_owned);
        let folder = Folder { root, logs };
        for path in [folder.home(), folder.run(), folder.logs().to_owned()] {
            make_folder(&path)?;
        }
        // The base directory specification wants 0700, and dbus-daemon checks it.
        fs::set_permissions(folder.run(), fs::Permissions::from_mode(0o700)).map_err(|source| {
            SessionError::Write {
                path: folder.run(),
                source,
            }
        })?;
        Ok(folder)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.root.path().join("run")
    }

    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), SessionError> {
    fs::create_dir_all(path).map_err(|source| SessionError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file, making the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), SessionError> {
    if let Some(parent) = path.parent() {
        make_folder(parent)?;
    }
    fs::write(path, text).map_err(|source| SessionError::Write {
        path: path.to_owned(),
        source,
    })
}
