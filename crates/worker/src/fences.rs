//! Takes from the worker what it does not need: other files, sockets, other programs, and more
//! memory than a model can use.

mod files;
mod memory;
mod system_calls;

use std::path::PathBuf;

use engine::protocol::LoadCommand;

/// The worker runs behind the programs that people look at.
const NICENESS: libc::c_int = 5;

/// What a worker keeps once it is fenced in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fences {
    /// Files and folders that it reads.
    pub readable: Vec<PathBuf>,
    /// Folders of which it may learn the names within, and no more.
    pub listable: Vec<PathBuf>,
    /// Folders that it writes to. They are made where they are missing.
    pub writable: Vec<PathBuf>,
    /// Whom it may speak to.
    pub network: Network,
    /// The most memory that it may take for itself; none sets no limit.
    pub memory_bytes: Option<u64>,
}

/// Whom a worker may speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Nobody but its client.
    None,
    /// Servers on one TCP port, with the name service beside it.
    Port(u16),
}

/// A fence that is required and does not stand.
#[derive(Debug, thiserror::Error)]
#[error("{fence}: {reason}")]
pub(crate) struct Missing {
    fence: &'static str,
    reason: String,
}

/// A fence, as the statistics name it.
struct Fence {
    name: &'static str,
    is_required: bool,
    stands: Result<String, String>,
}

impl Fences {
    /// The fences of an engine that reads the model of `load` and keeps its capsules, and does
    /// nothing else.
    pub fn around_model(load: &LoadCommand) -> Self {
        Self {
            readable: [&load.path]
                .into_iter()
                .chain(&load.adapter)
                .cloned()
                .collect(),
            listable: Vec::new(),
            writable: load.capsules.iter().cloned().collect(),
            network: Network::None,
            memory_bytes: Some(memory::enough_for(&load.path, load.context_length)),
        }
    }

    /// Fences the process in, and tells which fences stand.
    ///
    /// Required are the ones that keep the person's files, the bus and the network from a model
    /// that somebody has taken over. What the others spare is a crash or an annoyance.
    ///
    /// # Errors
    ///
    /// [`Missing`] for the first required fence that does not stand, unless `allow_unfenced`.
    pub(crate) fn enter(&self, allow_unfenced: bool) -> Result<Vec<String>, Missing> {
        // SAFETY: a plain system call without pointers.
        unsafe {
            libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS);
        }
        // Behind the fences only folders that exist already can be written to.
        for folder in &self.writable {
            if let Err(error) = std::fs::create_dir_all(folder) {
                eprintln!("nothing can be kept in {}: {error}", folder.display());
            }
        }
        // In this order: each of the last two needs the one before it to be allowed.
        let fences = [
            Fence {
                name: "memory",
                is_required: false,
                stands: memory::limit(self.memory_bytes),
            },
            Fence {
                name: "no_new_privileges",
                is_required: true,
                stands: no_new_privileges(),
            },
            Fence {
                name: "files",
                is_required: true,
                stands: files::fence(self),
            },
            Fence {
                name: "sockets_and_programs",
                is_required: true,
                stands: system_calls::fence(self.network),
            },
        ];
        let mut lines = Vec::new();
        for fence in fences {
            match fence.stands {
                Ok(how) => lines.push(format!("{}: {how}", fence.name)),
                Err(reason) if fence.is_required && !allow_unfenced => {
                    return Err(Missing {
                        fence: fence.name,
                        reason,
                    });
                }
                Err(reason) => lines.push(format!("{}: refused ({reason})", fence.name)),
            }
        }
        Ok(lines)
    }
}

fn no_new_privileges() -> Result<String, String> {
    // SAFETY: a system call without pointers.
    match unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } {
        0 => Ok("on".to_owned()),
        _ => Err(std::io::Error::last_os_error().to_string()),
    }
}
