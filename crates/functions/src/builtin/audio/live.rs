//! The live source `audio.output`: where sound can come out.

use super::device;
use crate::{LiveValue, World};

/// Returns the outputs by lasting name, with their descriptions.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let (devices, _) = device::all(world).await.unwrap_or_default();
    devices
        .into_iter()
        .map(|device| LiveValue {
            id: device.name,
            names: vec![device.description],
        })
        .collect()
}
