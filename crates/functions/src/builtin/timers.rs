//! Timers and reminders that survive a restart.

mod cancel;
mod list;
mod remind;
mod scheduler;
mod start;
mod store;
mod words;

use std::sync::Arc;

use crate::Action;

pub use scheduler::scheduler;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("timers/start.toml"), Arc::new(start::Start)),
        (include_str!("timers/remind.toml"), Arc::new(remind::Remind)),
        (include_str!("timers/list.toml"), Arc::new(list::List)),
        (include_str!("timers/cancel.toml"), Arc::new(cancel::Cancel)),
    ]
}

#[cfg(test)]
mod tests;
