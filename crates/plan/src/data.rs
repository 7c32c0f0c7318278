//! Data operations at run time: pure, total, never panicking.

use std::cmp::Ordering;

use crate::operand::kind_name;
use crate::{
    Comparison, DataKind, DataOperation, Field, Moment, ResolveError, Scope, TimeText, Toward,
    Type, Value,
};

/// Computes a data operation over the results of earlier statements.
///
/// Missing and mismatched fields never fail: they sort last, match no
/// comparison but `!=`, and add nothing to a sum.
///
/// # Errors
///
/// [`ResolveError`] when the rows, or the value to compare with, cannot be found.
pub fn evaluate_data(operation: &DataOperation, scope: &dyn Scope) -> Result<Value, ResolveError> {
    let rows = match operation.rows.resolve(scope)? {
        Value::List(rows) => rows,
        Value::Null => Vec::new(),
        other => {
            return Err(ResolveError::NotRows {
                found: kind_name(&other).to_owned(),
            });
        }
    };
    Ok(match &operation.kind {
        DataKind::Sort { by, descending } => Value::List(sorted(rows, by, *descending)),
        DataKind::Top { count, by } => {
            let rows = match by {
                Some(by) => sorted(rows, by, true),
                None => rows,
            };
            Value::List(rows.into_iter().take(*count).collect())
        }
        DataKind::Filter {
            field,
            comparison,
            value,
        } => {
            let wanted = value.resolve(scope)?;
            let matcher = Matcher {
                field,
                comparison: *comparison,
                wanted: &wanted,
                now: now(scope),
            };
            Value::List(
                rows.into_iter()
                    .filter(|row| matcher.accepts(row))
                    .collect(),
            )
        }
        DataKind::Count => Value::Number(rows.len() as f64),
        DataKind::Sum { field } => {
            let numbers = rows
                .iter()
                .filter_map(|row| row.field(&field.name)?.as_number());
            Value::Number(numbers.filter(|number| number.is_finite()).sum())
        }
        DataKind::First => rows.into_iter().next().unwrap_or(Value::Null),
    })
}

fn now(scope: &dyn Scope) -> Option<Moment> {
    Moment::parse(scope.now()?, 0)
}

/// Sorts stably; rows without the field come last either way.
fn sorted(mut rows: Vec<Value>, by: &Field, descending: bool) -> Vec<Value> {
    rows.sort_by(|a, b| {
        let (a, b) = (present(a, by), present(b, by));
        match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if descending => total_order(b, a, &by.ty),
            (Some(a), Some(b)) => total_order(a, b, &by.ty),
        }
    });
    rows
}

fn present<'v>(row: &'v Value, field: &Field) -> Option<&'v Value> {
    row.field(&field.name)
        .filter(|value| **value != Value::Null)
}

/// Orders any two values: by kind first, then by what the type means.
fn total_order(a: &Value, b: &Value, ty: &Type) -> Ordering {
    compare(a, b, ty, None).unwrap_or_else(|| rank(a).cmp(&rank(b)))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::Text(_) => 3,
        Value::List(_) => 4,
        Value::Record(_) => 5,
    }
}

/// Compares two values of one kind; [`None`] if they have no order.
///
/// Texts compare without regard to upper and lower case, and as moments where the type says so.
fn compare(a: &Value, b: &Value, ty: &Type, now: Option<Moment>) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.total_cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => {
            let moments = (*ty == Type::Time)
                .then(|| Some((moment(a, now)?, moment(b, now)?)))
                .flatten();
            Some(match moments {
                Some((a, b)) => a.unix().cmp(&b.unix()),
                None => a.to_lowercase().cmp(&b.to_lowercase()),
            })
        }
        _ => None,
    }
}

fn moment(text: &str, now: Option<Moment>) -> Option<Moment> {
    match now {
        Some(now) => Some(TimeText::parse(text)?.resolve(now, Toward::Past)),
        None => Moment::parse(text, 0),
    }
}

struct Matcher<'m> {
    field: &'m Field,
    comparison: Comparison,
    wanted: &'m Value,
    now: Option<Moment>,
}

impl Matcher<'_> {
    fn accepts(&self, row: &Value) -> bool {
        let Some(found) = present(row, self.field) else {
            return self.comparison == Comparison::NotEqual;
        };
        if self.comparison == Comparison::Contains {
            return contains(found, self.wanted);
        }
        let Some(order) = compare(found, self.wanted, &self.field.ty, self.now) else {
            return self.comparison == Comparison::NotEqual;
        };
        match self.comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Contains => false,
        }
    }
}

fn contains(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Text(found), Value::Text(wanted)) => {
            found.to_lowercase().contains(&wanted.to_lowercase())
        }
        (Value::List(items), wanted) => items.iter().any(|item| contains(item, wanted)),
        _ => false,
    }
}

impl Comparison {
    /// Every comparison with the way it is written.
    pub const ALL: [(&'static str, Comparison); 7] = [
        ("=", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<", Comparison::Less),
        ("<=", Comparison::AtMost),
        (">", Comparison::Greater),
        (">=", Comparison::AtLeast),
        ("contains", Comparison::Contains),
    ];

    /// Reads a comparison; `==` is the same as `=`.
    pub fn of_text(text: &str) -> Option<Comparison> {
        let text = if text == "==" { "=" } else { text };
        Comparison::ALL
            .iter()
            .find(|(written, _)| *written == text)
            .map(|(_, comparison)| *comparison)
    }

    /// Returns how it is written.
    pub fn written(self) -> &'static str {
        Comparison::ALL
            .iter()
            .find(|(_, comparison)| *comparison == self)
            .map_or("", |(written, _)| written)
    }

    /// Tells whether values of a type can be compared so.
    pub fn fits(self, ty: &Type) -> bool {
        use Type::{App, Bool, Choice, List, Live, Path, Record, Text};
        match (self, ty) {
            (_, Type::Any) => true,
            (Comparison::Equal | Comparison::NotEqual, List(_) | Record(_)) => false,
            (Comparison::Equal | Comparison::NotEqual, _) => true,
            (Comparison::Contains, Text { .. } | Choice(_) | Path(_) | App | Live(_)) => true,
            (Comparison::Contains, List(item)) => self.fits(item),
            (Comparison::Contains, _) => false,
            (_, Bool | Choice(_) | List(_) | Record(_)) => false,
            _ => true,
        }
    }
}
