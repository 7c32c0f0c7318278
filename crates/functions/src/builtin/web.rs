//! The web, in the person's browser. A page that is opened learns of it, so everything here leaves the machine.

mod address;
mod open;
mod search;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("web/open.toml"), Arc::new(open::Open)),
        (include_str!("web/search.toml"), Arc::new(search::Search)),
    ]
}
