//! Slots: words of a person as typed literals of the plan language.
//!
//! A slot reads its words as a whole or not at all; what it cannot read sends the
//! request on to the model.

mod choice;
mod folder;
mod kind;
mod name;
mod number;
mod quantity;
mod text;
mod time;

pub(crate) use choice::{choice, truth};
pub(crate) use folder::path;
pub(crate) use name::NameIndex;
pub(crate) use number::{number, ordinal, percent};
pub(crate) use quantity::{bytes, duration, duration_seconds};
pub(crate) use text::{free_text, is_expression, is_several};
pub(crate) use time::time;

use plan::{Literal, Moment, Type};

/// What slots resolve against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The live names.
    pub(crate) names: &'a NameIndex,
    /// The present.
    pub(crate) now: Moment,
}

/// Reads `text` as a value of type `ty`; [`None`] when it is none.
pub(crate) fn read(text: &str, ty: &Type, surroundings: Surroundings<'_>) -> Option<Literal> {
    let text = text.trim();
    match ty {
        Type::Bool => truth(text).map(Literal::Bool),
        Type::Int { min, max } => {
            let number = number(text).filter(|number| number.fract() == 0.0)?;
            let above = min.is_none_or(|min| number >= min as f64);
            let below = max.is_none_or(|max| number <= max as f64);
            (above && below).then(|| plain(number))
        }
        Type::Number => number(text).map(plain),
        Type::Percent => percent(text).map(plain),
        Type::Bytes => bytes(text),
        Type::Duration => duration(text),
        Type::Time => time(text, surroundings.now).map(Literal::Text),
        Type::Choice(words) => choice(text, words).map(Literal::Text),
        Type::Path(kind) => path(text, *kind).map(Literal::Text),
        Type::App => surroundings.names.app(text).map(Literal::Text),
        Type::Live(source) => surroundings.names.live(source, text).map(Literal::Text),
        Type::Text { max } => free_text(text, *max).map(Literal::Text),
        // One value where a list is wanted is a list of one.
        Type::List(item) => read(text, item, surroundings),
        Type::Record(_) | Type::Any => None,
    }
}

/// Returns how many tokens a value of the type may take at most.
pub(crate) fn longest(ty: &Type) -> usize {
    match ty {
        Type::Bool | Type::Choice(_) => 4,
        Type::Int { .. } | Type::Number | Type::Percent | Type::Bytes => 10,
        Type::Duration => 12,
        Type::Time => 14,
        Type::App | Type::Live(_) => 12,
        Type::Path(_) => 40,
        Type::Text { .. } => 80,
        Type::List(item) => longest(item),
        Type::Record(_) | Type::Any => 0,
    }
}

fn plain(value: f64) -> Literal {
    Literal::Number { value, unit: None }
}
