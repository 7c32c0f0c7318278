//! `audio.muted`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Tells whether it is muted.
pub(super) struct Muted;

#[async_trait]
impl Action for Muted {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let device = device::of_call(call, world).await?;
        let loudness = device::loudness(&device, world).await?;
        Ok(Value::Bool(loudness.muted))
    }
}
