//! Windows: what is open, on sway and, through EWMH, on X11.

mod screen;
mod sway;
mod x11;

mod close;
mod focus;
mod go_to;
mod list;
pub(crate) mod live;
mod r#move;
mod target;

use std::sync::Arc;

use protocol::text::problem;

use crate::{Action, Availability, World};

pub(crate) use screen::{ask_to_close, count};
pub(crate) use sway::set_background;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("windows/list.toml"), Arc::new(list::List)),
        (include_str!("windows/focus.toml"), Arc::new(focus::Focus)),
        (include_str!("windows/move.toml"), Arc::new(r#move::Move)),
        (include_str!("windows/close.toml"), Arc::new(close::Close)),
        (include_str!("windows/go_to.toml"), Arc::new(go_to::GoTo)),
    ]
}

/// Tells whether windows can be seen here.
async fn availability(world: &World) -> Availability {
    if screen::is_there().await {
        Availability::Available
    } else {
        Availability::Missing(problem(world.language, "windows-unseen", &[]))
    }
}
