//! Running as an ordinary user when started by root.
//!
//! Compositors refuse root, yet containers and continuous integration have
//! nobody else. So root starts this program once more as a user who owns
//! nothing but the folder of the session.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Environment, SessionError, command};

/// The user that is made when none is named.
pub const DEFAULT_NAME: &str = "lucid-test";

/// This program, running once more as somebody else.
#[derive(Debug)]
pub struct Other {
    /// The process; it ends when this one does.
    pub child: Child,
    // Holds the copy of this program until the other process has ended.
    _copy: tempfile::TempDir,
}

/// Tells whether this process is root.
pub fn is_root() -> bool {
    // SAFETY: asks the operating system for a number.
    unsafe { libc::geteuid() == 0 }
}

/// Starts this program with `arguments` as the user `name`, who is made if unknown.
///
/// # Errors
///
/// [`SessionError::User`] if there is no such user and none can be made,
/// [`SessionError::Spawn`] without `setpriv`.
pub fn run_as(name: &str, arguments: &[String]) -> Result<Other, SessionError> {
    ensure(name)?;
    // The checkout may be beneath a folder that only root can enter, so the
    // user gets a copy of this program.
    let copy = copy_of_this_program()?;
    let mut environment = Environment::clean();
    environment.set("USER", name);
    environment.set("LOGNAME", name);
    environment.set("HOME", "/nonexistent");
    let child = command("setpriv", &environment)
        .args(["--reuid", name, "--regid", &group(name), "--init-groups"])
        // A change of user clears this in the process itself, so setpriv sets it anew.
        .args(["--pdeathsig", "TERM", "--inh-caps=-all"])
        .arg(program(copy.path()))
        .args(arguments)
        .current_dir("/")
        .spawn()
        .map_err(|source| SessionError::Spawn {
            program: "setpriv".to_owned(),
            source,
        })?;
    Ok(Other { child, _copy: copy })
}

fn ensure(name: &str) -> Result<(), SessionError> {
    let user_error = |reason: String| SessionError::User {
        name: name.to_owned(),
        reason,
    };
    // Sessions that start side by side must not make the user twice.
    let lock = fs::File::create("/run/lock/lucid-session-user")
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| user_error(error.to_string()))?;
    let known = quiet("id").arg(name).status();
    if known.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let output = quiet("useradd")
        .args(["--system", "--user-group", "--no-create-home"])
        .args(["--home-dir", "/nonexistent", "--shell", "/bin/sh"])
        .args(["--comment", "runs Lucid's headless sessions", name])
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| user_error(error.to_string()))?;
    drop(lock);
    if output.status.success() {
        return Ok(());
    }
    Err(user_error(
        String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    ))
}

fn group(name: &str) -> String {
    let output = quiet("id")
        .args(["-g", name])
        .stdout(Stdio::piped())
        .output();
    output.map_or_else(
        |_| name.to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn quiet(program: &str) -> Command {
    let mut command = command(program, &Environment::clean());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn copy_of_this_program() -> Result<tempfile::TempDir, SessionError> {
    let write = |path: &Path, source| SessionError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = tempfile::Builder::new()
        .prefix("lucid-session-program-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in("/var/tmp")
        .map_err(|source| write(Path::new("/var/tmp"), source))?;
    let path = program(folder.path());
    fs::copy("/proc/self/exe", &path).map_err(|source| write(&path, source))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        .map_err(|source| write(&path, source))?;
    Ok(folder)
}

fn program(folder: &Path) -> PathBuf {
    folder.join("lucid-session")
}
