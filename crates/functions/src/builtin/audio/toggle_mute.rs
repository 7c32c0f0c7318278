//! `audio.toggle_mute`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Mutes what sounds, unmutes what is muted.
pub(super) struct ToggleMute;

#[async_trait]
impl Action for ToggleMute {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (device, loudness) = device::before(call, world).await?;
        Ok(device::muted_intent(
            &device,
            loudness.muted,
            !loudness.muted,
        ))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        device::apply_muted(entry, world).await
    }
}
