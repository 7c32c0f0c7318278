//! Timers and reminders that survive a restart.

mod cancel;
mod list;
mod remind;
mod repeat;
mod restore;
mod scheduler;
mod start;
mod store;
mod words;

use std::sync::Arc;

use protocol::text::problem;

use crate::{Action, Availability, World, dbus};

pub(crate) use repeat::Repeat;
pub use scheduler::scheduler;
pub(crate) use start::{add_repeating, intent, outcome, settle};
pub(crate) use words::{clock_time, instant, now, spoken_time};

pub(crate) use list::repeating;

/// The service that shows timers which are over.
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("timers/start.toml"), Arc::new(start::Start)),
        (include_str!("timers/remind.toml"), Arc::new(remind::Remind)),
        (include_str!("timers/list.toml"), Arc::new(list::List)),
        (include_str!("timers/cancel.toml"), Arc::new(cancel::Cancel)),
        (
            include_str!("timers/restore.toml"),
            Arc::new(restore::Restore),
        ),
    ]
}

/// Tells whether a timer could be shown when it is over: the promise of one needs a service of
/// notifications, running or to be started by the bus.
pub(crate) async fn availability(world: &World) -> Availability {
    let there = match &world.session_bus {
        Some(bus) => dbus::is_present(bus, NOTIFICATIONS, true).await.ok(),
        None => Some(false),
    };
    if there == Some(true) {
        Availability::Available
    } else {
        Availability::Missing(problem(world.language, "timer-no-notifications", &[]))
    }
}

#[cfg(test)]
mod tests;
