//! Functions of the domain `text`: a model reads, and can do nothing else.

mod document;
mod html;

mod answer;
mod summarise;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (
            include_str!("text/summarise.toml"),
            Arc::new(summarise::Summarise),
        ),
        (include_str!("text/answer.toml"), Arc::new(answer::Answer)),
    ]
}
