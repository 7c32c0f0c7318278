//! Sound through PipeWire, by WirePlumber's `wpctl`.

mod change_volume;
mod device;
pub(crate) mod live;
mod mute;
mod muted;
mod output;
mod outputs;
mod pod;
mod scale_volume;
mod server;
mod set_output;
mod set_volume;
mod toggle_mute;
mod unmute;
mod volume;

use std::sync::Arc;

use crate::Action;

/// Returns the functions of this domain: their tables and what runs them.
pub(crate) fn actions() -> Vec<(&'static str, Arc<dyn Action>)> {
    vec![
        (include_str!("audio/volume.toml"), Arc::new(volume::Volume)),
        (
            include_str!("audio/set_volume.toml"),
            Arc::new(set_volume::SetVolume),
        ),
        (
            include_str!("audio/change_volume.toml"),
            Arc::new(change_volume::ChangeVolume),
        ),
        (
            include_str!("audio/scale_volume.toml"),
            Arc::new(scale_volume::ScaleVolume),
        ),
        (include_str!("audio/mute.toml"), Arc::new(mute::Mute)),
        (include_str!("audio/unmute.toml"), Arc::new(unmute::Unmute)),
        (
            include_str!("audio/toggle_mute.toml"),
            Arc::new(toggle_mute::ToggleMute),
        ),
        (include_str!("audio/muted.toml"), Arc::new(muted::Muted)),
        (include_str!("audio/output.toml"), Arc::new(output::Output)),
        (
            include_str!("audio/outputs.toml"),
            Arc::new(outputs::Outputs),
        ),
        (
            include_str!("audio/set_output.toml"),
            Arc::new(set_output::SetOutput),
        ),
    ]
}
