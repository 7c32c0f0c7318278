//! Reads one line by recursive descent.

use super::{Expected, Limited, ParseError, ParseProblem, is_bindable, too_many};
use crate::lexer::{Token, TokenKind, tokens};
use crate::limits::{MAX_DEPTH, MAX_ITEMS, MAX_LINE, MAX_STEPS};
use crate::{
    Argument, Call, Expression, FunctionName, Head, Literal, Param, Reference, Span, Statement,
    Step, Type,
};

/// One line, token by token.
pub(super) struct Line {
    tokens: Vec<Token>,
    at: usize,
    /// Where the line ends.
    end: Span,
}

impl Line {
    pub(super) fn new(text: &str, number: usize) -> Result<Option<Line>, ParseError> {
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

    pub(super) fn statement(&mut self) -> Result<Statement, ParseError> {
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
    pub(super) fn param(&mut self, ty: Result<Type, ParseError>) -> Result<Param, ParseError> {
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
