//! Files that are written as a whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Puts a new file in the place of the one at `path` and makes it durable; a crash leaves one of both whole. Folders
/// that are not there are made.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}
