//! The live source `app`: every installed application.

use super::catalogue::{InstalledApp, installed};
use crate::{LiveValue, World};

/// Returns the installed applications by desktop id, with their names: the one in the turn's
/// language first, then English, Chinese, the session's, and what kind of app they are.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let (places, language) = (world.places.clone(), world.language);
    let value = move |app: &InstalledApp| LiveValue {
        id: app.id.clone(),
        names: app.names(language),
    };
    let all = tokio::task::spawn_blocking(move || {
        let apps = installed(&places);
        apps.iter().filter(|app| app.is_shown).map(value).collect()
    });
    all.await.unwrap_or_default()
}
