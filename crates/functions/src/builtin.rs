//! Functions inside Lucid: one folder per domain, one file per function.
//!
//! Beside each `verb.rs` lies `verb.toml` with the same `[[function]]` table
//! that manifests use, and `builtin = true`.

pub(crate) mod apps;
pub(crate) mod audio;
pub(crate) mod calc;
pub(crate) mod files;
mod screen;
pub(crate) mod system;
pub(crate) mod text;
pub(crate) mod timers;

use std::sync::Arc;

use crate::Action;

/// Returns every built-in function: its table and what runs it.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    [
        apps::actions(),
        audio::actions(),
        calc::actions(),
        files::actions(),
        screen::actions(),
        system::actions(),
        text::actions(),
        timers::actions(),
    ]
    .concat()
}
