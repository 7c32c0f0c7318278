//! Arithmetic with units.

mod evaluate;
mod words;

use std::sync::Arc;

use crate::Action;

pub use evaluate::evaluate;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![(
        include_str!("calc/evaluate.toml"),
        Arc::new(evaluate::Evaluate),
    )]
}
