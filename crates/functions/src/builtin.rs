//! Functions inside Lucid: one folder per domain, one file per function.
//!
//! Beside each `verb.rs` lies `verb.toml` with the same `[[function]]` table
//! that manifests use, and `builtin = true`.

mod alarms;
pub(crate) mod apps;
pub(crate) mod audio;
pub(crate) mod calc;
mod calendar;
mod clipboard;
pub(crate) mod files;
mod functions;
pub(crate) mod lists;
mod notes;
mod screen;
mod settings;
pub(crate) mod system;
pub(crate) mod text;
pub(crate) mod timers;
mod web;
pub(crate) mod windows;

use std::sync::Arc;

use crate::Action;

/// Returns every built-in function: its table and what runs it.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    [
        alarms::actions(),
        apps::actions(),
        audio::actions(),
        calc::actions(),
        calendar::actions(),
        clipboard::actions(),
        files::actions(),
        functions::actions(),
        lists::actions(),
        notes::actions(),
        screen::actions(),
        settings::actions(),
        system::actions(),
        text::actions(),
        timers::actions(),
        web::actions(),
        windows::actions(),
    ]
    .concat()
}
