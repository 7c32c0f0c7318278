//! Journal entries.

use std::path::PathBuf;

use plan::{FunctionName, Value};
use policy::{PermittedCall, ResolvedCall};
use serde::{Deserialize, Serialize};

/// Numbers journal entries; grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

/// What a function is about to do, read from the world before it acts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Intent {
    /// What holds now and will not hold once the act is done; lets a crash be settled.
    pub before: Vec<Check>,
    /// What will hold once the act is done.
    pub after: Vec<Check>,
    /// How to take the act back, as far as it is known before acting.
    pub undo: Option<Undo>,
    /// What the act touches, found in the world, as a person reads it: a whole path, an app's name, a
    /// process. A consent shows it, and holds for nothing else. Empty where the arguments say it all.
    #[serde(default)]
    pub touches: String,
    /// Facts that the run needs and that must not be found out twice (a chosen target name, say).
    pub facts: Value,
}

impl Intent {
    /// Returns a fact that is a text; an empty one where there is none.
    pub fn text(&self, name: &str) -> &str {
        let fact = self.facts.field(name).and_then(Value::as_text);
        fact.unwrap_or_default()
    }
}

/// A call that takes an act back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The inverse function.
    pub function: FunctionName,
    /// Its arguments by keyword.
    pub arguments: Vec<(String, Value)>,
    /// What must still hold, else the undo is refused with a reason.
    pub expect: Vec<Check>,
}

/// Something about the world that can be read again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// Something is at `path`, with this fingerprint where one is given.
    Exists {
        /// Absolute path.
        #[serde(with = "crate::path_text")]
        path: PathBuf,
        /// Size, modification time in nanoseconds and inode, as `functions` writes them.
        fingerprint: Option<String>,
    },
    /// Nothing is at `path`.
    Absent {
        /// Absolute path.
        #[serde(with = "crate::path_text")]
        path: PathBuf,
    },
    /// A read function gives `value` in `field` (the whole value when `field` is empty).
    Reads {
        /// The read function.
        function: FunctionName,
        /// Its arguments by keyword.
        arguments: Vec<(String, Value)>,
        /// The field.
        field: String,
        /// The value; numbers count as equal within 0.5 %.
        value: Value,
    },
}

/// A permitted call whose intent is durable.
#[derive(Debug)]
pub struct OpenEntry {
    pub(crate) id: EntryId,
    pub(crate) permitted: PermittedCall,
    pub(crate) intent: Intent,
}

impl OpenEntry {
    /// Returns the entry's number.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// Returns the call.
    pub fn call(&self) -> &ResolvedCall {
        self.permitted.call()
    }

    /// Returns the intent.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }
}

/// What a function did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// What it gives back.
    pub value: Value,
    /// How to take it back, now that it is done; replaces the intent's.
    pub undo: Option<Undo>,
    /// A short sentence in the person's language, such as “Moved 3 files to the trash.”; may be empty.
    pub note: String,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// The intent is durable, the outcome is not.
    Open,
    /// Done.
    Done,
    /// Failed without an effect.
    Failed,
    /// Lucid died between, and the world does not tell.
    Unknown,
    /// Done, and taken back later.
    Undone,
}
