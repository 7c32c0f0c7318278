//! Splits one line into tokens.

use crate::parse::{ParseError, ParseProblem};
use crate::suggest::closest;
use crate::{Literal, Span, Unit};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// A word: `[A-Za-z_][A-Za-z0-9_]*`.
    Word(String),
    /// A quoted text, its escapes resolved.
    Text(String),
    Number {
        value: f64,
        unit: Option<Unit>,
    },
    /// One of `( ) [ ] , = . :`.
    Mark(char),
}

impl TokenKind {
    /// Shows the token in an error, as it is written in a plan.
    pub(crate) fn shown(&self) -> String {
        match self {
            TokenKind::Word(word) => word.clone(),
            TokenKind::Text(text) => Literal::Text(text.chars().take(40).collect()).to_string(),
            TokenKind::Number { value, unit } => Literal::Number {
                value: *value,
                unit: *unit,
            }
            .to_string(),
            TokenKind::Mark(mark) => mark.to_string(),
        }
    }
}

/// Splits `line` into tokens; a `#` outside quotes starts a comment.
pub(crate) fn tokens(line: &str, number: usize) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer {
        characters: line.chars().collect(),
        at: 0,
        line: number,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer {
    characters: Vec<char>,
    at: usize,
    line: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn span_from(&self, start: usize) -> Span {
        Span {
            line: self.line,
            column: start + 1,
            length: self.at.saturating_sub(start).max(1),
        }
    }

    fn fail<T>(&self, start: usize, problem: ParseProblem) -> Result<T, ParseError> {
        Err(ParseError {
            span: self.span_from(start),
            problem,
        })
    }

    fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&accepts) {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    fn next_token(&mut self) -> Result<Option<Token>, ParseError> {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\r'));
        let start = self.at;
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        let kind = match first {
            '#' => return Ok(None),
            '"' => self.text()?,
            '(' | ')' | '[' | ']' | ',' | '=' | '.' | ':' => {
                self.at += 1;
                TokenKind::Mark(first)
            }
            '-' | '0'..='9' => self.number()?,
            c if c.is_ascii_alphabetic() || c == '_' => {
                TokenKind::Word(self.take_while(is_word_character))
            }
            found => {
                self.at += 1;
                return self.fail(start, ParseProblem::UnexpectedCharacter { found });
            }
        };
        Ok(Some(Token {
            kind,
            span: self.span_from(start),
        }))
    }

    fn text(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                return self.fail(start, ParseProblem::UnclosedText);
            };
            self.at += 1;
            match c {
                '"' => return Ok(TokenKind::Text(text)),
                '\\' => text.push(self.escape()?),
                c if c.is_ascii_control() => {
                    let at = self.at - 1;
                    return self.fail(at, ParseProblem::ControlInText);
                }
                c => text.push(c),
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at - 1;
        let Some(c) = self.peek() else {
            return self.fail(start, ParseProblem::UnclosedText);
        };
        self.at += 1;
        match c {
            '"' | '\\' => Ok(c),
            'n' => Ok('\n'),
            't' => Ok('\t'),
            'r' => Ok('\r'),
            'u' => self.unicode_escape(start),
            found => self.fail(start, ParseProblem::UnknownEscape { found }),
        }
    }

    /// Reads `{1f600}`.
    fn unicode_escape(&mut self, start: usize) -> Result<char, ParseError> {
        let bad = ParseProblem::UnknownEscape { found: 'u' };
        if self.peek() != Some('{') {
            return self.fail(start, bad);
        }
        self.at += 1;
        let digits = self.take_while(|c| c.is_ascii_hexdigit());
        let closed = self.peek() == Some('}');
        self.at += usize::from(closed);
        let scalar = (digits.len() <= 6)
            .then(|| {
                u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32)
            })
            .flatten();
        match scalar {
            Some(c) if closed => Ok(c),
            _ => self.fail(start, bad),
        }
    }

    fn number(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        let mut text = String::new();
        if self.peek() == Some('-') {
            text.push('-');
            self.at += 1;
        }
        text += &self.take_while(|c| c.is_ascii_digit());
        if self.peek() == Some('.') {
            text.push('.');
            self.at += 1;
            text += &self.take_while(|c| c.is_ascii_digit());
        }
        let whole = !text.ends_with(['.', '-']) && !text.starts_with("-.");
        let value = match text.parse::<f64>() {
            Ok(value) if value.is_finite() && whole => value,
            _ => return self.fail(start, ParseProblem::BadNumber { text }),
        };
        let unit_start = self.at;
        let unit = self.take_while(|c| is_word_character(c) || c == '%');
        match unit_named(&unit) {
            _ if unit.is_empty() => Ok(TokenKind::Number { value, unit: None }),
            Some(unit) => Ok(TokenKind::Number {
                value,
                unit: Some(unit),
            }),
            None => {
                let suggestion = unit_suggestion(&unit);
                self.fail(
                    unit_start,
                    ParseProblem::UnknownUnit {
                        text: unit,
                        suggestion,
                    },
                )
            }
        }
    }
}

fn is_word_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Every unit with the way it is written.
pub(crate) const UNITS: [(&str, Unit); 10] = [
    ("%", Unit::Percent),
    ("B", Unit::Byte),
    ("KB", Unit::Kilobyte),
    ("MB", Unit::Megabyte),
    ("GB", Unit::Gigabyte),
    ("TB", Unit::Terabyte),
    ("s", Unit::Second),
    ("min", Unit::Minute),
    ("h", Unit::Hour),
    ("d", Unit::Day),
];

/// Finds a unit; upper and lower case are the same.
fn unit_named(text: &str) -> Option<Unit> {
    UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, unit)| *unit)
}

/// Guesses the unit that was meant.
fn unit_suggestion(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "m" | "mins" | "minute" | "minutes" => Some("min"),
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "k" | "kib" => Some("KB"),
        "mib" => Some("MB"),
        "g" | "gib" => Some("GB"),
        "percent" => Some("%"),
        _ => None,
    };
    meant
        .map(str::to_owned)
        .or_else(|| closest(&lower, UNITS.iter().map(|(name, _)| *name)))
}
