//! The processes that are killed.

use std::fs;

/// A process of Lucid's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Kernel,
    Worker,
    Shell,
    Nobody,
}

impl Victim {
    /// Those that can be killed, in the order of the page.
    pub(crate) const ALL: [Self; 3] = [Victim::Kernel, Victim::Worker, Victim::Shell];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Victim::Kernel => "kernel",
            Victim::Worker => "worker",
            Victim::Shell => "shell",
            Victim::Nobody => "nobody",
        }
    }

    /// Kills it with SIGKILL. Returns how many processes that were, 0 when there was none.
    pub(crate) fn kill(self) -> usize {
        let processes = self.processes();
        for process in &processes {
            // SAFETY: sending a signal has no memory effects here.
            unsafe { libc::kill(*process, libc::SIGKILL) };
        }
        processes.len()
    }

    /// Returns its processes in the session of this one.
    pub(crate) fn processes(self) -> Vec<i32> {
        match self {
            Victim::Kernel => of_this_session("lucidd"),
            // The kernel starts it without any variable, so it is known by its parent.
            Victim::Worker => below("lucid-engine-llama", &of_this_session("lucidd")),
            Victim::Shell => of_this_session("lucid-shell"),
            Victim::Nobody => Vec::new(),
        }
    }
}

/// Returns the processes that run `program` in the session of this one, known by its run-time folder.
fn of_this_session(program: &str) -> Vec<i32> {
    let Ok(run) = std::env::var("XDG_RUNTIME_DIR") else {
        return Vec::new();
    };
    let mark = format!("XDG_RUNTIME_DIR={run}");
    let is_ours = |process: &i32| {
        fs::read(format!("/proc/{process}/environ")).is_ok_and(|text| {
            text.split(|byte| *byte == 0)
                .any(|variable| variable == mark.as_bytes())
        })
    };
    running(program).into_iter().filter(is_ours).collect()
}

/// Returns the processes that run `program` and were started by one of `parents`.
fn below(program: &str, parents: &[i32]) -> Vec<i32> {
    let is_below = |process: &i32| parent(*process).is_some_and(|parent| parents.contains(&parent));
    running(program).into_iter().filter(is_below).collect()
}

/// Returns the processes that run `program`, as far as this user may look at them.
fn running(program: &str) -> Vec<i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            fs::read_link(entry.path().join("exe"))
                .is_ok_and(|exe| exe.file_name().is_some_and(|name| name == program))
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Returns a process's parent, from `proc(5)`'s `stat`.
fn parent(process: i32) -> Option<i32> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything, also spaces and parentheses.
    let (_, after) = text.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_without_variables_is_found_by_its_parent() {
        let folder = tempfile::tempdir().unwrap();
        // A name that nothing else on this machine has.
        let program = folder.path().join("soak-test-worker");
        fs::copy("/bin/sleep", &program).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the environment is cleared here")]
        let mut child = std::process::Command::new(&program)
            .env_clear()
            .arg("60")
            .spawn()
            .unwrap();
        let this = std::process::id() as i32;
        let found = below("soak-test-worker", &[this]);
        let strange = below("soak-test-worker", &[1]);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found, [child.id() as i32]);
        assert!(strange.is_empty(), "{strange:?}");
        assert!(below("soak-test-worker", &[this]).is_empty());
    }
}
