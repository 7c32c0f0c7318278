//! Whether a value is of a type, and the canonical form of literals.

use crate::suggest::closest;
use crate::{Literal, TimeText, Type, Unit, Value};

/// Why a value is not of a type.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Mismatch {
    /// It is of another type altogether.
    WrongType,
    /// The number is outside the type's range.
    OutOfRange,
    /// The text is none of the choices.
    UnknownChoice {
        /// The choice that was probably meant.
        suggestion: Option<String>,
    },
    /// The text is too long.
    TooLong {
        /// The limit in characters.
        max: usize,
    },
    /// The text is no moment.
    NoTime,
    /// The text cannot be a path.
    NoPath,
}

/// Checks a value that was found at run time, or given from outside, against its type.
///
/// Live names and applications are only checked for being a text: the function resolves them.
///
/// # Errors
///
/// [`Mismatch`] when it is not of the type.
pub fn check_value(value: &Value, ty: &Type) -> Result<(), Mismatch> {
    match (ty, value) {
        (Type::Any, _) | (Type::Bool, Value::Bool(_)) => Ok(()),
        (Type::Int { min, max }, Value::Number(number)) => whole(*number, *min, *max),
        (Type::Number, Value::Number(number)) => within(number.is_finite()),
        (Type::Percent, Value::Number(number)) => within((0.0..=100.0).contains(number)),
        (Type::Bytes | Type::Duration, Value::Number(number)) => {
            within(*number >= 0.0 && number.is_finite())
        }
        (Type::List(item), Value::List(values)) => {
            values.iter().try_for_each(|value| check_value(value, item))
        }
        (Type::Record(fields), Value::Record(_)) => fields.iter().try_for_each(|field| match value
            .field(&field.name)
        {
            None | Some(Value::Null) => Ok(()),
            Some(value) => check_value(value, &field.ty),
        }),
        (_, Value::Text(text)) => check_text(text, ty),
        _ => Err(Mismatch::WrongType),
    }
}

fn check_text(text: &str, ty: &Type) -> Result<(), Mismatch> {
    match ty {
        Type::Text { max } if text.chars().count() > *max => Err(Mismatch::TooLong { max: *max }),
        Type::Text { .. } => Ok(()),
        Type::Choice(words) if words.iter().any(|word| word == text) => Ok(()),
        Type::Choice(words) => Err(Mismatch::UnknownChoice {
            suggestion: closest(text, words.iter().map(String::as_str)),
        }),
        Type::Time => TimeText::parse(text).map(|_| ()).ok_or(Mismatch::NoTime),
        Type::Path(_) if text.is_empty() || text.contains('\0') => Err(Mismatch::NoPath),
        Type::App | Type::Live(_) if text.trim().is_empty() => Err(Mismatch::WrongType),
        Type::App | Type::Live(_) => short_name(text),
        Type::Path(_) => Ok(()),
        _ => Err(Mismatch::WrongType),
    }
}

fn short_name(text: &str) -> Result<(), Mismatch> {
    if text.chars().count() > 200 {
        Err(Mismatch::TooLong { max: 200 })
    } else {
        Ok(())
    }
}

fn whole(number: f64, min: Option<i64>, max: Option<i64>) -> Result<(), Mismatch> {
    if number.fract() != 0.0 || !number.is_finite() {
        return Err(Mismatch::WrongType);
    }
    let above = min.is_none_or(|min| number >= min as f64);
    let below = max.is_none_or(|max| number <= max as f64);
    within(above && below)
}

fn within(inside: bool) -> Result<(), Mismatch> {
    if inside {
        Ok(())
    } else {
        Err(Mismatch::OutOfRange)
    }
}

/// Turns a literal into the canonical value of a type, without checking ranges.
///
/// Returns [`None`] when its unit does not belong to the type.
pub(crate) fn canonical(literal: &Literal, ty: &Type) -> Option<Value> {
    Some(match literal {
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Bool(truth) => Value::Bool(*truth),
        Literal::None => Value::Null,
        Literal::Number { value, unit } => {
            let (scale, measures) = unit.map_or((1.0, ty.clone()), scale);
            let fits = match ty {
                Type::Any => true,
                ty => *ty == measures,
            };
            let number = value * scale;
            let exact = if measures == Type::Bytes {
                number.round()
            } else {
                number
            };
            Value::Number(fits.then_some(exact)?)
        }
    })
}

/// Returns what a unit multiplies by, and the type that it measures.
fn scale(unit: Unit) -> (f64, Type) {
    match unit {
        Unit::Percent => (1.0, Type::Percent),
        Unit::Byte => (1.0, Type::Bytes),
        Unit::Kilobyte => (1e3, Type::Bytes),
        Unit::Megabyte => (1e6, Type::Bytes),
        Unit::Gigabyte => (1e9, Type::Bytes),
        Unit::Terabyte => (1e12, Type::Bytes),
        Unit::Second => (1.0, Type::Duration),
        Unit::Minute => (60.0, Type::Duration),
        Unit::Hour => (3600.0, Type::Duration),
        Unit::Day => (86_400.0, Type::Duration),
    }
}

/// Returns the type that a literal shows by itself.
pub(crate) fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Text(_) => Type::Text { max: 4000 },
        Literal::Bool(_) => Type::Bool,
        Literal::None => Type::Any,
        Literal::Number { unit: None, .. } => Type::Number,
        Literal::Number {
            unit: Some(unit), ..
        } => scale(*unit).1,
    }
}

/// Tells whether a value of type `from` can stand where `to` is wanted.
///
/// What the types leave open (a number that must be whole, a path that must be
/// a folder) is checked again at run time by [`check_value`].
pub fn assignable(from: &Type, to: &Type) -> bool {
    use crate::PathKind;
    use Type::{
        Any, App, Bool, Bytes, Choice, Duration, Int, List, Live, Number, Path, Percent, Record,
        Text, Time,
    };
    match (from, to) {
        (Any, _) | (_, Any) => true,
        (Bool, Bool) | (Bytes, Bytes) | (Duration, Duration) | (Time, Time) | (App, App) => true,
        (Int { .. } | Number | Percent, Int { .. } | Percent) => true,
        (Int { .. } | Number | Percent | Bytes | Duration, Number) => true,
        (Text { .. } | Choice(_) | Path(_) | App | Live(_) | Time, Text { .. }) => true,
        (Choice(from), Choice(to)) => from.iter().all(|word| to.contains(word)),
        (Live(from), Live(to)) => from == to,
        (Path(from), Path(to)) => from == to || *from == PathKind::Any || *to == PathKind::Any,
        (List(from), List(to)) => assignable(from, to),
        (Record(_), Record(_)) => true,
        _ => false,
    }
}

/// Tells whether a row's key of type `key` identifies what an argument of type `wanted` touches:
/// the same kind of thing, not merely something that could be written there.
pub(crate) fn identifies(key: &Type, wanted: &Type) -> bool {
    let one = match wanted {
        Type::List(item) => item.as_ref(),
        ty => ty,
    };
    let same = std::mem::discriminant(key) == std::mem::discriminant(one);
    (same || *key == Type::Any || *one == Type::Any) && assignable(key, one)
}
