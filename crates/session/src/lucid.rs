//! Lucid's own processes in a session.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::children::Children;
use crate::{Environment, SessionError, bus, command};

const READY: Duration = Duration::from_secs(20);
pub(crate) const KERNEL: &str = "lucidd";
pub(crate) const SHELL: &str = "lucid-shell";

/// Starts the kernel and waits until it answers to its name.
pub(crate) fn start_kernel(
    children: &mut Children,
    environment: &Environment,
    binaries: &Path,
) -> Result<(), SessionError> {
    start(children, environment, binaries, KERNEL)?;
    children.wait_until(KERNEL, READY, || {
        bus::kernel_is_there(environment).then_some(())
    })
}

/// Starts the shell, which waits for the kernel by itself.
pub(crate) fn start_shell(
    children: &mut Children,
    environment: &Environment,
    binaries: &Path,
) -> Result<(), SessionError> {
    start(children, environment, binaries, SHELL)
}

/// Returns the program `name` of this installation.
pub(crate) fn program(binaries: &Path, name: &str) -> PathBuf {
    binaries.join(name)
}

/// Starts the program `name` of this installation without waiting for it.
pub(crate) fn start(
    children: &mut Children,
    environment: &Environment,
    binaries: &Path,
    name: &str,
) -> Result<(), SessionError> {
    let path = program(binaries, name);
    children.start(name, command(&path.to_string_lossy(), environment))
}
