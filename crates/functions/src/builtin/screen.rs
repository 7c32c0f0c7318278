//! The screen: brightness and pictures of it.

mod backlight;
mod brightness;
mod change_brightness;
mod portal;
mod screenshot;
mod set_brightness;

use std::sync::Arc;

use crate::Action;

use backlight::Backlights;
use screenshot::{Displays, Screenshot};

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    actions_on(Backlights::default(), Displays::of_environment())
}

/// Returns the functions for some backlights and displays.
fn actions_on(backlights: Backlights, displays: Displays) -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (
            include_str!("screen/brightness.toml"),
            Arc::new(brightness::Brightness(backlights.clone())),
        ),
        (
            include_str!("screen/set_brightness.toml"),
            Arc::new(set_brightness::SetBrightness(backlights.clone())),
        ),
        (
            include_str!("screen/change_brightness.toml"),
            Arc::new(change_brightness::ChangeBrightness(backlights)),
        ),
        (
            include_str!("screen/screenshot.toml"),
            Arc::new(Screenshot(displays)),
        ),
    ]
}

#[cfg(test)]
mod tests;
