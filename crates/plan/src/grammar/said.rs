//! Values that a person said: what may be written where a value cannot be thought up.

use crate::{Literal, Type};

/// What was said of each kind of value.
///
/// [`None`] leaves a kind free. Otherwise only these values can be written; with an empty list
/// optional arguments of the kind are closed, and required ones stay free, so that what is missing
/// shows in the check of the line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// Numbers, for [`Type::Int`], [`Type::Number`] and [`Type::Percent`]. Where a type allows
    /// negative numbers, each stands for its negative too.
    pub numbers: Option<Vec<f64>>,
    /// Sizes, for [`Type::Bytes`].
    pub sizes: Option<Vec<Literal>>,
    /// Spans of time, for [`Type::Duration`].
    pub durations: Option<Vec<Literal>>,
    /// Moments, for [`Type::Time`].
    pub times: Option<Vec<String>>,
    /// Whether one alone may be meant without a number: “the newest file”.
    pub one: bool,
    /// Beginnings of names of optional arguments that the words rule out, such as `max_`.
    pub closed: Vec<&'static str>,
    /// Whether what a call is about cannot be written as a path of a file, because it was not named but
    /// described (“the newest PDF”): it comes from a result then.
    pub described: bool,
    /// Whether the grammar's live names are those that were said: an optional argument that
    /// takes one of a source without any is closed then.
    pub names: bool,
}

/// What a type's literals may be.
pub(super) enum Open {
    /// Whatever the type allows.
    Any,
    /// These texts of the plan language.
    These(Vec<String>),
    /// None was said.
    Nothing,
}

impl Said {
    pub(super) fn open(&self, ty: &Type) -> Open {
        match ty {
            Type::Int { min, max } => self.integers(*min, *max),
            Type::Number => self.within(f64::MIN, f64::MAX, false),
            Type::Percent => self.within(0.0, 100.0, false),
            Type::Bytes => of(self.sizes.as_deref(), Literal::to_string),
            Type::Duration => of(self.durations.as_deref(), Literal::to_string),
            Type::Time => of(self.times.as_deref(), |time| {
                Literal::Text(time.clone()).to_string()
            }),
            _ => Open::Any,
        }
    }

    /// “louder” says no number, but means some change.
    fn integers(&self, min: Option<i64>, max: Option<i64>) -> Open {
        let is_change = min.is_some_and(|min| min < 0);
        let names_none = |numbers: &Vec<f64>| numbers.iter().all(|number| *number == 1.0);
        if is_change && self.numbers.as_ref().is_some_and(names_none) {
            return Open::Any;
        }
        let least = min.map_or(f64::MIN, |min| min as f64);
        let most = max.map_or(f64::MAX, |max| max as f64);
        match self.within(least, most, true) {
            Open::These(mut texts) if self.one && may_be_one(min, max) => {
                texts.push(ONE.to_owned());
                Open::These(texts)
            }
            open => open,
        }
    }

    fn within(&self, least: f64, most: f64, is_whole: bool) -> Open {
        let Some(numbers) = &self.numbers else {
            return Open::Any;
        };
        // A number that was said to be negative is no other one.
        let signed = numbers
            .iter()
            .flat_map(|number| [*number, if *number < 0.0 { *number } else { -number }]);
        let fitting: Vec<f64> = signed
            .filter(|number| {
                (least..=most).contains(number) && (!is_whole || number.fract() == 0.0)
            })
            .filter(|number| least < 0.0 || *number >= 0.0)
            .collect();
        of(Some(&fitting), |number| {
            let value = if *number == 0.0 { 0.0 } else { *number };
            Literal::Number { value, unit: None }.to_string()
        })
    }
}

/// What counts one alone.
pub(super) const ONE: &str = "1";

/// Tells whether a number of these bounds counts something.
pub(super) fn may_be_one(min: Option<i64>, max: Option<i64>) -> bool {
    (0..=1).contains(&min.unwrap_or(i64::MIN)) && max.is_none_or(|max| max >= 1)
}

fn of<T>(values: Option<&[T]>, write: impl Fn(&T) -> String) -> Open {
    match values {
        None => Open::Any,
        Some([]) => Open::Nothing,
        Some(values) => Open::These(values.iter().map(write).collect()),
    }
}
