//! `system.uptime`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::untold;
use crate::{Action, Availability, FunctionError, World};

/// Tells how long the machine has been running.
pub(super) struct Uptime;

#[async_trait]
impl Action for Uptime {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let seconds = sysinfo::System::uptime().map_err(|error| untold(&error, world))?;
        Ok(Value::Number(seconds as f64))
    }
}
