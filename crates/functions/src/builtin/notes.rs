//! Notes: text files in the folder `Notes` of the person's documents, readable without Lucid.

mod add;
mod folder;
mod list;

use std::sync::Arc;

use crate::Action;

pub(crate) use folder::folder;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("notes/add.toml"), Arc::new(add::Add)),
        (include_str!("notes/list.toml"), Arc::new(list::List)),
    ]
}
