//! Memory of processes.

use std::fs;

use anyhow::{Context, Result};

/// Returns the process that owns `name` on the session bus.
pub(crate) async fn owner(bus: &zbus::Connection, name: &str) -> Result<u32> {
    let bus = zbus::fdo::DBusProxy::new(bus).await?;
    let name = name.try_into()?;
    bus.get_connection_unix_process_id(name)
        .await
        .context("nobody owns the name on this bus")
}

/// Returns the megabytes that a process alone is the reason for: pages that it shares count by their share.
pub(crate) fn proportional_mb(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/smaps_rollup");
    let text = fs::read_to_string(&path).with_context(|| format!("could not read {path}"))?;
    let kilobytes: f64 = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .context("the kernel reports no proportional share")?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// Returns the processes called `name`, and everything below them.
pub(crate) fn family(name: &str) -> Vec<u32> {
    let processes: Vec<(u32, u32, String)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| describe(entry.file_name().to_str()?.parse().ok()?))
        .collect();
    let mut found: Vec<u32> = processes
        .iter()
        .filter(|(_, _, command)| command == name)
        .map(|(process, _, _)| *process)
        .collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let below = processes
            .iter()
            .filter(|(process, above, _)| *above == parent && !found.contains(process))
            .map(|(process, _, _)| *process)
            .collect::<Vec<_>>();
        found.extend(below);
        next += 1;
    }
    found
}

/// Returns a process's id, parent and name, from `proc(5)`'s `stat`; only of this session's user.
fn describe(process: u32) -> Option<(u32, u32, String)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (before, after) = text.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let parent = after.split_whitespace().nth(1)?.parse().ok()?;
    // Other people's processes do not show their memory, and are not ours to count.
    fs::read_link(format!("/proc/{process}/exe")).ok()?;
    Some((process, parent, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        let megabytes = proportional_mb(std::process::id()).unwrap();
        assert!((0.1..10_000.0).contains(&megabytes), "{megabytes}");
    }

    #[test]
    fn this_process_describes_itself() {
        let (process, parent, name) = describe(std::process::id()).unwrap();
        assert_eq!(process, std::process::id());
        assert!(parent > 0);
        assert!(name.starts_with("lucid_bench"), "{name}");
    }
}
