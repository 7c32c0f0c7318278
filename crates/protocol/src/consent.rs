//! The private socket on which consents are asked and answered.
//!
//! `$XDG_RUNTIME_DIR/lucid/consent.sock`, mode 0600 in a folder of mode 0700.
//! Lines of JSON: the client says [`Hello`], the kernel sends a
//! [`ConsentMessage`] each time something is asked or withdrawn, the client
//! sends [`ConsentAnswer`]s. The kernel checks the peer's user and that the
//! peer runs the executable of the shell or of the command line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::TurnId;

/// The first line of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Which consents it answers.
    pub role: Role,
}

/// Which consents a client answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// All of the turns that were not begun on a terminal.
    Shell,
    /// Those of the turns begun with this secret, from [`AskOptions::terminal`](crate::AskOptions::terminal).
    Terminal(String),
}

/// What the kernel tells a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ConsentMessage {
    /// Something is asked.
    Ask {
        /// The question.
        request: ConsentRequest,
    },
    /// It needs no answer any more: answered elsewhere, stopped or timed out.
    Withdraw {
        /// Which question.
        consent: String,
    },
}

/// A question before an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentRequest {
    /// Unguessable id, good for one answer.
    pub consent: String,
    /// The turn.
    pub turn: TurnId,
    /// The function.
    pub function: String,
    /// One sentence that says exactly what would be done, built by the kernel from literal arguments.
    pub sentence: String,
    /// Why it is asked.
    pub reason: String,
    /// Every resolved argument, escaped for display.
    pub arguments: Vec<ConsentArgument>,
    /// For a bulk action, every target, untruncated; else empty.
    pub targets: Vec<String>,
    /// Hex digest over function and arguments; what is run must have the same.
    pub digest: String,
    /// Whether it could be undone afterwards.
    pub undoable: bool,
}

/// An argument in a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentArgument {
    /// The keyword.
    pub name: String,
    /// The exact value, escaped for display.
    pub value: String,
    /// Whether it came from the person's own words.
    pub from_words: bool,
}

/// The person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentAnswer {
    /// Which question.
    pub consent: String,
    /// The digest that was shown.
    pub digest: String,
    /// Whether to do it.
    pub granted: bool,
}

/// Where the socket is: beneath `$XDG_RUNTIME_DIR`, which must be set.
pub fn socket_path() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty())?;
    Some(PathBuf::from(runtime).join("lucid/consent.sock"))
}
