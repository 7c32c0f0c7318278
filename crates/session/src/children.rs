//! The programs that a session started, and how they end.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::SessionError;

/// How long a program may take to end when asked to.
const GRACE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(10);

/// Programs in the order in which they were started.
#[derive(Debug, Default)]
pub(crate) struct Children {
    logs: PathBuf,
    running: Vec<(String, Child)>,
}

impl Children {
    /// Keeps what the programs write in `logs`, a file each.
    pub(crate) fn new(logs: PathBuf) -> Self {
        Children {
            logs,
            running: Vec::new(),
        }
    }

    /// Starts `command` under `name`.
    pub(crate) fn start(&mut self, name: &str, mut command: Command) -> Result<(), SessionError> {
        let path = self.log(name);
        let write = |source| SessionError::Write {
            path: path.clone(),
            source,
        };
        let log = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(write)?;
        let errors = log.try_clone().map_err(write)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|source| SessionError::Spawn {
                program: command.get_program().to_string_lossy().into_owned(),
                source,
            })?;
        self.running.push((name.to_owned(), child));
        Ok(())
    }

    /// Waits until `ready` finds what it looks for, as long as `name` lives.
    pub(crate) fn wait_until<T>(
        &mut self,
        name: &str,
        limit: Duration,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Result<T, SessionError> {
        let start = Instant::now();
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if let Some(status) = self.ended(name) {
                return Err(SessionError::Ended {
                    program: name.to_owned(),
                    status,
                    log: self.tail(name),
                });
            }
            if start.elapsed() > limit {
                return Err(SessionError::NotReady {
                    program: name.to_owned(),
                    waited: limit,
                    log: self.tail(name),
                });
            }
            std::thread::sleep(POLL);
        }
    }

    /// Returns how `name` ended, or nothing while it runs; forgets it once it has ended.
    pub(crate) fn ended(&mut self, name: &str) -> Option<String> {
        let at = self.running.iter().position(|(known, _)| known == name)?;
        let status = self.running[at].1.try_wait().ok()??;
        self.running.remove(at);
        Some(status.to_string())
    }

    /// Collects the orphans that ended, so that none stays in the process table.
    ///
    /// Only for a process whose other children are all orphans that it adopted.
    pub(crate) fn bury_orphans(&mut self) {
        for (_, child) in &mut self.running {
            // Its status is kept for `ended`; whoever is left afterwards is not one of ours.
            let _ = child.try_wait();
        }
        // SAFETY: no status is asked for, so there is nothing to write to.
        while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } > 0 {}
    }

    /// Ends every program and what it started, the last one first.
    pub(crate) fn stop(&mut self) {
        while let Some((_, mut child)) = self.running.pop() {
            // What a program started is found before it is gone: orphans forget their parent.
            let below = descendants(child.id());
            send(child.id(), libc::SIGTERM);
            if !ends_within(&mut child, GRACE) {
                // The child is not waited for, so its id cannot belong to anything else.
                let _ = child.kill();
                let _ = child.wait();
            }
            end_all(&below);
        }
    }

    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    fn tail(&self, name: &str) -> String {
        let text = fs::read_to_string(self.log(name)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ends every program below this one that is still there; for the end of a whole process
/// that made itself the reaper of orphans.
pub(crate) fn end_descendants() {
    end_all(&descendants(std::process::id()));
}

fn ends_within(child: &mut Child, limit: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < limit {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(POLL);
    }
    false
}

/// A process, told apart from a later one with the same id by its start time.
type Identity = (u32, u64);

fn end_all(processes: &[Identity]) {
    let alive = || {
        processes
            .iter()
            .filter(|(id, start)| started(*id) == Some(*start))
    };
    alive().for_each(|(id, _)| send(*id, libc::SIGTERM));
    let begin = Instant::now();
    while alive().next().is_some() && begin.elapsed() < GRACE {
        std::thread::sleep(POLL);
    }
    alive().for_each(|(id, _)| send(*id, libc::SIGKILL));
}

fn send(id: u32, signal: libc::c_int) {
    if let Ok(id) = libc::pid_t::try_from(id) {
        // SAFETY: sending a signal has no memory effects here.
        unsafe { libc::kill(id, signal) };
    }
}

/// Returns the processes below `root`, nearest first.
fn descendants(root: u32) -> Vec<Identity> {
    let mut below: HashMap<u32, Vec<Identity>> = HashMap::new();
    let ids = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for id in ids {
        if let Some((parent, start)) = stat(id) {
            below.entry(parent).or_default().push((id, start));
        }
    }
    let mut found: Vec<Identity> = below.remove(&root).unwrap_or_default();
    let mut next = 0;
    while let Some((id, _)) = found.get(next) {
        found.extend(below.remove(id).unwrap_or_default());
        next += 1;
    }
    found
}

fn started(id: u32) -> Option<u64> {
    stat(id).map(|(_, start)| start)
}

/// Reads a live process's parent and start time (fields 4 and 22 of `proc(5)`'s `stat`).
fn stat(id: u32) -> Option<(u32, u64)> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is a name in parentheses that may itself hold spaces and parentheses.
    let mut fields = text[text.rfind(')')? + 1..].split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let start = fields.nth(17)?.parse().ok()?;
    (state != "Z").then_some((parent, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, command};

    fn shell(script: &str) -> Command {
        let mut command = command("sh", &Environment::clean());
        command.args(["-c", script]);
        command
    }

    fn children() -> (tempfile::TempDir, Children) {
        let logs = tempfile::tempdir().unwrap();
        let children = Children::new(logs.path().to_owned());
        (logs, children)
    }

    #[test]
    fn stop_ends_what_the_program_started_too() {
        let (logs, mut children) = children();
        let file = logs.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", file.display());
        children.start("parent", shell(&script)).unwrap();
        let grandchild: u32 = children
            .wait_until("parent", Duration::from_secs(5), || {
                fs::read_to_string(&file).ok()?.trim().parse().ok()
            })
            .unwrap();
        assert!(started(grandchild).is_some());
        children.stop();
        assert_eq!(started(grandchild), None);
    }

    #[test]
    fn a_program_that_will_not_end_is_killed() {
        let (logs, mut children) = children();
        let file = logs.path().join("ready");
        let script = format!(
            "trap '' TERM; echo > {}; while :; do sleep 0.05; done",
            file.display()
        );
        children.start("stubborn", shell(&script)).unwrap();
        children
            .wait_until("stubborn", Duration::from_secs(5), || {
                file.exists().then_some(())
            })
            .unwrap();
        let id = children.running[0].1.id();
        children.stop();
        assert_eq!(started(id), None);
    }

    #[test]
    fn an_early_end_is_reported_with_what_was_written() {
        let (_logs, mut children) = children();
        children
            .start("broken", shell("echo no display >&2; exit 3"))
            .unwrap();
        let error = children
            .wait_until("broken", Duration::from_secs(5), || None::<()>)
            .unwrap_err()
            .to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        assert!(error.contains("no display"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let (_logs, mut children) = children();
        let missing = command("lucid-no-such-program", &Environment::clean());
        let error = children.start("missing", missing).unwrap_err().to_string();
        assert!(error.contains("lucid-no-such-program"), "{error}");
    }
}
