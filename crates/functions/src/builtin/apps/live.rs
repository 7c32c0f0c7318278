//! The live source `app`: every installed application.

use crate::{LiveValue, World};

/// Returns the installed applications by desktop id, with their names.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let _ = world;
    Vec::new()
}
