//! The compositor: sway, with our configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::children::Children;
use crate::{Environment, SessionError, Size, command, folder};

const READY: Duration = Duration::from_secs(15);
pub(crate) const NAME: &str = "sway";
const CONFIG: &str = include_str!("../data/sway/config");

/// Starts sway on the screens of the machine and waits for its socket.
pub(crate) fn start_on_screens(
    children: &mut Children,
    environment: &mut Environment,
    run: &Path,
) -> Result<(), SessionError> {
    let config = persons_config(environment).map_or_else(
        || write_config(run, CONFIG),
        // The person's own file is used as it is.
        Ok,
    )?;
    start(children, environment, run, &config)
}

/// Starts sway with one output of `size` that is drawn in memory only.
pub(crate) fn start_headless(
    children: &mut Children,
    environment: &mut Environment,
    run: &Path,
    size: Size,
) -> Result<(), SessionError> {
    environment.set("WLR_BACKENDS", "headless");
    environment.set("WLR_RENDERER", "pixman");
    environment.set("WLR_LIBINPUT_NO_DEVICES", "1");
    environment.set("WLR_HEADLESS_OUTPUTS", "1");
    environment.draw_in_software();
    let text = format!("{CONFIG}\noutput HEADLESS-1 resolution {size}\nxwayland disable\n");
    let config = write_config(run, &text)?;
    start(children, environment, run, &config)?;
    // A program that is started without a choice would look for an X server first.
    environment.set("GDK_BACKEND", "wayland");
    environment.set("QT_QPA_PLATFORM", "wayland");
    Ok(())
}

fn start(
    children: &mut Children,
    environment: &mut Environment,
    run: &Path,
    config: &Path,
) -> Result<(), SessionError> {
    let known = sockets(run);
    let mut sway = command(NAME, environment);
    sway.arg("--config").arg(config);
    children.start(NAME, sway)?;
    let (ipc, display) = children.wait_until(NAME, READY, || {
        let new = sockets(run)
            .into_iter()
            .filter(|name| !known.contains(name))
            .collect::<Vec<_>>();
        let find = |prefix: &str| new.iter().find(|name| name.starts_with(prefix)).cloned();
        Some((find("sway-ipc.")?, find("wayland-")?))
    })?;
    environment.set("SWAYSOCK", run.join(ipc));
    environment.set("WAYLAND_DISPLAY", display);
    Ok(())
}

fn sockets(run: &Path) -> Vec<String> {
    let entries = fs::read_dir(run).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.ends_with(".lock"))
        .collect()
}

fn persons_config(environment: &Environment) -> Option<PathBuf> {
    let home = environment
        .get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(environment.get("HOME")?).join(".config")))?;
    Some(home.join("lucid/sway/config")).filter(|path| path.exists())
}

fn write_config(run: &Path, text: &str) -> Result<PathBuf, SessionError> {
    let path = run.join("lucid-sway.conf");
    folder::write(&path, text)?;
    Ok(path)
}
