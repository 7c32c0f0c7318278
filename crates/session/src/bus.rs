//! The session bus.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::children::Children;
use crate::{Environment, SessionError, command, folder, listens};

const READY: Duration = Duration::from_secs(10);
const NAME: &str = "org.lucidshell.Kernel1";

/// A bus on which everybody may own, send and receive: it belongs to one person.
const SYSTEM_CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=@socket@</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;

/// Starts a session bus in the run-time folder, unless one is known already.
pub(crate) fn start_session_bus(
    children: &mut Children,
    environment: &mut Environment,
    run: &Path,
) -> Result<(), SessionError> {
    if environment.get("DBUS_SESSION_BUS_ADDRESS").is_some() {
        return Ok(());
    }
    let socket = run.join("bus");
    let address = format!("unix:path={}", socket.display());
    // Programs that the bus activates inherit its environment, so it gets the address too.
    environment.set("DBUS_SESSION_BUS_ADDRESS", &address);
    let mut bus = command("dbus-daemon", environment);
    bus.args(["--session", "--nofork", "--nopidfile", "--address"])
        .arg(&address);
    children.start("dbus-daemon", bus)?;
    children.wait_until("dbus-daemon", READY, || listens(&socket).then_some(()))
}

/// Starts a private bus in place of the system's, with the power service on it.
pub(crate) fn start_system_bus(
    children: &mut Children,
    environment: &mut Environment,
    run: &Path,
) -> Result<(), SessionError> {
    let socket = run.join("system-bus");
    let config = run.join("system-bus.conf");
    folder::write(
        &config,
        &SYSTEM_CONFIG.replace("@socket@", &socket.to_string_lossy()),
    )?;
    let mut bus = command("dbus-daemon", environment);
    bus.args(["--nofork", "--nopidfile", "--config-file"])
        .arg(&config);
    children.start("system-bus", bus)?;
    children.wait_until("system-bus", READY, || listens(&socket).then_some(()))?;
    environment.set(
        "DBUS_SYSTEM_BUS_ADDRESS",
        format!("unix:path={}", socket.display()),
    );
    let upower = ["/usr/libexec/upowerd", "/usr/lib/upower/upowerd"];
    match upower.iter().find(|path| Path::new(path).exists()) {
        Some(path) => children.start("upowerd", command(path, environment)),
        None => Ok(()),
    }
}

/// Lets the bus start the kernel on demand, from the folder of these binaries.
pub(crate) fn write_service_file(data_home: &Path, kernel: &Path) -> Result<(), SessionError> {
    let template = include_str!("../data/dbus-1/services/org.lucidshell.Kernel1.service");
    let text = template.replace("/usr/bin/lucidd", &kernel.to_string_lossy());
    folder::write(
        &data_home.join(format!("dbus-1/services/{NAME}.service")),
        &text,
    )
}

/// Tells the bus the variables that programs it activates need.
pub(crate) fn publish(environment: &Environment) -> Result<(), SessionError> {
    let names = [
        "WAYLAND_DISPLAY",
        "DISPLAY",
        "SWAYSOCK",
        "XDG_CURRENT_DESKTOP",
        "XDG_SESSION_TYPE",
        "XDG_SESSION_DESKTOP",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_DIRS",
        "PATH",
    ];
    let mut update = command("dbus-update-activation-environment", environment);
    if Path::new("/run/systemd/system").exists() {
        update.arg("--systemd");
    }
    update.args(names.iter().filter(|name| environment.get(name).is_some()));
    update
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(|_| ())
        .map_err(|source| SessionError::Spawn {
            program: "dbus-update-activation-environment".to_owned(),
            source,
        })
}

/// Tells whether the kernel's name is on the bus.
pub(crate) fn kernel_is_there(environment: &Environment) -> bool {
    let mut ask = command("dbus-send", environment);
    ask.args([
        "--session",
        "--print-reply=literal",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus.NameHasOwner",
    ])
    .arg(format!("string:{NAME}"));
    ask.stderr(Stdio::null())
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("true"))
}
