//! `files.info`

use std::{
    fs::Metadata,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::{
    blocking::{Stop, off_thread},
    kinds, place, row, target, trouble,
    walk::walk,
};
use crate::{Action, Availability, FunctionError, World};

/// Tells what a file or folder is.
pub(super) struct Info;

#[async_trait]
impl Action for Info {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let path = target::path_of(call, "path", world)?;
        let path = if path == world.places.home {
            path
        } else {
            target::present(&path, world)?
        };
        let language = world.language;
        off_thread(language, move |stop| {
            record(&path, stop).map_err(|error| trouble::from_io(language, &path, &error))
        })
        .await
    }
}

fn record(path: &Path, stop: &Stop) -> std::io::Result<Value> {
    let metadata = path.symlink_metadata()?;
    let (size, items) = if metadata.is_dir() {
        contents(path, stop)?
    } else {
        (metadata.len(), Value::Null)
    };
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Value::record([
        ("name", name.to_string_lossy().into_owned().into()),
        ("path", place::written(path).into()),
        ("kind", kind(path, &metadata).into()),
        ("size", (size as f64).into()),
        ("items", items),
        (
            "modified",
            metadata.modified().map_or(Value::Null, row::time),
        ),
        ("created", metadata.created().map_or(Value::Null, row::time)),
        ("owner", owner(metadata.uid()).into()),
        ("permissions", permissions(metadata.mode()).into()),
        ("leads_to", leads_to(path)),
    ]))
}

/// The bytes and the number of everything beneath a folder, hidden files too.
fn contents(path: &Path, stop: &Stop) -> std::io::Result<(u64, Value)> {
    let (mut size, mut items) = (0, 0u64);
    walk(path, true, stop, |entry, kind| {
        items += 1;
        if kind.is_file() {
            size += entry.metadata().map_or(0, |metadata| metadata.len());
        }
    })?;
    Ok((size, Value::Number(items as f64)))
}

fn kind(path: &Path, metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_dir() {
        "folder"
    } else if kind.is_symlink() {
        "link"
    } else if kind.is_file() {
        kinds::of_file(path)
    } else if kind.is_fifo() || kind.is_socket() {
        "channel"
    } else {
        "device"
    }
}

fn leads_to(path: &Path) -> Value {
    match std::fs::read_link(path) {
        Ok(target) => place::written(&target).into(),
        Err(_) => Value::Null,
    }
}

/// The name of a user, or the number when it has none.
fn owner(uid: u32) -> String {
    let users = std::fs::read_to_string(PathBuf::from("/etc/passwd")).unwrap_or_default();
    let number = uid.to_string();
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&number.as_str()))
        .and_then(|fields| fields.first().map(|name| (*name).to_owned()))
        .unwrap_or(number)
}

/// Writes a mode as `rw-r--r--`.
fn permissions(mode: u32) -> String {
    (0..9)
        .rev()
        .map(|bit| match mode >> bit & 1 {
            0 => '-',
            _ => ['x', 'w', 'r'][bit % 3],
        })
        .collect()
}
