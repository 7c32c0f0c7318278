//! The sandbox of a plugin's server: bubblewrap, with limits for each of its processes.

use std::{
    ffi::{OsStr, OsString},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::{
    Places,
    command::find_program,
    manifest::{Access, McpServer},
};

/// What `bwrap` and the limits come from; the first that is not there is named.
const PROGRAMS: [&str; 3] = ["nice", "prlimit", "bwrap"];
/// Megabytes of memory for each process, unless its manifest says otherwise.
const MEMORY: u64 = 512;
/// How many processes and threads it may have. The system counts those of the person with them.
const MOST_TASKS: usize = 128;
const MOST_OPEN_FILES: u64 = 256;
/// The largest file that it can write.
const LARGEST_FILE: u64 = 64 << 20;
/// What its files in memory may take, those in `/tmp` and in `/dev/shm` each.
const SCRATCH: u64 = 64 << 20;

/// Where the plugin finds itself.
const PLUGIN: &str = "/plugin";
/// Where it keeps what it wants to find again.
const DATA: &str = "/data";

/// Tells which program is missing for a sandbox.
pub(crate) fn missing() -> Option<&'static str> {
    let mut programs = PROGRAMS.into_iter();
    programs.find(|program| find_program(program).is_none())
}

/// Where a plugin keeps what it wants to find again.
pub(crate) fn data_folder(plugin: &str, places: &Places) -> PathBuf {
    places.data.join("lucid/plugin-data").join(plugin)
}

/// The program and its arguments that run `server`, whose folder is `folder` and whose data is kept in `data`.
pub(crate) fn argv(
    server: &McpServer,
    folder: &Path,
    data: &Path,
    places: &Places,
) -> Vec<OsString> {
    let mut argv: Vec<OsString> = Vec::new();
    let mut add = |words: &[&dyn AsRef<OsStr>]| {
        argv.extend(words.iter().map(|word| word.as_ref().to_owned()));
    };
    add(&[&"nice", &"-n", &"10", &"prlimit"]);
    let memory = server.memory.unwrap_or(MEMORY) << 20;
    for (limit, most) in [
        ("data", memory),
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
    if !server.access.network {
        add(&[&"--unshare-net"]);
    }
    add(&[&"--disable-userns", &"--hostname", &"plugin"]);
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
    if server.access.network {
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
    for (how, folder) in opened(&server.access, places) {
        add(&[&how, &folder, &folder]);
    }
    add(&[&"--chdir", &PLUGIN, &"--clearenv"]);
    let language = std::env::var("LANG").unwrap_or_default();
    for (name, value) in [
        ("HOME", DATA),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", &language),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONUNBUFFERED", "1"),
    ] {
        add(&[&"--setenv", &name, &value]);
    }
    add(&[&"--"]);
    argv.extend(server.argv.iter().map(OsString::from));
    argv
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

/// The folders that are opened, and how.
fn opened<'a>(access: &'a Access, places: &Places) -> Vec<(&'a str, PathBuf)> {
    let whole = |folder: &String| match folder.strip_prefix("~/") {
        Some(rest) => places.home.join(rest),
        None => PathBuf::from(folder),
    };
    let read = access
        .read
        .iter()
        .map(|folder| ("--ro-bind-try", whole(folder)));
    let write = access
        .write
        .iter()
        .map(|folder| ("--bind-try", whole(folder)));
    read.chain(write).collect()
}
