//! The session bus as a plugin's server sees it: through `xdg-dbus-proxy`, which lets it talk to the names that were
//! agreed to, and shows it no other.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, process::Child};

use crate::{World, command::find_program, dbus::is_forbidden_name, discovery::owners, spawn};

/// The program that stands between.
pub(super) const PROGRAM: &str = "xdg-dbus-proxy";
/// How long it may take to be there.
const START_LIMIT: Duration = Duration::from_secs(5);

/// Finds a name whose owner has a name that is never called too: through the one a program would reach the other.
async fn behind_forbidden(names: &[String], world: &World) -> Option<String> {
    let owners = owners(world).await;
    let mut held = owners
        .values()
        .filter(|held| held.iter().any(|name| is_forbidden_name(name)));
    held.find_map(|held| names.iter().find(|name| held.contains(name)).cloned())
}

/// A way to some names of the bus; closed when this is dropped.
#[derive(Debug)]
pub(super) struct FilteredBus {
    socket: PathBuf,
    _child: Child,
    _folder: TempDir,
}

impl FilteredBus {
    /// Opens a way to `names`.
    ///
    /// # Errors
    ///
    /// Why there is none: no bus, no program, or a name whose owner is never called.
    pub(super) async fn open(names: &[String], world: &World) -> Result<FilteredBus, String> {
        let address = world.places.bus.as_ref();
        let address = address.ok_or("there is no session bus")?;
        if let Some(name) = behind_forbidden(names, world).await {
            return Err(format!("the owner of `{name}` is never called"));
        }
        if find_program(PROGRAM).is_none() {
            return Err(format!("`{PROGRAM}` is not installed"));
        }
        let folder = tempfile::Builder::new().prefix("lucid-bus").tempdir();
        let folder = folder.map_err(|error| error.to_string())?;
        let socket = folder.path().join("bus");
        let mut command = spawn::command(PROGRAM);
        command.arg(address).arg(&socket).arg("--filter");
        for name in names {
            command.arg(format!("--talk={name}"));
        }
        // It writes a byte when it listens, and ends when nobody reads there any more.
        command
            .arg("--fd=1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let child = spawn::from_lasting_thread(command).await;
        let mut child = child.map_err(|error| error.to_string())?;
        let listening = async {
            let output = child.stdout.as_mut()?;
            output.read_u8().await.ok()
        };
        let listening = tokio::time::timeout(START_LIMIT, listening).await;
        match listening.ok().flatten() {
            Some(_) => Ok(FilteredBus {
                socket,
                _child: child,
                _folder: folder,
            }),
            None => Err(format!("`{PROGRAM}` did not start")),
        }
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }
}
