//! The shell's process: started when it is needed and not there.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The name that a running shell owns, whoever started it.
const NAME: &str = "org.lucidshell.Shell";

/// How long a shell that was started may take to own its name before another try.
const START_LIMIT: Duration = Duration::from_secs(5);

/// What the shell gets besides the session's variables: logging, measuring, and how to draw
/// on machines without a graphics card.
const SHELL_VARIABLES: [&str; 4] = [
    "LUCID_LOG",
    "LUCID_SHELL_TRACE",
    "LIBGL_ALWAYS_SOFTWARE",
    "WEBKIT_DISABLE_DMABUF_RENDERER",
];

/// The shell beside this kernel.
pub(crate) struct Overlay {
    program: Option<PathBuf>,
    bus: Option<zbus::Connection>,
    started: Mutex<Option<(tokio::process::Child, Instant)>>,
}

/// Whether a shell that is started shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appearance {
    /// At once.
    Shown,
    /// When it is toggled.
    Hidden,
}

impl Overlay {
    /// Finds the shell's program beside the kernel's.
    pub(crate) fn new(bus: Option<zbus::Connection>) -> Overlay {
        let program = std::env::current_exe()
            .ok()
            .map(|own| own.with_file_name("lucid-shell"))
            .filter(|path| path.exists());
        Overlay {
            program,
            bus,
            started: Mutex::new(None),
        }
    }

    /// Tells whether there is a shell to start.
    pub(crate) fn is_installed(&self) -> bool {
        self.program.is_some()
    }

    /// Starts the shell unless one runs or there is no display for it. Returns whether one was
    /// running before.
    pub(crate) async fn ensure_running(&self, appearance: Appearance) -> bool {
        if self.is_running().await {
            return true;
        }
        let Some(program) = self
            .program
            .as_ref()
            .filter(|_| functions::spawn::has_display())
        else {
            return false;
        };
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((child, at)) = started.as_mut()
            && matches!(child.try_wait(), Ok(None))
            && at.elapsed() < START_LIMIT
        {
            return false;
        }
        let mut command = functions::spawn::command(program);
        command.envs(
            SHELL_VARIABLES
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        );
        if appearance == Appearance::Shown {
            command.arg("--show");
        }
        match command.spawn() {
            Ok(child) => *started = Some((child, Instant::now())),
            Err(error) => {
                tracing::error!(%error, program = %program.display(), "the shell cannot be started")
            }
        }
        false
    }

    async fn is_running(&self) -> bool {
        let Some(bus) = &self.bus else { return false };
        let Ok(names) = zbus::fdo::DBusProxy::new(bus).await else {
            return false;
        };
        let Ok(name) = zbus::names::BusName::try_from(NAME) else {
            return false;
        };
        names.name_has_owner(name).await.unwrap_or(false)
    }
}
