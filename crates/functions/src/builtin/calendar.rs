//! A calendar of the person's own: one iCalendar file (RFC 5545) that other programs can read, too.

mod add;
mod event;
mod file;
mod list;
mod remove;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("calendar/add.toml"), Arc::new(add::Add)),
        (include_str!("calendar/list.toml"), Arc::new(list::List)),
        (
            include_str!("calendar/remove.toml"),
            Arc::new(remove::Remove),
        ),
    ]
}
