//! The parser: text → syntax tree.

use crate::lexer::{Token, TokenKind, tokens};
use crate::limits::{
    MAX_DEPTH, MAX_ITEMS, MAX_LINE, MAX_NAME, MAX_PARAMS, MAX_SAVED_STATEMENTS, MAX_STATEMENTS,
    MAX_STEPS, MAX_TEXT,
};
use crate::names::resolve_names;
use crate::{
    Argument, Call, Expression, FunctionName, Head, Literal, Param, Plan, Reference, Span,
    Statement, Step, Type,
};

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

/// Parses a plan of at most [`MAX_STATEMENTS`] statements.
///
/// # Errors
///
/// One error for each line that has one, in order.
pub fn parse(text: &str) -> Result<Plan, Vec<ParseError>> {
    parse_program(text, Form::Planned)
}

/// Parses a saved plan: `param` lines first, then at most [`MAX_SAVED_STATEMENTS`] statements.
///
/// # Errors
///
/// One error for each line that has one, in order.
pub fn parse_saved(text: &str) -> Result<Plan, Vec<ParseError>> {
    parse_program(text, Form::Saved)
}

/// Parses one line of a plan that is still being written; `line` counts from 1.
///
/// Returns [`None`] for a blank line or a comment. Whether `files.trash` in an
/// argument is a function or the field of a bound name cannot be told from one
/// line: it is read as a function, and the check, which knows the names, treats
/// both readings alike.
///
/// # Errors
///
/// The first error of the line.
pub fn parse_statement(text: &str, line: usize) -> Result<Option<Statement>, ParseError> {
    match Line::new(text, line)? {
        None => Ok(None),
        Some(mut line) => line.statement().map(Some),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Planned,
    Saved,
}

fn parse_program(text: &str, form: Form) -> Result<Plan, Vec<ParseError>> {
    if text.len() > MAX_TEXT {
        return Err(vec![too_many(
            Limited::TextLength,
            MAX_TEXT,
            Span::default(),
        )]);
    }
    let mut plan = Plan::default();
    let mut errors = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if let Err(error) = parse_line(line, index + 1, form, &mut plan) {
            let last = matches!(error.problem, ParseProblem::TooMany { .. });
            errors.push(error);
            if last {
                break;
            }
        }
    }
    if errors.is_empty() && plan.statements.is_empty() {
        errors.push(ParseError {
            span: Span {
                line: 1,
                column: 1,
                length: 1,
            },
            problem: ParseProblem::Empty,
        });
    }
    if errors.is_empty() {
        resolve_names(&mut plan);
        Ok(plan)
    } else {
        Err(errors)
    }
}

fn parse_line(text: &str, number: usize, form: Form, plan: &mut Plan) -> Result<(), ParseError> {
    if is_param_line(text) {
        return add_param(param(text, number)?, form, plan);
    }
    let Some(mut line) = Line::new(text, number)? else {
        return Ok(());
    };
    let limit = match form {
        Form::Planned => MAX_STATEMENTS,
        Form::Saved => MAX_SAVED_STATEMENTS,
    };
    let statement = line.statement()?;
    if plan.statements.len() == limit {
        return Err(too_many(Limited::Statements, limit, statement.span));
    }
    plan.statements.push(statement);
    Ok(())
}

fn add_param(param: Param, form: Form, plan: &mut Plan) -> Result<(), ParseError> {
    let span = param.span;
    let problem = if form == Form::Planned {
        ParseProblem::ParamInPlan
    } else if !plan.statements.is_empty() {
        ParseProblem::LateParam
    } else if plan.params.iter().any(|earlier| earlier.name == param.name) {
        ParseProblem::RepeatedParam { name: param.name }
    } else if plan.params.len() == MAX_PARAMS {
        return Err(too_many(Limited::Params, MAX_PARAMS, span));
    } else {
        plan.params.push(param);
        return Ok(());
    };
    Err(ParseError { span, problem })
}

fn too_many(what: Limited, limit: usize, span: Span) -> ParseError {
    ParseError {
        span,
        problem: ParseProblem::TooMany { what, limit },
    }
}

/// Tells whether `name` may be bound: lower case, not too long, not a constant's name.
pub fn is_bindable(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !matches!(name, "true" | "false" | "none" | "param")
}

/// One line, token by token.
struct Line {
    tokens: Vec<Token>,
    at: usize,
    /// Where the line ends.
    end: Span,
}

impl Line {
    fn new(text: &str, number: usize) -> Result<Option<Line>, ParseError> {
        let length = text.chars().count();
        let end = Span {
            line: number,
            column: length + 1,
            length: 1,
        };
        if length > MAX_LINE {
            return Err(too_many(Limited::LineLength, MAX_LINE, end));
        }
        let tokens = tokens(text, number)?;
        Ok((!tokens.is_empty()).then_some(Line { tokens, at: 0, end }))
    }

    fn kind(&self, ahead: usize) -> Option<&TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    fn is_mark(&self, ahead: usize, mark: char) -> bool {
        self.kind(ahead) == Some(&TokenKind::Mark(mark))
    }

    fn accept(&mut self, mark: char) -> bool {
        let found = self.is_mark(0, mark);
        self.at += usize::from(found);
        found
    }

    fn word(&self) -> Option<&str> {
        match self.kind(0) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn here(&self) -> Span {
        self.tokens
            .get(self.at)
            .map_or(self.end, |token| token.span)
    }

    /// Returns the span from `start` to the last token taken.
    fn since(&self, start: Span) -> Span {
        let last = self
            .at
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.span);
        Span {
            length: (last.column + last.length)
                .saturating_sub(start.column)
                .max(1),
            ..start
        }
    }

    fn expected<T>(&self, expected: Expected) -> Result<T, ParseError> {
        let found = self.kind(0).map(TokenKind::shown);
        Err(ParseError {
            span: self.here(),
            problem: ParseProblem::Expected { expected, found },
        })
    }

    fn end_of_line(&self) -> Result<(), ParseError> {
        if self.at == self.tokens.len() {
            Ok(())
        } else {
            self.expected(Expected::EndOfLine)
        }
    }

    fn statement(&mut self) -> Result<Statement, ParseError> {
        let start = self.here();
        let name = if self.is_mark(1, '=') {
            let name = self.bound_name()?;
            self.at += 1;
            Some(name)
        } else {
            None
        };
        if self.word().is_none() {
            return self.expected(Expected::Call);
        }
        let (path, path_span) = self.dotted()?;
        if !self.is_mark(0, '(') {
            return self.expected(Expected::Call);
        }
        let call = self.call(path, path_span, 0)?;
        self.end_of_line()?;
        Ok(Statement {
            name,
            call,
            span: self.since(start),
        })
    }

    fn bound_name(&mut self) -> Result<String, ParseError> {
        let span = self.here();
        match self.word().map(str::to_owned) {
            Some(name) if is_bindable(&name) => {
                self.at += 1;
                Ok(name)
            }
            Some(text) => Err(ParseError {
                span,
                problem: ParseProblem::BadName { text },
            }),
            None => self.expected(Expected::Call),
        }
    }

    /// Reads `word` or `word.word…`.
    fn dotted(&mut self) -> Result<(Vec<String>, Span), ParseError> {
        let start = self.here();
        let mut path = Vec::new();
        loop {
            match self.word() {
                Some(word) => path.push(word.to_owned()),
                None => return self.expected(Expected::Field),
            }
            self.at += 1;
            if path.len() > MAX_STEPS {
                return Err(too_many(Limited::Steps, MAX_STEPS, self.since(start)));
            }
            if !self.accept('.') {
                return Ok((path, self.since(start)));
            }
        }
    }

    /// Reads the arguments behind a head.
    fn call(
        &mut self,
        path: Vec<String>,
        head_span: Span,
        depth: usize,
    ) -> Result<Call, ParseError> {
        let head = head(path, head_span)?;
        if depth >= MAX_DEPTH {
            return Err(too_many(Limited::Depth, MAX_DEPTH, head_span));
        }
        self.at += 1;
        let mut arguments: Vec<Argument> = Vec::new();
        while !self.accept(')') {
            if !arguments.is_empty() && !self.accept(',') {
                return self.expected(Expected::CommaOrParenthesis);
            }
            if self.accept(')') {
                break;
            }
            if arguments.len() == MAX_ITEMS {
                return Err(too_many(Limited::Items, MAX_ITEMS, self.here()));
            }
            let argument = self.argument(depth)?;
            let late = argument.name.is_none()
                && arguments
                    .last()
                    .is_some_and(|earlier| earlier.name.is_some());
            if late {
                return Err(ParseError {
                    span: argument.span,
                    problem: ParseProblem::PositionalAfterKeyword,
                });
            }
            arguments.push(argument);
        }
        Ok(Call {
            head,
            arguments,
            span: self.since(head_span),
        })
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, ParseError> {
        let start = self.here();
        let mut name = None;
        if self.is_mark(1, '=') {
            match self.word().map(str::to_owned) {
                Some(word) => name = Some(word),
                None => return self.expected(Expected::Value),
            }
            self.at += 2;
        }
        let value = self.expression(depth)?;
        Ok(Argument {
            name,
            value,
            span: self.since(start),
        })
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, ParseError> {
        if self.is_mark(0, '[') {
            return self.list(depth + 1);
        }
        if let Some(literal) = self.literal() {
            return Ok(Expression::Literal(literal));
        }
        if self.word().is_none() {
            return self.expected(Expected::Value);
        }
        self.named(depth)
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.kind(0)? {
            TokenKind::Text(text) => Literal::Text(text.clone()),
            TokenKind::Number { value, unit } => Literal::Number {
                value: *value,
                unit: *unit,
            },
            TokenKind::Word(word) => match word.as_str() {
                "true" | "True" => Literal::Bool(true),
                "false" | "False" => Literal::Bool(false),
                "none" | "None" => Literal::None,
                _ => return None,
            },
            TokenKind::Mark(_) => return None,
        };
        self.at += 1;
        Some(literal)
    }

    fn list(&mut self, depth: usize) -> Result<Expression, ParseError> {
        if depth > MAX_DEPTH {
            return Err(too_many(Limited::Depth, MAX_DEPTH, self.here()));
        }
        self.at += 1;
        let mut items = Vec::new();
        while !self.accept(']') {
            if !items.is_empty() && !self.accept(',') {
                return self.expected(Expected::CommaOrBracket);
            }
            if self.accept(']') {
                break;
            }
            if items.len() == MAX_ITEMS {
                return Err(too_many(Limited::Items, MAX_ITEMS, self.here()));
            }
            items.push(self.expression(depth)?);
        }
        Ok(Expression::List(items))
    }

    /// Reads what starts with a word: a reference, a function, a call.
    fn named(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let (path, span) = self.dotted()?;
        if self.is_mark(0, '(') {
            let call = self.call(path, span, depth + 1)?;
            return Ok(Expression::Call(Box::new(call)));
        }
        if path.len() > 1
            && !self.is_mark(0, '[')
            && let Ok(function) = FunctionName::new(path.join("."))
        {
            return Ok(Expression::Function(function));
        }
        self.reference(path, span)
    }

    fn reference(&mut self, path: Vec<String>, start: Span) -> Result<Expression, ParseError> {
        let mut path = path.into_iter();
        let name = path.next().unwrap_or_default();
        if !is_bindable(&name) {
            return Err(ParseError {
                span: start,
                problem: ParseProblem::BadName { text: name },
            });
        }
        let mut steps: Vec<Step> = path.map(Step::Field).collect();
        loop {
            if self.accept('[') {
                steps.push(Step::Index(self.index()?));
            } else if self.accept('.') {
                let (fields, _) = self.dotted()?;
                steps.extend(fields.into_iter().map(Step::Field));
            } else {
                break;
            }
            if steps.len() > MAX_STEPS {
                return Err(too_many(Limited::Steps, MAX_STEPS, self.since(start)));
            }
        }
        Ok(Expression::Reference(Reference {
            name,
            steps,
            span: self.since(start),
        }))
    }

    /// Reads `param name: = literal`, of which the type was cut out.
    fn param(&mut self, ty: Result<Type, ParseError>) -> Result<Param, ParseError> {
        let start = self.here();
        self.at += 1;
        let name = self.bound_name()?;
        if !self.accept(':') {
            return self.expected(Expected::ParamType);
        }
        let ty = ty?;
        let default = if self.accept('=') {
            match self.literal() {
                Some(literal) => Some(literal),
                None => return self.expected(Expected::Literal),
            }
        } else {
            None
        };
        self.end_of_line()?;
        Ok(Param {
            name,
            ty,
            default,
            span: self.since(start),
        })
    }

    /// Reads `2]`.
    fn index(&mut self) -> Result<usize, ParseError> {
        let index = match self.kind(0) {
            Some(TokenKind::Number { value, unit: None })
                if value.fract() == 0.0 && (0.0..=9999.0).contains(value) =>
            {
                *value as usize
            }
            _ => return self.expected(Expected::Index),
        };
        self.at += 1;
        if self.accept(']') {
            Ok(index)
        } else {
            self.expected(Expected::ClosingBracket)
        }
    }
}

fn is_param_line(text: &str) -> bool {
    text.trim_start().strip_prefix("param").is_some_and(|rest| {
        rest.starts_with([' ', '\t']) && rest.trim_start().starts_with(char::is_alphabetic)
    })
}

/// Reads `param name: type = literal`.
///
/// A type's own marks, such as the `|` of a choice, are no tokens of the
/// language. So the type is cut out first, and blanked before the rest is read,
/// which keeps the columns right.
fn param(text: &str, number: usize) -> Result<Param, ParseError> {
    let characters: Vec<char> = text.chars().collect();
    let whole = Span {
        line: number,
        column: 1,
        length: characters.len(),
    };
    if characters.len() > MAX_LINE {
        return Err(too_many(Limited::LineLength, MAX_LINE, whole));
    }
    if characters.iter().filter(|c| **c == '(').count() > MAX_DEPTH * 2 {
        return Err(too_many(Limited::Depth, MAX_DEPTH, whole));
    }
    let colon = characters.iter().position(|c| *c == ':');
    let after = colon.map_or(characters.len(), |colon| colon + 1);
    let end = type_end(&characters, after);
    let written: String = characters[after..end].iter().collect();
    let blanked: String = characters
        .iter()
        .enumerate()
        .map(|(at, c)| if (after..end).contains(&at) { ' ' } else { *c })
        .collect();
    let type_span = Span {
        line: number,
        column: after + 1,
        length: (end - after).max(1),
    };
    let ty = written.trim().parse::<Type>().map_err(|_| ParseError {
        span: type_span,
        problem: ParseProblem::BadType {
            text: written.trim().to_owned(),
        },
    });
    match Line::new(&blanked, number)? {
        Some(mut line) => line.param(ty),
        None => Err(ParseError {
            span: type_span,
            problem: ParseProblem::Empty,
        }),
    }
}

/// Finds the end of the type that starts at `start`: `=` or `#` outside parentheses.
fn type_end(characters: &[char], start: usize) -> usize {
    let mut depth = 0usize;
    for (at, c) in characters.iter().enumerate().skip(start) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '=' | '#' if depth == 0 => return at,
            _ => {}
        }
    }
    characters.len()
}

fn head(mut path: Vec<String>, span: Span) -> Result<Head, ParseError> {
    if path.len() == 1 {
        return Ok(Head::Word(path.remove(0)));
    }
    let text = path.join(".");
    FunctionName::new(text.clone())
        .map(Head::Function)
        .map_err(|_| ParseError {
            span,
            problem: ParseProblem::BadFunction { text },
        })
}
