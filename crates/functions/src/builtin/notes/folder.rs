//! Where notes are.

use std::path::{Path, PathBuf};

use crate::{FunctionError, World, builtin::files::place};

/// Longest part of a title that names its file, in characters.
const LONGEST: usize = 60;

/// The folder of notes: `Notes` beneath the documents, wherever the person's language and settings have put those.
pub(crate) fn folder(world: &World) -> Result<PathBuf, FunctionError> {
    Ok(place::resolve("~/Documents", world)?.join("Notes"))
}

/// A free name for a note in `folder`: its title without what names of files do not hold, and a number if need be.
pub(super) fn free_path(folder: &Path, title: &str) -> PathBuf {
    let is_kept = |c: &char| !c.is_control() && !"/\\:*?\"<>|".contains(*c);
    let title: String = title.chars().filter(is_kept).take(LONGEST).collect();
    let title = title.trim().trim_matches('.');
    let title = if title.is_empty() { "Note" } else { title };
    let named = |suffix: String| folder.join(format!("{title}{suffix}.md"));
    std::iter::once(named(String::new()))
        .chain((2..).map(|number| named(format!(" ({number})"))))
        .find(|path| path.symlink_metadata().is_err())
        .expect("the numbers have no end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = |title| free_path(folder.path(), title);
        assert_eq!(path("Tea at 5"), folder.path().join("Tea at 5.md"));
        assert_eq!(path("../../etc/x"), folder.path().join("etcx.md"));
        assert_eq!(path("..."), folder.path().join("Note.md"));
        std::fs::write(path("茶"), "x").unwrap();
        assert_eq!(path("茶"), folder.path().join("茶 (2).md"));
        std::os::unix::fs::symlink("/nowhere", path("link")).unwrap();
        assert_eq!(path("link"), folder.path().join("link (2).md"));
    }
}
