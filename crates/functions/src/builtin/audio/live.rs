//! The live source `audio.output`: where sound can come out.

use crate::{LiveValue, World};

/// Returns the outputs by node name, with their descriptions.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let _ = world;
    Vec::new()
}
