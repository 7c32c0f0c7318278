//! `system.cpu`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use sysinfo::{MINIMUM_CPU_UPDATE_INTERVAL, System};

use super::untold;
use crate::{Action, Availability, FunctionError, World};

/// Tells how busy the processors are, over a fifth of a second.
pub(super) struct Cpu;

#[async_trait]
impl Action for Cpu {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let mut system = System::new().map_err(|error| untold(&error, world))?;
        system.refresh_cpu_usage();
        tokio::time::sleep(MINIMUM_CPU_UPDATE_INTERVAL).await;
        system.refresh_cpu_usage();
        let percent = f64::from(system.global_cpu_usage()).clamp(0.0, 100.0);
        Ok(Value::Number((percent * 10.0).round() / 10.0))
    }
}
