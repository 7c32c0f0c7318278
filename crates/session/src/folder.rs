//! The files of a headless session.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
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

/// Returns the folder where this user's headless sessions keep what is slow to make anew.
///
/// Everybody may write into `/var/tmp`, so a folder of this name that belongs to
/// somebody else is not used.
pub(crate) fn lasting_cache() -> Result<PathBuf, SessionError> {
    // SAFETY: asks the operating system for a number.
    let user = unsafe { libc::geteuid() };
    let path = PathBuf::from(format!("/var/tmp/lucid-session-cache-{user}"));
    let write = |source| SessionError::Write {
        path: path.clone(),
        source,
    };
    if let Err(error) = fs::DirBuilder::new().mode(0o700).create(&path)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(write(error));
    }
    let found = fs::symlink_metadata(&path).map_err(write)?;
    if !found.is_dir() || found.uid() != user {
        return Err(write(std::io::ErrorKind::PermissionDenied.into()));
    }
    Ok(path)
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
