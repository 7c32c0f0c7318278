//! Sound: PipeWire and its session manager.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::children::Children;
use crate::{Environment, SessionError, command, folder, listens};

const READY: Duration = Duration::from_secs(10);
const SOCKET: &str = "pipewire-0";

/// Starts PipeWire and WirePlumber, unless they run for this person already.
pub(crate) fn start(
    children: &mut Children,
    environment: &Environment,
    run: &Path,
) -> Result<(), SessionError> {
    let socket = run.join(SOCKET);
    if listens(&socket) {
        return Ok(());
    }
    children.start("pipewire", command("pipewire", environment))?;
    children.wait_until("pipewire", READY, || listens(&socket).then_some(()))?;
    children.start("wireplumber", command("wireplumber", environment))
}

/// Waits until programs that ask for the output find one.
pub(crate) fn wait_for_output(
    children: &mut Children,
    environment: &Environment,
) -> Result<(), SessionError> {
    children.wait_until("wireplumber", READY, || {
        let mut ask = command("wpctl", environment);
        ask.args(["get-volume", "@DEFAULT_AUDIO_SINK@"]);
        let answer = ask.stderr(Stdio::null()).output().ok()?;
        // wpctl may end well without an output, but then it prints nothing.
        answer.stdout.starts_with(b"Volume").then_some(())
    })
}

/// Gives a session without devices an output to play to, and asks for none by Bluetooth.
pub(crate) fn configure_without_devices(config_home: &Path) -> Result<(), SessionError> {
    folder::write(
        &config_home.join("pipewire/pipewire.conf.d/lucid-null-output.conf"),
        include_str!("../data/pipewire/null-output.conf"),
    )?;
    folder::write(
        &config_home.join("wireplumber/bluetooth.lua.d/51-lucid-no-bluetooth.lua"),
        include_str!("../data/wireplumber/no-bluetooth.lua"),
    )
}
