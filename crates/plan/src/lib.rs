//! The plan language: a small, typed, line-based program over functions.
//!
//! This crate does no I/O. It owns the syntax tree, the parser, the printer,
//! the type check, the generation of the decoding grammar, and the words that
//! every other crate shares about functions: signatures, types, values,
//! effects and labels. `docs/plan-language.md` is the authority on the syntax.

mod ast;
mod label;
mod signature;
mod types;
mod value;

pub use ast::{
    Argument, Call, Expression, Head, Literal, Param, Plan, Reference, Span, Statement, Step, Unit,
};
pub use label::{Confidentiality, Integrity, Label};
pub use signature::{ArgumentSpec, Effect, FunctionName, InvalidName, Role, Signature, Signatures};
pub use types::{Field, Output, PathKind, Type, UnknownType};
pub use value::Value;
