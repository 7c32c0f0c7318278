//! `audio.outputs`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Lists where sound can come out.
pub(super) struct Outputs;

#[async_trait]
impl Action for Outputs {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let _ = call;
        let (devices, default) = device::all(world).await?;
        let row = |device: device::Device| {
            Value::record([
                (
                    "current",
                    Value::Bool(default.as_ref() == Some(&device.name)),
                ),
                ("name", Value::Text(device.description)),
                ("id", Value::Text(device.name)),
            ])
        };
        Ok(Value::List(devices.into_iter().map(row).collect()))
    }
}
