//! A tree of files as it is, to be compared.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use functions::ErrorKind;
use journal::Outcome;
use plan::Value;

use crate::support::Fixture;

/// Everything about one file or folder that must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder {
        mode: u32,
    },
    Link {
        to: PathBuf,
    },
    File {
        content: Vec<u8>,
        mode: u32,
        modified: (i64, i64),
        tag: Option<Vec<u8>>,
    },
}

/// Makes a folder with files called `0`, `1` and so on, and returns how many.
pub(crate) fn fill(folder: &Path, count: usize) -> usize {
    fs::create_dir(folder).unwrap();
    // Hard links to one file are made faster than files, and are files all the same.
    let first = folder.join("0");
    fs::write(&first, "x").unwrap();
    let mut made = 1;
    for number in 1..count {
        let path = folder.join(format!("{number}"));
        if fs::hard_link(&first, &path).is_err() {
            fs::write(&path, "x").unwrap();
        }
        made += 1;
    }
    made
}

/// Reads the tree beneath `folder`, without hidden entries: the trash lies in one.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut entries = BTreeMap::new();
    read(folder, Path::new(""), &mut entries);
    entries
}

fn read(folder: &Path, prefix: &Path, entries: &mut BTreeMap<PathBuf, Entry>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), prefix.join(entry.file_name()));
        if prefix == Path::new("") && entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let metadata = path.symlink_metadata().unwrap();
        let mode = metadata.mode() & 0o7777;
        let found = if metadata.is_symlink() {
            Entry::Link {
                to: fs::read_link(&path).unwrap(),
            }
        } else if metadata.is_dir() {
            read(&path, &name, entries);
            Entry::Folder { mode }
        } else {
            Entry::File {
                content: fs::read(&path).unwrap(),
                mode,
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                tag: tag(&path),
            }
        };
        entries.insert(name, found);
    }
}

/// Gives a file content, mode, time and, where the file system takes them, an extended attribute.
pub(crate) fn write(path: &Path, content: &[u8], mode: u32, seconds: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    let _ = rustix::fs::setxattr(path, "user.lucid", content, rustix::fs::XattrFlags::empty());
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let modified = std::time::UNIX_EPOCH + std::time::Duration::new(seconds, 123_456_789);
    fs::File::open(path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
}

fn tag(path: &Path) -> Option<Vec<u8>> {
    let mut value = vec![0; 4096];
    let length = rustix::fs::getxattr(path, "user.lucid", value.as_mut_slice()).ok()?;
    value.truncate(length);
    Some(value)
}

impl Fixture {
    /// Calls with texts, and expects success.
    pub(crate) async fn done(&self, function: &str, arguments: &[(&str, &str)]) -> Outcome {
        let outcome = self.call(function, &values(arguments)).await;
        outcome.unwrap_or_else(|error| panic!("{function}: {error}"))
    }

    /// Calls with texts, and expects a failure of one kind.
    pub(crate) async fn fails(
        &self,
        function: &str,
        arguments: &[(&str, &str)],
        kind: ErrorKind,
    ) -> String {
        let error = self
            .call(function, &values(arguments))
            .await
            .expect_err(function);
        assert_eq!(error.kind, kind, "{function}: {error}");
        assert!(!error.problem.sentence.is_empty() && error.problem.sentence != error.problem.id);
        error.problem.id
    }

    /// Writes a plain file beneath the home folder and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.home().join(name);
        write(&path, content.as_bytes(), 0o644, 1_700_000_000);
        path
    }
}

/// Texts as values.
pub(crate) fn values<'a>(arguments: &[(&'a str, &str)]) -> Vec<(&'a str, Value)> {
    arguments
        .iter()
        .map(|(name, value)| (*name, Value::from(*value)))
        .collect()
}

/// The column `field` of rows.
pub(crate) fn column(value: &Value, field: &str) -> Vec<String> {
    let rows = value.as_list().expect("rows");
    rows.iter()
        .map(|row| {
            row.field(field)
                .and_then(Value::as_text)
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}
