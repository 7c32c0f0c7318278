//! Sources of live names: `live(audio.output)`, `live(media.player)`, `app`.

use crate::{LiveValue, World, builtin, dbus, manifest::LiveDeclaration};

/// The sources inside Lucid; manifests declare others.
pub(crate) const BUILTIN: &[&str] = &["app", "audio.output", "list", "window"];

/// Returns the names of `source`; empty when it is unknown or absent.
pub(crate) async fn values(
    source: &str,
    declared: &[LiveDeclaration],
    world: &World,
) -> Vec<LiveValue> {
    match source {
        "app" => builtin::apps::live::values(world).await,
        "list" => builtin::lists::live::values(world).await,
        "window" => builtin::windows::live::values(world).await,
        "audio.output" => builtin::audio::live::values(world).await,
        _ => match declared.iter().find(|live| live.source == source) {
            Some(live) => dbus::live_values(live, world).await,
            None => Vec::new(),
        },
    }
}
