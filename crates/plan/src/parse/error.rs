//! What can be wrong with a text.

use crate::Span;

/// Why a text is not a plan, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// Why.
    pub problem: ParseProblem,
}

/// What is wrong with a text; its sentences live in `messages.rs`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ParseProblem {
    /// There is no statement at all.
    Empty,
    /// A character that the language does not use.
    UnexpectedCharacter {
        /// The character.
        found: char,
    },
    /// A text without its closing quote.
    UnclosedText,
    /// A control character inside a text.
    ControlInText,
    /// A backslash before something that needs none.
    UnknownEscape {
        /// What follows it.
        found: char,
    },
    /// Digits that are no number.
    BadNumber {
        /// The digits.
        text: String,
    },
    /// Letters behind a number that are no unit.
    UnknownUnit {
        /// The letters.
        text: String,
        /// The unit that was probably meant.
        suggestion: Option<String>,
    },
    /// Something else should stand here.
    Expected {
        /// What should stand here.
        expected: Expected,
        /// What stands here; [`None`] at the end of the line.
        found: Option<String>,
    },
    /// A name that breaks the rule for names.
    BadName {
        /// The name.
        text: String,
    },
    /// A dotted name that breaks the rule for functions.
    BadFunction {
        /// The name.
        text: String,
    },
    /// A positional argument behind a keyword.
    PositionalAfterKeyword,
    /// Not the name of a type.
    BadType {
        /// What was read.
        text: String,
    },
    /// A `param` line in a plan that is not a saved one.
    ParamInPlan,
    /// A `param` line behind a statement.
    LateParam,
    /// Two `param` lines of one name.
    RepeatedParam {
        /// The name.
        name: String,
    },
    /// A limit of the language was passed.
    TooMany {
        /// Of what.
        what: Limited,
        /// The limit.
        limit: usize,
    },
}

/// What the parser looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A call, as every line is one.
    Call,
    /// The end of the line.
    EndOfLine,
    /// A value.
    Value,
    /// `,` or `)`.
    CommaOrParenthesis,
    /// `,` or `]`.
    CommaOrBracket,
    /// A whole number from 0, as an index.
    Index,
    /// `]`.
    ClosingBracket,
    /// The name of a field.
    Field,
    /// `name: type` of a `param` line.
    ParamType,
    /// A literal, as the default of a `param` line.
    Literal,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Characters of a line.
    LineLength,
    /// Bytes of the whole text.
    TextLength,
    /// Statements.
    Statements,
    /// `param` lines.
    Params,
    /// Arguments of a call or items of a list.
    Items,
    /// Levels of lists and calls.
    Depth,
    /// Steps behind a name.
    Steps,
}
