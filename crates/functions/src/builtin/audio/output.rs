//! `audio.output`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Tells where sound comes out now.
pub(super) struct Output;

#[async_trait]
impl Action for Output {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let _ = call;
        let device = device::default(world).await?;
        Ok(Value::record([
            ("name", Value::Text(device.description)),
            ("id", Value::Text(device.name)),
        ]))
    }
}
