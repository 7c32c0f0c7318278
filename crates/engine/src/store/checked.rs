//! What was found when a model's file was last read from end to end.
//!
//! Reading a gigabyte takes seconds, so it is done once for each state of a file: the result
//! is kept in the cache with the file's size and time. A lost result costs one more reading.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes that are hashed between two looks at whether to go on.
const STEP: usize = 1 << 20;

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the catalogue's.
    Whole,
    /// It is another one.
    Damaged,
    /// It has not been read since it changed.
    Unread,
}

/// The folder of results: `$XDG_CACHE_HOME/lucid/checked`, or below `~/.cache`.
pub fn default_checked() -> Option<PathBuf> {
    crate::default_capsules()?
        .parent()
        .map(|cache| cache.join("checked"))
}

/// A kept result. A file with another size or time is another file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Checked {
    path: PathBuf,
    bytes: u64,
    modified_s: i64,
    modified_ns: i64,
    sha256: String,
}

impl Checked {
    fn of(path: &Path, sha256: String) -> io::Result<Checked> {
        let metadata = fs::metadata(path)?;
        Ok(Checked {
            path: path.to_owned(),
            bytes: metadata.len(),
            modified_s: metadata.mtime(),
            modified_ns: metadata.mtime_nsec(),
            sha256,
        })
    }
}

/// Looks up whether the file at `path` has the hash `sha256`.
pub(crate) fn verdict(folder: Option<&Path>, path: &Path, sha256: &str) -> Verdict {
    let read = || {
        let text = fs::read_to_string(folder?.join(name_of(path))).ok()?;
        let checked: Checked = serde_json::from_str(&text).ok()?;
        let now = Checked::of(path, checked.sha256.clone()).ok()?;
        (checked == now).then_some(checked)
    };
    match read() {
        Some(checked) if checked.sha256 == sha256 => Verdict::Whole,
        Some(_) => Verdict::Damaged,
        None => Verdict::Unread,
    }
}

/// Hashes the file at `path` and keeps the result in `folder`. `go_on` hears how many bytes are
/// done and gives up the reading by returning false; then there is no hash.
///
/// # Errors
///
/// When the file cannot be read. A result that cannot be kept is no error.
pub(crate) fn hash(
    folder: Option<&Path>,
    path: &Path,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> io::Result<Option<String>> {
    // Taken first: what is written to the file meanwhile makes the result void.
    let mut checked = Checked::of(path, String::new())?;
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; STEP];
    let mut done = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        done += read as u64;
        if !go_on(done) {
            return Ok(None);
        }
    }
    checked.sha256 = hex::encode(hasher.finalize());
    if let Some(folder) = folder {
        keep(folder, &checked);
    }
    Ok(Some(checked.sha256))
}

/// Keeps that the file at `path`, which was read at another place, has the hash `sha256`.
pub(super) fn remember(folder: Option<&Path>, path: &Path, sha256: &str) {
    if let Some(folder) = folder
        && let Ok(checked) = Checked::of(path, sha256.to_owned())
    {
        keep(folder, &checked);
    }
}

fn keep(folder: &Path, checked: &Checked) {
    let path = folder.join(name_of(&checked.path));
    let new = path.with_extension(format!("new{}", std::process::id()));
    let kept = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&new, serde_json::to_vec(checked)?))
        .and_then(|()| fs::rename(&new, &path));
    if let Err(error) = kept {
        tracing::debug!(%error, path = %checked.path.display(), "the check of a model is not kept");
    }
}

/// Tells files of one name in several folders apart.
fn name_of(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let digest = hex::encode(Sha256::digest(path.as_os_str().as_bytes()));
    format!("{}.json", &digest[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_counts_until_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.gguf");
        let checked = folder.path().join("checked");
        let checked = Some(checked.as_path());
        fs::write(&path, "content").unwrap();
        assert_eq!(verdict(checked, &path, "x"), Verdict::Unread);
        let found = hash(checked, &path, &mut |_| true).unwrap().unwrap();
        assert_eq!(verdict(checked, &path, &found), Verdict::Whole);
        assert_eq!(verdict(checked, &path, "another"), Verdict::Damaged);
        assert_eq!(verdict(None, &path, &found), Verdict::Unread);
        fs::write(&path, "c0ntent").unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(later).unwrap();
        assert_eq!(verdict(checked, &path, &found), Verdict::Unread);
        assert_eq!(hash(checked, &path, &mut |_| false).unwrap(), None);
    }
}
