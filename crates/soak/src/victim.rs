//! The processes that are killed.

use std::fs;

use crate::random::Random;

/// A process of Lucid's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Kernel,
    Worker,
    Shell,
    Nobody,
}

impl Victim {
    /// Chooses one; the kernel most often, because it holds the most.
    pub(crate) fn choose(random: &mut Random) -> Self {
        *random.choose(&[
            Victim::Kernel,
            Victim::Kernel,
            Victim::Kernel,
            Victim::Worker,
            Victim::Shell,
            Victim::Nobody,
        ])
    }

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
        let program = match self {
            Victim::Kernel => "lucidd",
            Victim::Worker => "lucid-engine-llama",
            Victim::Shell => "lucid-shell",
            Victim::Nobody => return 0,
        };
        let processes = of_this_session(program);
        for process in &processes {
            // SAFETY: sending a signal has no memory effects here.
            unsafe { libc::kill(*process, libc::SIGKILL) };
        }
        processes.len()
    }
}

/// Returns the processes that run `program` in the session of this one, known by its run-time folder.
fn of_this_session(program: &str) -> Vec<i32> {
    let Ok(run) = std::env::var("XDG_RUNTIME_DIR") else {
        return Vec::new();
    };
    let mark = format!("XDG_RUNTIME_DIR={run}");
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let path = entry.path();
            let runs = fs::read_link(path.join("exe"))
                .is_ok_and(|exe| exe.file_name().is_some_and(|name| name == program));
            runs && fs::read(path.join("environ")).is_ok_and(|text| {
                text.split(|byte| *byte == 0)
                    .any(|variable| variable == mark.as_bytes())
            })
        })
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
