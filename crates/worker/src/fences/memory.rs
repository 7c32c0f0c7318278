//! The limit of memory: a damaged or hostile file must not take the whole machine.

use std::fs;
use std::path::Path;

/// What one token of the largest models' context takes.
const TOKEN_BYTES: u64 = 512 << 10;

/// What a program takes without a model: libraries, grammars, stacks.
const PROGRAM_BYTES: u64 = 2 << 30;

/// Memory that a model surely does not exceed: thrice its file, which is room for a copy that is
/// repacked and one that is widened, and its context.
pub(super) fn enough_for(model: &Path, context_length: u32) -> u64 {
    file_bytes(model)
        .saturating_mul(3)
        .saturating_add(TOKEN_BYTES * u64::from(context_length))
        .saturating_add(PROGRAM_BYTES)
}

/// The size of a file, or of all files of a folder.
fn file_bytes(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::metadata(path).map_or(0, |metadata| metadata.len());
    };
    entries
        .flatten()
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .map(|metadata| metadata.len())
        .sum()
}

/// Limits what the process may take for itself. Files that it maps do not count: mapped weights
/// can be dropped at any time, and drivers reserve addresses that they never use.
pub(super) fn limit(bytes: Option<u64>) -> Result<String, String> {
    let Some(bytes) = bytes else {
        return Ok("no limit".to_owned());
    };
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: the call reads the structure, which outlives it.
    match unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) } {
        0 => Ok(format!("at most {} MB", bytes / 1_000_000)),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_with_all_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = enough_for(folder.path(), 0);
        fs::write(folder.path().join("a"), [0; 100]).expect("a file");
        fs::write(folder.path().join("b"), [0; 50]).expect("a file");
        assert_eq!(enough_for(folder.path(), 0), empty + 450);
        assert_eq!(enough_for(&folder.path().join("a"), 0), empty + 300);
        assert!(enough_for(Path::new("/nowhere"), 4096) > empty);
    }
}
