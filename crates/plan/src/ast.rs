//! The syntax tree.

use crate::{FunctionName, Type};

/// Where something stands in the text of a plan: line from 1, column from 1 in characters.
///
/// Positions are not part of a plan's meaning: all spans compare equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// Line, from 1.
    pub line: usize,
    /// First column, from 1, in characters.
    pub column: usize,
    /// Length in characters.
    pub length: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

/// A whole plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Parameters of a saved plan.
    pub params: Vec<Param>,
    /// The statements in order.
    pub statements: Vec<Statement>,
}

/// A typed parameter of a saved plan: `param folder: folder = "~/Downloads"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value when none is given.
    pub default: Option<Literal>,
    /// Where it stands.
    pub span: Span,
}

/// One line: a call, whose result may be bound to a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The name that the result is bound to.
    pub name: Option<String>,
    /// What is called: a function, or a part, a data operation, `each`, `say`, `ask`.
    pub call: Call,
    /// Where it stands.
    pub span: Span,
}

/// A head with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub head: Head,
    /// The arguments as written, positional ones first.
    pub arguments: Vec<Argument>,
    /// Where it stands.
    pub span: Span,
}

/// What a call calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Head {
    /// A registered function, with a dot in its name.
    Function(FunctionName),
    /// A word of the language itself without a dot: a part (`table`), a data
    /// operation (`filter`), `each`, `say` or `ask`.
    Word(String),
}

/// An argument as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The keyword, if it was given.
    pub name: Option<String>,
    /// The value.
    pub value: Expression,
    /// Where it stands.
    pub span: Span,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A constant.
    Literal(Literal),
    /// A list.
    List(Vec<Expression>),
    /// A bound name, with fields and indices: `p[0].name`.
    Reference(Reference),
    /// A function named as a row's action: `files.trash`.
    Function(FunctionName),
    /// A call as a button's action: `audio.mute()`.
    Call(Box<Call>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"text"`.
    Text(String),
    /// `12`, `0.5`, `100MB`, `30%`, `10min`.
    Number {
        /// The number as written, before its unit.
        value: f64,
        /// Its unit.
        unit: Option<Unit>,
    },
    /// `true`, `false`.
    Bool(bool),
    /// `none`.
    None,
}

/// A unit behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `%`
    Percent,
    /// `B`, 1 byte.
    Byte,
    /// `KB`, 10³ bytes.
    Kilobyte,
    /// `MB`, 10⁶ bytes.
    Megabyte,
    /// `GB`, 10⁹ bytes.
    Gigabyte,
    /// `TB`, 10¹² bytes.
    Terabyte,
    /// `s`, seconds.
    Second,
    /// `min`, minutes.
    Minute,
    /// `h`, hours.
    Hour,
    /// `d`, days.
    Day,
}

/// A bound name and the way into its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The bound name.
    pub name: String,
    /// Fields and indices, outermost first.
    pub steps: Vec<Step>,
    /// Where it stands.
    pub span: Span,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.name`
    Field(String),
    /// `[2]`, from 0.
    Index(usize),
}
