//! What can go wrong while a session starts.

use std::path::PathBuf;
use std::time::Duration;

/// A session could not be started or used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A program is not installed or cannot be run.
    #[error(
        "could not run `{program}`; is it installed? (scripts/packages.txt names Debian's package)"
    )]
    Spawn {
        /// What was to be run.
        program: String,
        /// Why it was not.
        source: std::io::Error,
    },
    /// A program ended although the session needs it.
    #[error("`{program}` ended with {status}; it wrote:\n{log}")]
    Ended {
        /// Which program.
        program: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote.
        log: String,
    },
    /// A program did not become ready.
    #[error("`{program}` was not ready after {waited:?}; it wrote:\n{log}")]
    NotReady {
        /// Which program.
        program: String,
        /// How long it was given.
        waited: Duration,
        /// The end of what it wrote.
        log: String,
    },
    /// A file or folder of the session could not be made.
    #[error("could not write {path}")]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A variable that a login always sets is missing.
    #[error("{name} is not set; start lucid-session from a login manager or a console login")]
    NoVariable {
        /// Its name.
        name: &'static str,
    },
    /// The compositor does not run as root.
    #[error("a session cannot run as root; name an ordinary user with --user")]
    Root,
    /// The ordinary user could not be made.
    #[error("could not create the user {name}: {reason}")]
    User {
        /// The user's name.
        name: String,
        /// What useradd said.
        reason: String,
    },
    /// A size is not `1280x800`.
    #[error("`{text}` is not a size; write it as 1280x800")]
    Size {
        /// What was read.
        text: String,
    },
}
