//! The printer: syntax tree → text.
//!
//! `parse(print(plan)) == plan` for every plan whose names, functions and
//! numbers follow the rules of the language.

use std::fmt::{Display, Formatter, Result, Write};

use crate::lexer::UNITS;
use crate::{
    Argument, Call, Expression, Head, Literal, Param, Plan, Reference, Statement, Step, Unit,
    is_invisible,
};

/// Prints `plan`, each line with its end.
pub fn print(plan: &Plan) -> String {
    plan.to_string()
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for param in &self.params {
            writeln!(f, "{param}")?;
        }
        for statement in &self.statements {
            writeln!(f, "{statement}")?;
        }
        Ok(())
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "param {}: {}", self.name, self.ty)?;
        match &self.default {
            Some(default) => write!(f, " = {default}"),
            None => Ok(()),
        }
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(name) = &self.name {
            write!(f, "{name} = ")?;
        }
        self.call.fmt(f)
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}(", self.head)?;
        separated(f, &self.arguments)?;
        f.write_char(')')
    }
}

impl Display for Head {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Head::Function(name) => name.fmt(f),
            Head::Word(word) => f.write_str(word),
        }
    }
}

impl Display for Argument {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(name) = &self.name {
            write!(f, "{name}=")?;
        }
        self.value.fmt(f)
    }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Expression::Literal(literal) => literal.fmt(f),
            Expression::List(items) => {
                f.write_char('[')?;
                separated(f, items)?;
                f.write_char(']')
            }
            Expression::Reference(reference) => reference.fmt(f),
            Expression::Function(name) => name.fmt(f),
            Expression::Call(call) => call.fmt(f),
        }
    }
}

impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.name)?;
        for step in &self.steps {
            match step {
                Step::Field(field) => write!(f, ".{field}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::Text(text) => quoted(f, text),
            Literal::Number { value, unit: None } => write!(f, "{value}"),
            Literal::Number {
                value,
                unit: Some(unit),
            } => write!(f, "{value}{unit}"),
            Literal::Bool(truth) => write!(f, "{truth}"),
            Literal::None => f.write_str("none"),
        }
    }
}

impl Display for Unit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let written = UNITS.iter().find(|(_, unit)| unit == self);
        f.write_str(written.map_or("", |(name, _)| name))
    }
}

fn separated<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

/// Writes a text in quotes; whatever a reader could not see is written as an escape.
fn quoted(f: &mut Formatter<'_>, text: &str) -> Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            c if is_invisible(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
