//! Which processes belong to which application.

use std::path::Path;

use super::catalogue::InstalledApp;

/// Programs that run other programs, so that they tell nothing.
const RUNNERS: &[&str] = &[
    "sh", "bash", "dash", "env", "flatpak", "python", "python3", "perl", "java",
];

/// A process of this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(super) pid: u32,
    /// When it started, in ticks since the machine did (proc_pid_stat(5)); tells it from a later one of this number.
    pub(super) start: u64,
    arguments: Vec<String>,
    program: Option<String>,
}

/// Reads the start time of a process; none if there is no such process or it has ended and waits to be collected.
pub(crate) fn start_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, also parentheses.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ended = matches!(fields.first(), Some(&"Z" | &"X"));
    if ended {
        None
    } else {
        fields.get(19)?.parse().ok()
    }
}

/// Returns this person's processes.
pub(super) fn own() -> Vec<Process> {
    let uid = rustix::process::getuid().as_raw();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| read(pid, uid))
        .collect()
}

/// Returns one process, if it is this person's.
pub(crate) fn process(pid: u32) -> Option<Process> {
    read(pid, rustix::process::getuid().as_raw())
}

fn read(pid: u32, uid: u32) -> Option<Process> {
    use std::os::unix::fs::MetadataExt;
    let folder = format!("/proc/{pid}");
    if std::fs::metadata(&folder).ok()?.uid() != uid {
        return None;
    }
    let line = std::fs::read(format!("{folder}/cmdline")).ok()?;
    let arguments = line.split(|byte| *byte == 0).take(2);
    let program = std::fs::read_link(format!("{folder}/exe")).ok();
    Some(Process {
        pid,
        start: start_of(pid)?,
        arguments: arguments
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect(),
        program: program.map(|path| path.to_string_lossy().into_owned()),
    })
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Process {
    /// Tells whether it runs `app`: by its program, or by what Flatpak says about it.
    pub(crate) fn is_of(&self, app: &InstalledApp) -> bool {
        let program = base(&app.program);
        if program == "flatpak" {
            return flatpak_app(self.pid).as_deref() == Some(app.bare_id());
        }
        let tells_nothing =
            program.is_empty() || RUNNERS.contains(&program) || program.starts_with("python");
        if tells_nothing || self.is_in_flatpak() {
            return false;
        }
        let first = self.arguments.first().map_or("", |word| base(word));
        let second = self.arguments.get(1).map_or("", |word| base(word));
        let runner = RUNNERS.contains(&first) || first.starts_with("python");
        first == program
            || (runner && second == program)
            || self
                .program
                .as_deref()
                .is_some_and(|path| base(path) == program && first.is_empty())
    }

    /// Tells whether it is one of Lucid's own, or may be: nobody can say what it runs.
    pub(crate) fn is_of_lucid(&self) -> bool {
        let program = self.program.as_deref();
        program.is_none_or(|path| base(path).starts_with("lucid"))
    }

    fn is_in_flatpak(&self) -> bool {
        Path::new(&format!("/proc/{}/root/.flatpak-info", self.pid)).exists()
    }
}

fn flatpak_app(pid: u32) -> Option<String> {
    let info = std::fs::read_to_string(format!("/proc/{pid}/root/.flatpak-info")).ok()?;
    info.lines()
        .find_map(|line| line.strip_prefix("name="))
        .map(str::to_owned)
}
