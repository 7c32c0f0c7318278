//! `audio.scale_volume`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Makes it a part or a multiple as loud, at most 100 %.
pub(super) struct ScaleVolume;

#[async_trait]
impl Action for ScaleVolume {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (device, loudness) = device::before(call, world).await?;
        let percent = call.number("percent").unwrap_or(100.0).max(0.0);
        let level = (loudness.level * percent / 100.0).min(loudness.level.max(100.0));
        Ok(device::level_intent(&device, loudness.level, level))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        device::apply_level(entry, world).await
    }
}
