//! Alarms that come again. One that rings once is a reminder; both lie in the timers' file.

mod clock;
mod list;
mod set;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("alarms/set.toml"), Arc::new(set::Set)),
        (include_str!("alarms/list.toml"), Arc::new(list::List)),
    ]
}
