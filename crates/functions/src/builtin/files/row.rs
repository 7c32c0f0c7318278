//! Files as rows of a table.

use std::{fs::Metadata, path::PathBuf, time::SystemTime};

use jiff::{Timestamp, tz::TimeZone};
use plan::Value;

use super::{kinds, place};

/// What a table says about a file.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) modified: SystemTime,
    pub(super) kind: &'static str,
}

impl Found {
    /// Reads it from what was found while walking.
    pub(super) fn new(path: PathBuf, metadata: &Metadata) -> Found {
        let is_folder = metadata.is_dir();
        Found {
            size: if is_folder { 0 } else { metadata.len() },
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            kind: if is_folder {
                "folder"
            } else {
                kinds::of_file(&path)
            },
            path,
        }
    }

    /// Returns the row.
    pub(super) fn row(&self) -> Value {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        Value::record([
            ("name", name.to_string_lossy().into_owned().into()),
            ("path", place::written(&self.path).into()),
            ("size", (self.size as f64).into()),
            ("modified", time(self.modified)),
            ("kind", self.kind.into()),
        ])
    }
}

/// Writes an instant as RFC 3339 text in local time, to the second.
pub(crate) fn time(instant: SystemTime) -> Value {
    let Ok(timestamp) = Timestamp::try_from(instant) else {
        return Value::Null;
    };
    let zoned = timestamp.to_zoned_datetime(TimeZone::system());
    Value::Text(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}
