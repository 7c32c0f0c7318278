//! `audio.set_volume`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Sets the level.
pub(super) struct SetVolume;

#[async_trait]
impl Action for SetVolume {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (device, loudness) = device::before(call, world).await?;
        let level = call.number("level").unwrap_or(loudness.level);
        Ok(device::level_intent(&device, loudness.level, level))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        device::apply_level(entry, world).await
    }
}
