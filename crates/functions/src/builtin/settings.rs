//! Settings of the desktop that apps follow, through GSettings (`gsettings(1)`), which is what desktops on GTK and the
//! settings portal read.

mod key;
mod wallpaper;

use std::sync::Arc;

use plan::Value;

use crate::Action;

use key::{Key, Read, Write};

const INTERFACE: &str = "org.gnome.desktop.interface";

/// `light` or `dark`.
const THEME: Key = Key {
    schema: INTERFACE,
    key: "color-scheme",
    read: |text| match text {
        "'prefer-dark'" => "dark".into(),
        _ => "light".into(),
    },
    written: |value| match value.as_text() {
        Some("dark") => "prefer-dark".to_owned(),
        _ => "default".to_owned(),
    },
};

/// Percent of the usual size.
const TEXT_SIZE: Key = Key {
    schema: INTERFACE,
    key: "text-scaling-factor",
    read: |text| {
        let factor: f64 = text.parse().unwrap_or(1.0);
        Value::Number((factor * 100.0).round())
    },
    written: |value| format!("{}", value.as_number().unwrap_or(100.0) / 100.0),
};

/// Whether the screen gets warmer in the evening.
const NIGHT_LIGHT: Key = Key {
    schema: "org.gnome.settings-daemon.plugins.color",
    key: "night-light-enabled",
    read: |text| Value::Bool(text == "true"),
    written: |value| value.as_bool().unwrap_or_default().to_string(),
};

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("settings/theme.toml"), Arc::new(Read(&THEME))),
        (
            include_str!("settings/set_theme.toml"),
            Arc::new(Write(&THEME, "theme")),
        ),
        (
            include_str!("settings/text_size.toml"),
            Arc::new(Read(&TEXT_SIZE)),
        ),
        (
            include_str!("settings/set_text_size.toml"),
            Arc::new(Write(&TEXT_SIZE, "percent")),
        ),
        (
            include_str!("settings/night_light.toml"),
            Arc::new(Read(&NIGHT_LIGHT)),
        ),
        (
            include_str!("settings/set_night_light.toml"),
            Arc::new(Write(&NIGHT_LIGHT, "on")),
        ),
        (
            include_str!("settings/wallpaper.toml"),
            Arc::new(wallpaper::Wallpaper),
        ),
        (
            include_str!("settings/set_wallpaper.toml"),
            Arc::new(wallpaper::SetWallpaper),
        ),
    ]
}
