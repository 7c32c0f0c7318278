//! What a plan may call: names, arguments, effects.

use serde::{Deserialize, Serialize};

use crate::{Argument, Call, Output, Type, Value};

/// A function's name, `domain.verb`: lower-case ASCII words, digits and `_`, with one or more dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionName(String);

/// A text is not a function's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a function name; write `domain.verb` in lower case, such as `audio.set_volume`"
)]
pub struct InvalidName {
    /// What was read.
    pub text: String,
}

impl FunctionName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] unless `text` is two or more dotted words of `[a-z][a-z0-9_]*`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        if text.contains('.') && text.len() <= 64 && text.split('.').all(word) {
            Ok(FunctionName(text))
        } else {
            Err(InvalidName { text })
        }
    }

    /// Returns the whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the first dot.
    pub fn domain(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl TryFrom<String> for FunctionName {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        FunctionName::new(text)
    }
}

impl From<FunctionName> for String {
    fn from(name: FunctionName) -> String {
        name.0
    }
}

impl std::fmt::Display for FunctionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a call does to the world. Ordered: later is more careful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// No lasting change and nothing leaves: opening, focusing, next track, a notification.
    Transient,
    /// A lasting change with a known inverse.
    Reversible,
    /// A lasting change that cannot be undone.
    Irreversible,
    /// Something leaves the machine.
    Egress,
}

impl Effect {
    /// Returns its word in manifests and on every wire.
    pub fn word(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Transient => "transient",
            Effect::Reversible => "reversible",
            Effect::Irreversible => "irreversible",
            Effect::Egress => "egress",
        }
    }
}

/// What an argument decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides what is touched.
    Critical,
    /// Is only carried along.
    Payload,
}

/// One argument of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArgumentSpec {
    /// The keyword in plans.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it decides; critical unless said otherwise.
    #[serde(default = "critical")]
    pub role: Role,
    /// Whether a call must give it.
    #[serde(default)]
    pub required: bool,
    /// The value when it is left out; [`None`] when leaving it out has a meaning of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// A few words for the prompt, such as `"megabytes"`; empty when the name says all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Whether its time lies ahead though it is only looked up, as a day of a calendar does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

fn critical() -> Role {
    Role::Critical
}

/// What the planner, the checker and the policy know about a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The name.
    pub name: FunctionName,
    /// One line in English, pinned when the manifest was installed.
    pub summary: String,
    /// The arguments in positional order.
    #[serde(default)]
    pub arguments: Vec<ArgumentSpec>,
    /// What it gives back.
    #[serde(default)]
    pub output: Output,
    /// What it does to the world.
    pub effect: Effect,
}

impl Signature {
    /// Returns the argument called `name`.
    pub fn argument(&self, name: &str) -> Option<&ArgumentSpec> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// Returns what an argument of a call gives, by its keyword or by its place.
    pub fn argument_at(&self, index: usize, argument: &Argument) -> Option<&ArgumentSpec> {
        match &argument.name {
            Some(name) => self.argument(name),
            None => self.arguments.get(index),
        }
    }

    /// Returns the argument of a call that gives `name`, with its place.
    pub fn given<'c>(&self, call: &'c Call, name: &str) -> Option<(usize, &'c Argument)> {
        let mut arguments = call.arguments.iter().enumerate();
        arguments.find(|(index, argument)| {
            let spec = self.argument_at(*index, argument);
            spec.is_some_and(|spec| spec.name == name)
        })
    }

    /// Returns the argument that a row, or a lone value, fills: the first critical one, else the first.
    pub fn subject(&self) -> Option<&ArgumentSpec> {
        self.arguments
            .iter()
            .find(|argument| argument.role == Role::Critical)
            .or(self.arguments.first())
    }
}

/// A set of signatures, as the checker and the grammar need it.
pub trait Signatures {
    /// Returns the signature of `name`.
    fn signature(&self, name: &FunctionName) -> Option<&Signature>;

    /// Returns every signature, in a stable order.
    fn signatures(&self) -> Box<dyn Iterator<Item = &Signature> + '_>;
}

impl Signatures for Vec<Signature> {
    fn signature(&self, name: &FunctionName) -> Option<&Signature> {
        self.iter().find(|signature| signature.name == *name)
    }

    fn signatures(&self) -> Box<dyn Iterator<Item = &Signature> + '_> {
        Box::new(self.iter())
    }
}
