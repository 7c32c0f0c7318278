//! Functions of the domain `text`: a model reads, and can do nothing else.

mod document;
mod html;
mod passage;

mod answer;
mod rewrite;
mod summarise;
mod translate;

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
        (
            include_str!("text/translate.toml"),
            Arc::new(translate::Translate),
        ),
        (
            include_str!("text/rewrite.toml"),
            Arc::new(rewrite::Rewrite),
        ),
    ]
}
