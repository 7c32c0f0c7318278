//! Hands and eyes: keys typed into a session, pictures taken of it.

use std::path::Path;
use std::process::Stdio;

use crate::{Session, SessionError, command};

impl Session {
    /// Takes a picture of the whole screen into the PNG file `path`.
    ///
    /// # Errors
    ///
    /// [`SessionError::Spawn`] without grim, [`SessionError::Ended`] when it fails.
    pub fn screenshot(&self, path: &Path) -> Result<(), SessionError> {
        self.run_tool("grim", &[&path.to_string_lossy()])
    }

    /// Types `text` with real key events, 30 ms a key.
    ///
    /// # Errors
    ///
    /// [`SessionError::Spawn`] without wtype, [`SessionError::Ended`] when it fails.
    pub fn type_text(&self, text: &str) -> Result<(), SessionError> {
        // Without the pause at the start the first character is sometimes lost:
        // the compositor has not told the client its new keymap yet.
        self.run_tool("wtype", &["-s", "200", "-d", "30", "--", text])
    }

    /// Presses and releases a key by its XKB name, such as `Return`.
    ///
    /// # Errors
    ///
    /// [`SessionError::Spawn`] without wtype, [`SessionError::Ended`] when it fails.
    pub fn press(&self, key: &str) -> Result<(), SessionError> {
        self.run_tool("wtype", &["-s", "50", "-k", key])
    }

    fn run_tool(&self, program: &str, arguments: &[&str]) -> Result<(), SessionError> {
        let output = command(program, self.environment())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| SessionError::Spawn {
                program: program.to_owned(),
                source,
            })?;
        if output.status.success() {
            return Ok(());
        }
        Err(SessionError::Ended {
            program: program.to_owned(),
            status: output.status.to_string(),
            log: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
