//! `system.memory`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use sysinfo::{MemoryRefreshKind, System};

use super::untold;
use crate::{Action, Availability, FunctionError, World};

/// Tells how much of the memory is in use.
pub(super) struct Memory;

#[async_trait]
impl Action for Memory {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let mut system = System::new().map_err(|error| untold(&error, world))?;
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        // What caches hold is free for whoever needs it.
        let (total, free) = (
            system.total_memory() as f64,
            system.available_memory() as f64,
        );
        let percent = if total > 0.0 {
            100.0 * (total - free) / total
        } else {
            0.0
        };
        Ok(Value::Number(
            (percent.clamp(0.0, 100.0) * 10.0).round() / 10.0,
        ))
    }
}
