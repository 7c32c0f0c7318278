//! What a file is, in one short text, so that a later change is seen.

use std::{io, os::unix::fs::MetadataExt, path::Path};

/// Returns size, modification time in nanoseconds and inode of what is at `path`, not following a link.
///
/// The inode is part of it, so that a file that was replaced by one of the
/// same size within the clock's tick still counts as another.
///
/// # Errors
///
/// The error of `lstat`.
pub fn fingerprint(path: &Path) -> io::Result<String> {
    let metadata = path.symlink_metadata()?;
    let modified = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
    Ok(format!(
        "{}:{}:{}",
        metadata.size(),
        modified,
        metadata.ino()
    ))
}
