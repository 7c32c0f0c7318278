//! What can be wrong with a plan.

use crate::{Span, Type};

/// Why a plan cannot run, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckError {
    /// Where.
    pub span: Span,
    /// Why.
    pub problem: CheckProblem,
}

/// What is wrong with a plan; its sentences live in `messages.rs`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the fields are the blanks of one sentence each"
)]
pub enum CheckProblem {
    /// No function has this name.
    UnknownFunction {
        name: String,
        suggestion: Option<String>,
    },
    /// The language has no such word.
    UnknownWord {
        name: String,
        suggestion: Option<String>,
    },
    /// Nothing above is bound to this name.
    UnknownName {
        name: String,
        suggestion: Option<String>,
    },
    /// The callee has no such argument.
    UnknownArgument {
        callee: String,
        name: String,
        suggestion: Option<String>,
    },
    /// An argument is given twice.
    RepeatedArgument { callee: String, name: String },
    /// More positional arguments than there are.
    TooManyArguments { callee: String, limit: usize },
    /// A required argument is left out.
    MissingArgument {
        callee: String,
        name: String,
        ty: String,
    },
    /// A value of another type.
    WrongType {
        callee: String,
        argument: String,
        wanted: Box<Wanted>,
        written: String,
        found: Option<Box<Type>>,
    },
    /// A number outside its range.
    OutOfRange {
        callee: String,
        argument: String,
        wanted: Box<Wanted>,
        written: String,
    },
    /// None of the choices.
    UnknownChoice {
        argument: String,
        written: String,
        choices: Box<[String]>,
        suggestion: Option<String>,
    },
    /// No live name.
    UnknownLive {
        argument: String,
        written: String,
        suggestion: Option<String>,
    },
    /// Too many characters.
    TooLong { argument: String, max: usize },
    /// A pattern where a change needs an exact path.
    Wildcard { callee: String, argument: String },
    /// The rows or the record have no such field.
    UnknownField {
        field: String,
        of: String,
        fields: Box<[String]>,
        suggestion: Option<String>,
    },
    /// Rows are wanted.
    NotRows { callee: String, written: String },
    /// A list where one value is wanted.
    ListForOne { callee: String, written: String },
    /// A record that no field identifies.
    NoKey {
        callee: String,
        argument: String,
        written: String,
        fields: Box<[String]>,
    },
    /// An index into something that is no list.
    NotIndexable { written: String },
    /// A call inside a call.
    NestedCall { written: String },
    /// A function that cannot take this row or value by itself.
    NotAnAction { function: String },
    /// A function that needs further arguments as an action.
    ActionNeedsMore { function: String, argument: String },
    /// A call without a result is bound to a name.
    NothingToBind { callee: String, name: String },
    /// A comparison that the field's type does not have.
    NoSuchComparison { op: String, field: String },
    /// A handle of a call without a result is used.
    NoResult { written: String },
}

/// What an argument wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A value of a type.
    Type(Type),
    /// Something else, by the documentation's short name for it.
    Form(String),
}
