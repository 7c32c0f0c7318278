//! The sandbox of a plugin's server: bubblewrap, with limits for each of its processes and for all together.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Agreed, usage::Limits};
use crate::{
    Places,
    command::find_program,
    manifest::{Access, McpServer},
};

/// What `bwrap` and the limits come from; the first that is not there is named.
const PROGRAMS: [&str; 3] = ["nice", "prlimit", "bwrap"];
/// Megabytes of memory for all processes together, unless its manifest says otherwise.
const MEMORY: u64 = 512;
/// Seconds of processor time for a call, unless its manifest says otherwise.
const PROCESSOR: f64 = 20.0;
/// Where the first process finds the program that refuses system calls.
pub(super) const CALLS: i32 = 10;
/// How many times as much one process may claim.
const CLAIMED: u64 = 8;
/// How far it stands behind what the person does. Many of its processes count together: with fewer, and these further
/// behind, a server that spins holds up nobody.
const NICENESS: &str = "15";
/// How many processes and threads it may have. The system counts those of the person with them.
const MOST_TASKS: usize = 64;
const MOST_OPEN_FILES: u64 = 256;
/// The largest file that it can write.
const LARGEST_FILE: u64 = 64 << 20;
/// What its files in memory may take, those in `/tmp` and in `/dev/shm` each.
const SCRATCH: u64 = 64 << 20;

/// Folders that are the system's, or would hide what the sandbox puts there.
const OF_THE_SYSTEM: &[&str] = &[
    "/bin", "/boot", "/data", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/plugin", "/proc",
    "/root", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var",
];

/// Where programs are found in it.
pub(super) const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Where the plugin finds itself.
const PLUGIN: &str = "/plugin";
/// Where it keeps what it wants to find again.
const DATA: &str = "/data";
/// Where it finds the names of the bus that it may talk to.
const BUS: &str = "/run/bus";

/// Tells which program is missing for a sandbox.
pub(crate) fn missing() -> Option<&'static str> {
    let mut programs = PROGRAMS.into_iter();
    programs.find(|program| find_program(program).is_none())
}

/// The program and its arguments that run `server`, whose folder is `folder` and whose data is kept in `data`, with
/// what `agreed` opens; `bus` is the socket of the names that it may talk to.
pub(crate) fn argv(
    server: &McpServer,
    agreed: &Agreed,
    folder: &Path,
    data: &Path,
    bus: Option<&Path>,
) -> Vec<OsString> {
    let mut argv: Vec<OsString> = Vec::new();
    let mut add = |words: &[&dyn AsRef<OsStr>]| {
        argv.extend(words.iter().map(|word| word.as_ref().to_owned()));
    };
    add(&[&"nice", &"-n", &NICENESS, &"prlimit"]);
    let memory = limits(server).memory;
    for (limit, most) in [
        ("data", memory),
        // What processes share counts here alone; some programs claim much that they never use.
        ("as", memory.saturating_mul(CLAIMED)),
        ("nproc", (tasks() + MOST_TASKS) as u64),
        ("nofile", MOST_OPEN_FILES),
        ("fsize", LARGEST_FILE),
        ("core", 0),
    ] {
        add(&[&format!("--{limit}={most}:{most}")]);
    }
    add(&[&"bwrap", &"--die-with-parent", &"--new-session"]);
    for what in ["user", "pid", "ipc", "uts", "cgroup"] {
        add(&[&format!("--unshare-{what}")]);
    }
    if !agreed.access.network {
        add(&[&"--unshare-net"]);
    }
    add(&[&"--disable-userns", &"--hostname", &"plugin"]);
    add(&[&"--seccomp", &CALLS.to_string()]);
    add(&[&"--ro-bind", &"/usr", &"/usr"]);
    for folder in ["bin", "sbin", "lib", "lib32", "lib64"] {
        // Where these are no links into /usr, they are folders of their own.
        let outside = format!("/{folder}");
        match std::fs::read_link(&outside) {
            Ok(to) => add(&[&"--symlink", &to, &outside]),
            Err(_) => add(&[&"--ro-bind-try", &outside, &outside]),
        }
    }
    for file in ["/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"] {
        add(&[&"--ro-bind-try", &file, &file]);
    }
    if agreed.access.network {
        for file in [
            "/etc/resolv.conf",
            "/etc/ssl",
            "/etc/hosts",
            "/etc/nsswitch.conf",
        ] {
            add(&[&"--ro-bind-try", &file, &file]);
        }
    }
    let scratch = SCRATCH.to_string();
    add(&[&"--proc", &"/proc", &"--dev", &"/dev"]);
    for folder in ["/tmp", "/dev/shm"] {
        add(&[&"--size", &scratch, &"--tmpfs", &folder]);
    }
    add(&[&"--ro-bind", &folder, &PLUGIN, &"--bind", &data, &DATA]);
    for (how, names) in [
        ("--ro-bind-try", &agreed.access.read),
        ("--bind-try", &agreed.access.write),
    ] {
        for folder in names.iter().filter_map(|name| agreed.folders.get(name)) {
            add(&[&how, folder, folder]);
        }
    }
    if let Some(bus) = bus {
        add(&[&"--ro-bind", &bus, &BUS]);
    }
    // Both are in memory, and hold nothing to write to but what was mounted there.
    add(&[&"--remount-ro", &"/dev", &"--remount-ro", &"/"]);
    add(&[&"--chdir", &PLUGIN, &"--clearenv"]);
    let language = std::env::var("LANG").unwrap_or_default();
    for (name, value) in [
        ("HOME", DATA),
        ("PATH", PATH),
        ("LANG", &language),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONUNBUFFERED", "1"),
    ] {
        add(&[&"--setenv", &name, &value]);
    }
    if bus.is_some() {
        let address = format!("unix:path={BUS}");
        add(&[&"--setenv", &"DBUS_SESSION_BUS_ADDRESS", &address]);
    }
    add(&[&"--"]);
    argv.extend(server.argv.iter().map(OsString::from));
    argv
}

/// What all its processes together may take.
pub(super) fn limits(server: &McpServer) -> Limits {
    Limits {
        memory: server.memory.unwrap_or(MEMORY) << 20,
        processor: Duration::from_secs_f64(server.processor.unwrap_or(PROCESSOR)),
    }
}

/// How many processes and threads the person has.
fn tasks() -> usize {
    let person = rustix::process::getuid().as_raw();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter(|entry| entry.metadata().is_ok_and(|data| data.uid() == person))
        .filter_map(|entry| Some(std::fs::read_dir(entry.path().join("task")).ok()?.count()))
        .sum()
}

/// Where the folders really are that are asked for, by how the manifest calls them.
///
/// # Errors
///
/// The first that is no plugin's business: what holds the home, hidden folders in it, and what belongs to the system.
pub(crate) fn folders(
    access: &Access,
    places: &Places,
) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut folders = BTreeMap::new();
    for name in access.read.iter().chain(&access.write) {
        let folder = match name.strip_prefix("~/") {
            Some(rest) => places.home.join(rest),
            None => PathBuf::from(name),
        };
        let folder = folder.canonicalize().unwrap_or(folder);
        let home = places.home.canonicalize().unwrap_or(places.home.clone());
        let is_hidden = folder.strip_prefix(&home).is_ok_and(|within| {
            let mut parts = within.components();
            parts.any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
        });
        let is_systems = OF_THE_SYSTEM
            .iter()
            .any(|system| folder.starts_with(system));
        let overlaps = folders
            .values()
            .any(|other: &PathBuf| other.starts_with(&folder) || folder.starts_with(other));
        let is_within_home = folder.starts_with(&home);
        if home.starts_with(&folder) || is_hidden || overlaps || (is_systems && !is_within_home) {
            return Err(name.clone());
        }
        folders.insert(name.clone(), folder);
    }
    Ok(folders)
}
