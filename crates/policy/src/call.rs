//! A call with every argument resolved.

use plan::{Effect, FunctionName, Label, Role, Value};
use serde::{Deserialize, Serialize};

/// A call as it would be executed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedCall {
    /// The function.
    pub function: FunctionName,
    /// Its effect.
    pub effect: Effect,
    /// Every argument that has a value, defaults included, in the signature's order.
    pub arguments: Vec<ResolvedArgument>,
}

/// An argument with its value and its label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedArgument {
    /// The keyword.
    pub name: String,
    /// The value.
    pub value: Value,
    /// What it decides.
    pub role: Role,
    /// Who vouches for it and who may see it.
    pub label: Label,
}

impl ResolvedCall {
    /// Returns the value of argument `name`.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments
            .iter()
            .find(|argument| argument.name == name)
            .map(|argument| &argument.value)
    }

    /// Returns argument `name` as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.argument(name)?.as_text()
    }

    /// Returns argument `name` as a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.argument(name)?.as_number()
    }
}
