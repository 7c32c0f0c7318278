//! Where Lucid may change something: the home folder and mounted media.

use std::path::{Path, PathBuf};

use super::{place, trouble};
use crate::{ErrorKind, FunctionError, World};

/// Folders under which removable and extra disks are mounted (FHS 3.0, and udisks2's own).
const MEDIA: &[&str] = &["/media", "/run/media", "/mnt"];

/// Returns the home folder and the mounted media, without links.
pub(super) fn roots(world: &World) -> Vec<PathBuf> {
    let home = world.places.home.canonicalize();
    let mut roots: Vec<PathBuf> = home
        .into_iter()
        .filter(|home| *home != Path::new("/"))
        .collect();
    roots.extend(mounts());
    roots
}

/// Returns where media are mounted now.
pub(super) fn mounts() -> Vec<PathBuf> {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    table
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|field| PathBuf::from(unescaped(field)))
        .filter(|path| MEDIA.iter().any(|media| path.starts_with(media)))
        .collect()
}

/// Reads `\040` and its like (proc_pid_mountinfo(5)).
pub(super) fn unescaped(field: &str) -> std::ffi::OsString {
    place::percent_decoded(
        &field
            .replace('%', "%25")
            .replace("\\040", "%20")
            .replace("\\011", "%09")
            .replace("\\012", "%0A")
            .replace("\\134", "%5C"),
    )
}

/// Returns the root that `path` (without links) lies beneath.
///
/// # Errors
///
/// When it lies outside, is such a root itself, or is (or holds) what Lucid keeps about its own rules.
pub(super) fn root_of(path: &Path, world: &World) -> Result<PathBuf, FunctionError> {
    let error = |id| Err(trouble::about(ErrorKind::Invalid, world.language, id, path));
    let roots = roots(world);
    if path == Path::new("/") || roots.iter().any(|root| root.starts_with(path)) {
        return error("file-is-root");
    }
    let Some(root) = roots
        .into_iter()
        .filter(|root| path.starts_with(root))
        .max()
    else {
        return error("file-outside");
    };
    let own = [
        &world.places.config,
        &world.places.state,
        &world.places.data,
    ];
    let own = own.map(|folder| folder.join("lucid"));
    // What decides what Lucid may do must not be changed by what Lucid does.
    let touched = |own: &PathBuf| {
        let own = own.canonicalize().unwrap_or_else(|_| own.clone());
        own.starts_with(path) || path.starts_with(&own)
    };
    if own.iter().any(touched) {
        return error("file-own");
    }
    Ok(root)
}
