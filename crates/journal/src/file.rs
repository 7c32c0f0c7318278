//! Making, opening, checking and setting aside the journal's file.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::{
    JournalError,
    error::{During, is_damage},
    schema,
};

/// A file larger than this is not read through at every start; SQLite still checks what it touches.
const CHECKED_BYTES: u64 = 16 << 20;

/// Another process (a backup, a look with `sqlite3`) may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(2);

/// Opens or makes the file at `path` and migrates it. A damaged file is
/// renamed, never deleted, and its new place is returned.
pub(crate) fn open(path: &Path) -> Result<(Connection, Option<PathBuf>), JournalError> {
    make(path)?;
    let opened = match open_sound(path) {
        Err(JournalError::Store { source, .. }) if is_damage(&source) => {
            let aside = set_aside(path)?;
            tracing::warn!(aside = %aside.display(), "the journal was damaged and is set aside");
            make(path)?;
            (open_sound(path)?, Some(aside))
        }
        opened => (opened?, None),
    };
    sync_folder(path)?;
    Ok(opened)
}

/// Makes the folder (0700) and the file (0600), durably, where they are not there yet.
fn make(path: &Path) -> Result<(), JournalError> {
    let folder = folder(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(at("make the folder", folder))?;
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| {
            // A restored backup may have brought a laxer mode along.
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.sync_all()
        })
        .map_err(at("make", path))?;
    sync_folder(path)
}

fn open_sound(path: &Path) -> Result<Connection, JournalError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).during("open its file")?;
    configure(&connection).during("open its file")?;
    check(&connection, path).during("check its file")?;
    schema::migrate(&mut connection, schema::MIGRATIONS)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // What was erased must not stay readable in free pages.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
}

/// Fails with SQLite's own code for damage when the file is damaged or some other program's.
fn check(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let small = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= CHECKED_BYTES);
    if small {
        let verdict: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(damaged(verdict));
        }
    }
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version == 0 && tables > 0 {
        return Err(damaged("it is the database of another program".to_owned()));
    }
    Ok(())
}

fn damaged(verdict: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(verdict),
    )
}

/// Renames the file with its write-ahead log, so that it can still be looked into.
fn set_aside(path: &Path) -> Result<PathBuf, JournalError> {
    let aside = (0..)
        .map(|n| with_suffix(path, &format!(".damaged-{n}")))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| with_suffix(path, ".damaged"));
    for suffix in ["", "-wal", "-shm"] {
        let from = with_suffix(path, suffix);
        match fs::rename(&from, with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at("set aside", &from)(error));
            }
            _ => {}
        }
    }
    sync_folder(path)?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the folder's entries durable; without this a new file may be gone after a power loss.
fn sync_folder(path: &Path) -> Result<(), JournalError> {
    let folder = folder(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at("synchronise", folder))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn at<'a>(operation: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> JournalError + 'a {
    move |source| JournalError::File {
        operation,
        path: path.to_owned(),
        source,
    }
}
