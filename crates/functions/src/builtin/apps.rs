//! Functions of the domain `apps`.

mod catalogue;
mod launch;
pub(crate) mod live;
mod processes;
mod resolve;

mod close;
mod list;
mod open;
mod open_with;
mod running;

use std::sync::Arc;

use crate::Action;

pub(crate) use catalogue::CHINESE;
pub use catalogue::{InstalledApp, installed};
pub(crate) use close::terminate;
pub(crate) use launch::run_action;
pub(crate) use processes::{process, start_of};

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("apps/open.toml"), Arc::new(open::Open)),
        (
            include_str!("apps/open_with.toml"),
            Arc::new(open_with::OpenWith),
        ),
        (include_str!("apps/list.toml"), Arc::new(list::List)),
        (
            include_str!("apps/running.toml"),
            Arc::new(running::Running),
        ),
        (include_str!("apps/close.toml"), Arc::new(close::Close)),
    ]
}
