//! Functions of the domain `system`.

mod protected;

mod cpu;
mod disks;
mod end_process;
mod memory;
mod processes;
mod uptime;

use std::sync::Arc;

use crate::{Action, ErrorKind, FunctionError, World};

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("system/cpu.toml"), Arc::new(cpu::Cpu)),
        (include_str!("system/memory.toml"), Arc::new(memory::Memory)),
        (include_str!("system/disks.toml"), Arc::new(disks::Disks)),
        (
            include_str!("system/processes.toml"),
            Arc::new(processes::Processes),
        ),
        (
            include_str!("system/end_process.toml"),
            Arc::new(end_process::EndProcess),
        ),
        (include_str!("system/uptime.toml"), Arc::new(uptime::Uptime)),
    ]
}

/// The kernel does not tell, as in a sandbox without `/proc`.
fn untold(error: &sysinfo::Error, world: &World) -> FunctionError {
    let reason = error.to_string();
    let values = [("reason", &*reason)];
    FunctionError::new(
        ErrorKind::Unavailable,
        world.language,
        "system-untold",
        &values,
    )
}
