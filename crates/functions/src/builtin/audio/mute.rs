//! `audio.mute`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;

use super::device;
use crate::{Action, Availability, FunctionError, World};

/// Mutes.
pub(super) struct Mute;

#[async_trait]
impl Action for Mute {
    async fn availability(&self, world: &World) -> Availability {
        device::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (device, loudness) = device::before(call, world).await?;
        Ok(device::muted_intent(&device, loudness.muted, true))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        device::apply_muted(entry, world).await
    }
}
