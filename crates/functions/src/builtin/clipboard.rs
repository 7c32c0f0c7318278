//! The clipboard: what was copied and what is selected. Plans hold its content as a handle, like everything that is read.

mod board;
mod copy;
mod read;
mod selection;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("clipboard/read.toml"), Arc::new(read::Read)),
        (
            include_str!("clipboard/selection.toml"),
            Arc::new(selection::Selection),
        ),
        (include_str!("clipboard/copy.toml"), Arc::new(copy::Copy)),
    ]
}
