//! Functions about functions: what can be called at all.

mod search;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![(
        include_str!("functions/search.toml"),
        Arc::new(search::Search),
    )]
}
