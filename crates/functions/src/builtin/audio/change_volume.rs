//! `audio.change_volume`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Makes it louder or quieter by some percents, within 0 and 100.
pub(super) struct ChangeVolume;

#[async_trait]
impl Action for ChangeVolume {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (device, loudness) = device::before(call, world).await?;
        let by = call.number("by").unwrap_or(0.0);
        let level = (loudness.level + by).clamp(0.0, loudness.level.max(100.0));
        Ok(device::level_intent(&device, loudness.level, level))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        device::apply_level(entry, world).await
    }
}
