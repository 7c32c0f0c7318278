//! Lists of things to buy or to do: one text file each, with an item a line, in the folder `Lists` of the notes.

mod add;
mod file;
pub(crate) mod live;
mod names;
mod remove;
mod show;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("lists/add.toml"), Arc::new(add::Add)),
        (include_str!("lists/show.toml"), Arc::new(show::Show)),
        (include_str!("lists/remove.toml"), Arc::new(remove::Remove)),
        (include_str!("lists/names.toml"), Arc::new(names::Names)),
    ]
}
