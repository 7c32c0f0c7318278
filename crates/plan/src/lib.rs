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

mod language;
mod lexer;
mod limits;
mod names;
mod parse;
mod print;
mod suggest;
mod words;

mod check;
mod checked;
mod conform;
mod data;
mod describe;
mod display;
mod grammar;
mod live;
mod messages;
mod operand;
mod time;

pub use ast::{
    Argument, Call, Expression, Head, Literal, Param, Plan, Reference, Span, Statement, Step, Unit,
};
pub use label::{Confidentiality, Integrity, Label};
pub use signature::{ArgumentSpec, Effect, FunctionName, InvalidName, Role, Signature, Signatures};
pub use types::{Field, Output, PathKind, Type, UnknownType};
pub use value::Value;

pub use language::Language;
pub use limits::{
    MAX_DEPTH, MAX_ITEMS, MAX_LINE, MAX_NAME, MAX_PARAMS, MAX_SAVED_STATEMENTS, MAX_STATEMENTS,
    MAX_STEPS, MAX_TEXT,
};
pub use parse::{
    Expected, Limited, ParseError, ParseProblem, is_bindable, parse, parse_saved, parse_statement,
};
pub use print::print;
pub use words::{MAX_LABEL, MAX_WORDS, Takes, WORDS, Word, WordArgument, WordKind, word};

pub use check::{CheckError, CheckProblem, Checker, Wanted, check};
pub use checked::{
    CheckedParam, CheckedPart, CheckedPlan, CheckedStatement, PartKind, StatementKind,
};
pub use conform::{Mismatch, assignable, check_value};
pub use data::evaluate_data;
pub use describe::{describe, describe_form, describe_with_hints, explain, explain_statement};
pub use display::{escape_for_display, is_invisible, show_value};
pub use grammar::{GrammarOptions, Said, grammar};
pub use live::LiveNames;
pub use messages::describe_type;
pub use operand::{
    CheckedAction, CheckedCall, Comparison, DataKind, DataOperation, Operand, ResolveError, Scope,
};
pub use time::{Moment, TimeText, Toward};
