//! The parser: text → syntax tree.

mod error;
mod line;

pub use error::{Expected, Limited, ParseError, ParseProblem};

use crate::limits::{
    MAX_DEPTH, MAX_LINE, MAX_NAME, MAX_PARAMS, MAX_SAVED_STATEMENTS, MAX_STATEMENTS, MAX_TEXT,
};
use crate::names::resolve_names;
use crate::parse::line::Line;
use crate::{Param, Plan, Span, Statement, Type};

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
