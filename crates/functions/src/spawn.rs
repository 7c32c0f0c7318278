//! The one place that starts other programs.

use std::{
    ffi::OsStr,
    io,
    process::Stdio,
    sync::{LazyLock, Mutex, PoisonError, mpsc},
};

use tokio::sync::oneshot;

use crate::Places;

/// Environment variables that a tool started by Lucid inherits; all others are dropped.
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

/// What begins the names of variables that are for Lucid's own programs.
const OWN: &str = "LUCID_";

/// Variables that belong to the kernel's own start and would mislead another program.
const OF_THIS_START: &[&str] = &[
    "XDG_ACTIVATION_TOKEN",
    "DESKTOP_STARTUP_ID",
    "GIO_LAUNCHED_DESKTOP_FILE_PID",
    "NOTIFY_SOCKET",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "MAINPID",
    "MANAGERPID",
];

/// Prepares an application of the person, or what opens one, with the environment of the whole
/// session: it is as if it was started from a menu, with its agent of keys, its editor and the
/// settings of its toolkit. The folders are those of `places`.
pub(crate) fn application(program: impl AsRef<OsStr>, places: &Places) -> tokio::process::Command {
    let mut command = command(program);
    command.envs(std::env::vars_os().filter(|(name, _)| is_for_applications(name)));
    let folders = [
        ("HOME", &places.home),
        ("XDG_CONFIG_HOME", &places.config),
        ("XDG_CACHE_HOME", &places.cache),
        ("XDG_STATE_HOME", &places.state),
        ("XDG_DATA_HOME", &places.data),
    ];
    command.envs(folders);
    command
}

fn is_for_applications(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    !name.starts_with(OWN) && !OF_THIS_START.contains(&&*name)
}

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

/// Starts a program from a thread that lasts as long as this process does: one that asks to end with its parent ends
/// with the thread that started it.
///
/// # Errors
///
/// When it cannot be started.
pub(crate) async fn from_lasting_thread(
    command: tokio::process::Command,
) -> io::Result<tokio::process::Child> {
    type Wish = (
        tokio::runtime::Handle,
        tokio::process::Command,
        oneshot::Sender<io::Result<tokio::process::Child>>,
    );
    static THREAD: LazyLock<Mutex<mpsc::Sender<Wish>>> = LazyLock::new(|| {
        let (sender, wishes) = mpsc::channel::<Wish>();
        std::thread::spawn(move || {
            for (runtime, mut command, answer) in wishes {
                let _inside = runtime.enter();
                // Who has gone away does not want the program either: it is killed when it is dropped.
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(sender)
    });
    let (answer, started) = oneshot::channel();
    let wish = (tokio::runtime::Handle::current(), command, answer);
    let gone = || io::Error::other("the thread that starts programs is gone");
    let sent = THREAD
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send(wish);
    sent.map_err(|_| gone())?;
    started.await.map_err(|_| gone())?
}

/// Tells whether a program that is started finds a display: one that the session names, or
/// Wayland's usual socket, which is tried where none is named.
pub fn has_display() -> bool {
    let is_named = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let usual = || {
        std::env::var_os("XDG_RUNTIME_DIR")
            .is_some_and(|folder| std::path::PathBuf::from(folder).join("wayland-0").exists())
    };
    is_named || usual()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_get_the_session_and_nothing_of_lucid() {
        for name in ["SSH_AUTH_SOCK", "MOZ_ENABLE_WAYLAND", "EDITOR", "GTK_THEME"] {
            assert!(is_for_applications(OsStr::new(name)), "{name}");
        }
        for name in ["LUCID_SCRIPTED", "LUCID_LOG", "NOTIFY_SOCKET"] {
            assert!(!is_for_applications(OsStr::new(name)), "{name}");
        }
    }
}
