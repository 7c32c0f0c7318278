//! Failures of functions, as a person reads them.

use protocol::{
    Problem,
    text::{Language, problem},
};

/// What a caller does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A service or program is absent; the remedy says how to get it.
    Unavailable,
    /// The target is not there.
    NotFound,
    /// An argument cannot be used.
    Invalid,
    /// The world changed, or something is in the way.
    Conflict,
    /// The disk is full.
    Full,
    /// Anything else.
    Failed,
}

/// A failure of a function; nothing was changed unless the sentence says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problem.sentence)]
pub struct FunctionError {
    /// What a caller does about it.
    pub kind: ErrorKind,
    /// What a person reads.
    pub problem: Problem,
}

impl FunctionError {
    /// Makes an error from message `id` of the catalogue.
    pub fn new(kind: ErrorKind, language: Language, id: &str, values: &[(&str, &str)]) -> Self {
        FunctionError {
            kind,
            problem: problem(language, id, values),
        }
    }

    /// Makes the error of an argument whose value cannot be used.
    pub(crate) fn unusable(argument: &str, language: Language) -> Self {
        let values = [("argument", argument)];
        FunctionError::new(ErrorKind::Invalid, language, "argument-unusable", &values)
    }
}
