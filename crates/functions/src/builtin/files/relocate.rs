//! From one place to another, also across file systems.

use std::{ffi::OsStr, io};

use protocol::text::Language;
use rustix::io::Errno;

use super::{
    beneath::Spot,
    blocking::{in_place, off_thread},
    replicate, trouble,
};
use crate::{ErrorKind, FunctionError};

/// Renames `source` to `target`, never over anything.
///
/// Across file systems (also between two mounts of one) it is copied whole
/// under the name `hidden`, made durable, given its name, and only then removed
/// from where it was. Copying can be stopped; from the name on it is one step.
pub(super) async fn relocate(
    source: Spot,
    target: Spot,
    hidden: &OsStr,
    language: Language,
) -> Result<(Spot, Spot), FunctionError> {
    // The folders are flushed with it, which waits for a busy disk.
    match in_place(|| source.rename(&target)) {
        Err(error) if is_other_device(&error) => across(source, target, hidden, language).await,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(trouble::in_the_way(language, target.path()))
        }
        Err(error) => Err(trouble::from_io(language, source.path(), &error)),
        Ok(()) => Ok((source, target)),
    }
}

async fn across(
    source: Spot,
    target: Spot,
    hidden: &OsStr,
    language: Language,
) -> Result<(Spot, Spot), FunctionError> {
    let before = source.fingerprint();
    let hidden = hidden.to_owned();
    let (source, target, staged) = off_thread(language, move |stop| {
        let staged = replicate::stage(&source, &target, &hidden, stop)
            .map_err(|error| trouble::from_io(language, source.path(), &error))?;
        Ok((source, target, staged))
    })
    .await?;
    // What was written while it was copied must not be lost with the removal.
    if before.ok() != source.fingerprint().ok() {
        return Err(trouble::changed(language, source.path()));
    }
    staged
        .place(&target)
        .map_err(|error| trouble::from_io(language, target.path(), &error))?;
    in_place(|| source.remove_tree().and_then(|()| source.sync_folder()))
        .map_err(|error| not_removed(language, &source, &target, &error))?;
    Ok((source, target))
}

fn not_removed(
    language: Language,
    source: &Spot,
    target: &Spot,
    error: &io::Error,
) -> FunctionError {
    let (from, to) = (trouble::shown(source.path()), trouble::shown(target.path()));
    let reason = error.to_string();
    let values = [("path", &*from), ("copy", &*to), ("reason", &*reason)];
    FunctionError::new(ErrorKind::Failed, language, "file-not-removed", &values)
}

fn is_other_device(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::XDEV.raw_os_error())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    /// `/dev/shm` is a file system of its own on every Linux that has one at all.
    #[tokio::test]
    async fn a_tree_moves_to_another_device_whole() {
        let near = tempfile::tempdir().unwrap();
        let far = tempfile::tempdir_in("/dev/shm").unwrap();
        let (near, far) = (
            near.path().canonicalize().unwrap(),
            far.path().canonicalize().unwrap(),
        );
        let tree = near.join("树");
        std::fs::create_dir(&tree).unwrap();
        std::fs::write(tree.join("a"), "content").unwrap();
        std::fs::set_permissions(tree.join("a"), PermissionsExt::from_mode(0o640)).unwrap();
        let then = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000, 123_456_789);
        std::fs::File::open(tree.join("a"))
            .unwrap()
            .set_modified(then)
            .unwrap();
        std::os::unix::fs::symlink("a", tree.join("link")).unwrap();
        let (source, target) = (
            Spot::open(&tree).unwrap(),
            Spot::open(&far.join("moved")).unwrap(),
        );
        let hidden = replicate::hidden_name().unwrap();
        relocate(source, target, OsStr::new(&hidden), Language::English)
            .await
            .unwrap();

        let moved = far.join("moved");
        assert!(tree.symlink_metadata().is_err());
        assert_eq!(std::fs::read(moved.join("a")).unwrap(), b"content");
        let metadata = moved.join("a").metadata().unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o640);
        assert_eq!(
            (metadata.mtime(), metadata.mtime_nsec()),
            (1_000_000, 123_456_789)
        );
        assert_eq!(
            std::fs::read_link(moved.join("link")).unwrap(),
            std::path::Path::new("a")
        );
        assert_eq!(
            std::fs::read_dir(&far).unwrap().count(),
            1,
            "no hidden copy is left"
        );
    }

    #[tokio::test]
    async fn nothing_is_replaced_on_another_device() {
        let near = tempfile::tempdir().unwrap();
        let far = tempfile::tempdir_in("/dev/shm").unwrap();
        let (near, far) = (
            near.path().canonicalize().unwrap(),
            far.path().canonicalize().unwrap(),
        );
        std::fs::write(near.join("a"), "new").unwrap();
        std::fs::write(far.join("a"), "old").unwrap();
        let (source, target) = (
            Spot::open(&near.join("a")).unwrap(),
            Spot::open(&far.join("a")).unwrap(),
        );
        let error = relocate(source, target, OsStr::new(".lucid-0"), Language::English)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(std::fs::read(near.join("a")).unwrap(), b"new");
        assert_eq!(std::fs::read(far.join("a")).unwrap(), b"old");
        assert_eq!(
            std::fs::read_dir(&far).unwrap().count(),
            1,
            "no hidden copy is left"
        );
    }
}
