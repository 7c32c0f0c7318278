//! Light or dark, as the desktop says.
//!
//! The pages follow `prefers-color-scheme`, which WebKit takes from GTK; so we
//! only tell GTK what the settings portal says, now and whenever it changes.
//! `LUCID_THEME=light|dark` overrides it.

use std::{env, time::Duration};

use futures_util::StreamExt;
use gtk::prelude::GtkSettingsExt;
use tauri::AppHandle;
use zbus::{OwnedVariant, Variant};

use crate::instance;

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";
const PATIENCE: Duration = Duration::from_secs(5);

#[zbus::proxy(
    interface = "org.freedesktop.portal.Settings",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop"
)]
trait Settings {
    fn read(&self, namespace: &str, key: &str) -> zbus::Result<OwnedVariant>;

    #[zbus(signal)]
    fn setting_changed(&self, namespace: &str, key: &str, value: Variant<'_>) -> zbus::Result<()>;
}

/// Follows the desktop's choice for as long as the shell lives.
pub(crate) async fn follow(app: AppHandle) {
    match env::var("LUCID_THEME").as_deref() {
        Ok("dark") => return prefer(&app, true),
        Ok("light") => return prefer(&app, false),
        _ => {}
    }
    if let Err(error) = follow_portal(&app).await {
        tracing::debug!(%error, "no portal says whether the desktop is light or dark");
    }
}

async fn follow_portal(app: &AppHandle) -> zbus::Result<()> {
    let connection = instance::connect().await?;
    let settings = SettingsProxy::new(&connection).await?;
    let mut changes = settings.receive_setting_changed().await?;
    let asked = tokio::time::timeout(PATIENCE, settings.read(NAMESPACE, KEY)).await;
    if let Ok(Ok(value)) = asked
        && let Some(dark) = is_dark(&value)
    {
        prefer(app, dark);
    }
    while let Some(change) = changes.next().await {
        let arguments = change.args()?;
        if *arguments.namespace() == NAMESPACE
            && *arguments.key() == KEY
            && let Some(dark) = is_dark(arguments.value())
        {
            prefer(app, dark);
        }
    }
    Ok(())
}

/// Reads the portal's number, which older portals wrap twice; [`None`] when the desktop does not care.
fn is_dark(value: &Variant<'_>) -> Option<bool> {
    match value {
        Variant::Variant(inner) => is_dark(inner),
        Variant::U32(1) => Some(true),
        Variant::U32(2) => Some(false),
        _ => None,
    }
}

fn prefer(app: &AppHandle, dark: bool) {
    let queued = app.run_on_main_thread(move || {
        if let Some(settings) = gtk::Settings::default() {
            settings.set_gtk_application_prefer_dark_theme(dark);
        }
    });
    if let Err(error) = queued {
        tracing::error!(%error, "the main thread is gone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portals_number_is_read_through_its_wrappings() {
        let wrapped = Variant::Variant(Box::new(Variant::Variant(Box::new(Variant::U32(1)))));
        assert_eq!(is_dark(&wrapped), Some(true));
        assert_eq!(is_dark(&Variant::U32(2)), Some(false));
        assert_eq!(is_dark(&Variant::U32(0)), None);
        assert_eq!(is_dark(&Variant::from("dark")), None);
    }
}
