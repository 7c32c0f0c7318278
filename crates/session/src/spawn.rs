//! The one place where this crate starts programs.

use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Environment;

/// Prepares to run `program` with nothing but `environment` around it.
///
/// The child is ended by the kernel of the machine when the thread that
/// started it ends, so that not even a `kill -9` leaves a compositor behind.
pub fn command(program: &str, environment: &Environment) -> Command {
    let mut command = bare(program);
    command.env_clear().envs(environment.iter());
    // SAFETY: both calls are async-signal-safe and touch only the child.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            crate::signals::unblock_all();
            Ok(())
        });
    }
    command
}

/// Whether a program takes connections at `socket`; the file is there a moment earlier.
pub fn listens(socket: &Path) -> bool {
    UnixStream::connect(socket).is_ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this crate is below functions::spawn and clears the environment itself"
)]
fn bare(program: &str) -> Command {
    Command::new(program)
}
