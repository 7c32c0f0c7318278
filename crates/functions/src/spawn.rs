//! The one place that starts other programs.

use std::{ffi::OsStr, process::Stdio};

/// Environment variables that a program started by Lucid inherits; all others are dropped.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_MESSAGES",
    "LC_CTYPE",
    "LC_TIME",
    "TZ",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "SWAYSOCK",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "XDG_SESSION_ID",
    "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS",
    "GTK_THEME",
    "GDK_BACKEND",
    "QT_QPA_PLATFORM",
    "GDK_SCALE",
    "GTK_IM_MODULE",
    "QT_IM_MODULE",
    "XMODIFIERS",
    "PULSE_SERVER",
    "PIPEWIRE_RUNTIME_DIR",
    "PIPEWIRE_REMOTE",
];

/// Prepares `program` with a cleared environment (only the session's variables), no standard
/// input, and standard output and error closed. Never goes through a shell.
pub fn command(program: impl AsRef<OsStr>) -> tokio::process::Command {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the place that the lint points to"
    )]
    let mut command = tokio::process::Command::new(program);
    command.env_clear();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
