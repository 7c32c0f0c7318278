//! `system.disks`

use std::collections::HashSet;

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use sysinfo::{Disk, DiskRefreshKind, Disks as AllDisks};

use super::untold;
use crate::{Action, Availability, FunctionError, World, builtin::files::place};

/// Tells how full the disks are.
pub(super) struct Disks;

/// File systems without a disk behind them.
const NO_DISKS: &[&str] = &[
    "tmpfs", "devtmpfs", "overlay", "squashfs", "efivarfs", "ramfs", "iso9660",
];

fn row(disk: &Disk) -> Value {
    let (total, free) = (disk.total_space() as f64, disk.available_space() as f64);
    let used = total - free;
    let mount = place::written(disk.mount_point());
    let percent = if total > 0.0 {
        (1000.0 * used / total).round() / 10.0
    } else {
        0.0
    };
    Value::record([
        ("name", disk.name().to_string_lossy().into_owned().into()),
        ("mount", mount.into()),
        ("used", used.into()),
        ("free", free.into()),
        ("total", total.into()),
        ("percent", percent.into()),
    ])
}

fn rows() -> Result<Vec<Value>, sysinfo::Error> {
    let kind = DiskRefreshKind::nothing().with_storage();
    let disks = AllDisks::new_with_refreshed_list_specifics(kind)?;
    let mut seen = HashSet::new();
    let mut all: Vec<&Disk> = disks.iter().filter(|disk| disk.total_space() > 0).collect();
    all.sort_by_key(|disk| disk.mount_point().as_os_str().len());
    let is_disk = |disk: &&Disk| {
        let kind = disk.file_system().to_string_lossy();
        // The root counts whatever it is: in a container it is all there is.
        disk.mount_point().as_os_str() == "/" || !NO_DISKS.contains(&kind.as_ref())
    };
    // A disk that is mounted at several places is shown at the shortest.
    let shown = all.into_iter().filter(is_disk);
    Ok(shown
        .filter(|disk| seen.insert(disk.name().to_owned()))
        .map(row)
        .collect())
}

#[async_trait]
impl Action for Disks {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        // A network disk that does not answer must hold up nothing else.
        match tokio::task::spawn_blocking(rows).await {
            Ok(Ok(rows)) => Ok(Value::List(rows)),
            Ok(Err(error)) => Err(untold(&error, world)),
            Err(_) => Ok(Value::List(Vec::new())),
        }
    }
}
