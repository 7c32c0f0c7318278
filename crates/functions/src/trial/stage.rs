//! A world of its own for a trial: a home, buses, and what stands in for services.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
};

use super::Mock;
use crate::{Places, spawn};

/// How long a bus or a service may take to be there.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  SERVICES
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;

/// The file by which the folder of a stage is known.
const MARK: &str = "lucid-stage";
/// What its programs keep of the variables of who runs the tests.
const KEPT: [&str; 5] = ["PATH", "LANG", "LANGUAGE", "LC_ALL", "TZ"];

/// Tells whether this process lives on a stage with all that it could touch: its folders, and both buses.
pub(super) fn is_here(places: &Places) -> bool {
    let root = places
        .home
        .parent()
        .filter(|root| root.join(MARK).is_file());
    let Some(root) = root else {
        return false;
    };
    let folders = [
        Some(&places.config),
        Some(&places.cache),
        Some(&places.state),
        Some(&places.data),
        places.runtime.as_ref(),
    ];
    let is_within =
        |folder: &Option<&PathBuf>| folder.is_some_and(|folder| folder.starts_with(root));
    let buses = ["DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"];
    let is_own = |name: &&str| {
        let address = std::env::var(name).unwrap_or_default();
        let socket = address.strip_prefix("unix:path=").map(Path::new);
        // Behind a comma or semicolon there would be more.
        !address.contains([',', ';']) && socket.is_some_and(|socket| socket.starts_with(root))
    };
    folders.iter().all(is_within) && buses.iter().all(is_own)
}

/// The world; all of it goes when this is dropped.
pub struct Stage {
    children: Vec<Child>,
    // Last, so that it is removed after what runs in it.
    folder: tempfile::TempDir,
}

impl Stage {
    /// Makes it, and waits until its services are there. Files of templates are those in `plugin`.
    ///
    /// # Errors
    ///
    /// When a program is missing, or a service does not come.
    pub async fn set(mocks: &[Mock], plugin: &Path) -> io::Result<Stage> {
        // Sockets have short paths, so the folder does not stand deep beneath $TMPDIR.
        let folder = tempfile::Builder::new().prefix("lt").tempdir_in("/tmp")?;
        for name in ["home", "run"] {
            fs::create_dir(folder.path().join(name))?;
        }
        fs::write(folder.path().join(MARK), "")?;
        let mut stage = Stage {
            children: Vec::new(),
            folder,
        };
        let mut buses = Vec::new();
        for name in ["session", "system"] {
            buses.push(stage.bus(name).await?);
        }
        for mock in mocks {
            stage.mock(mock, plugin, &buses).await?;
        }
        Ok(stage)
    }

    /// The variables of every program in this world, beside [`KEPT`].
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        let at = |name: &str| self.folder.path().join(name).into_os_string();
        let address = |name: &str| format!("unix:path={}", self.socket(name).display()).into();
        vec![
            ("HOME", at("home")),
            ("XDG_CONFIG_HOME", at("home/.config")),
            ("XDG_CACHE_HOME", at("home/.cache")),
            ("XDG_STATE_HOME", at("home/.local/state")),
            ("XDG_DATA_HOME", at("home/.local/share")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("DBUS_SESSION_BUS_ADDRESS", address("session")),
            ("DBUS_SYSTEM_BUS_ADDRESS", address("system")),
        ]
    }

    /// A program in this world, without screen and sound; it ends with it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = spawn::command(program);
        let kept = KEPT.map(|name| Some((name, std::env::var_os(name)?)));
        command
            .env_clear()
            .envs(kept.into_iter().flatten())
            .envs(self.variables())
            .kill_on_drop(true);
        command
    }

    fn socket(&self, bus: &str) -> PathBuf {
        self.folder.path().join(bus)
    }

    async fn bus(&mut self, name: &str) -> io::Result<zbus::Connection> {
        let daemon = self.command("dbus-daemon");
        let (daemon, connection) = private_bus(daemon, &self.socket(name), None).await?;
        self.children.push(daemon);
        Ok(connection)
    }

    async fn mock(
        &mut self,
        mock: &Mock,
        plugin: &Path,
        buses: &[zbus::Connection],
    ) -> io::Result<()> {
        let before = names(buses).await;
        let is_file = mock.template.ends_with(".py");
        let template = match is_file {
            true => plugin.join(&mock.template).into_os_string(),
            false => OsString::from(&mock.template),
        };
        let parameters = serde_json::to_string(&mock.parameters)?;
        // The distribution's Python has the package, whatever comes first in $PATH.
        let mut python = self.command("/usr/bin/python3");
        python
            // No module comes from where the tests are run.
            .env("PYTHONSAFEPATH", "1")
            .stderr(Stdio::piped())
            .args(["-m", "dbusmock", "--template"])
            .arg(template)
            .args(["--parameters", &parameters]);
        let mut child = python.spawn().map_err(|error| named("python3", &error))?;
        let deadline = Instant::now() + PATIENCE;
        while names(buses).await <= before {
            if child.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(io::Error::other(last_line(child).await));
            }
            tokio::time::sleep(LOOK).await;
        }
        self.children.push(child);
        Ok(())
    }
}

/// Starts a bus of its own at `socket`, on which everybody may do everything, and connects to it. `daemon` is how
/// `dbus-daemon` is started, without arguments; with a folder of `services` it starts these when they are called.
///
/// # Errors
///
/// When the program is missing, or nothing listens there soon.
pub async fn private_bus(
    mut daemon: Command,
    socket: &Path,
    services: Option<&Path>,
) -> io::Result<(Child, zbus::Connection)> {
    let services = services.map(|folder| format!("<servicedir>{}</servicedir>", folder.display()));
    let text = BUS
        .replace("SOCKET", &socket.to_string_lossy())
        .replace("SERVICES", &services.unwrap_or_default());
    let config = socket.with_extension("conf");
    fs::write(&config, text)?;
    let daemon = daemon
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--nopidfile"])
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| named("dbus-daemon", &error))?;
    let address = format!("unix:path={}", socket.display());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let builder = zbus::connection::Builder::address(address.as_str());
        match builder.build().await {
            Ok(connection) => return Ok((daemon, connection)),
            Err(error) if Instant::now() > deadline => return Err(io::Error::other(error)),
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

fn named(program: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{program}: {error}"))
}

/// What a program complained last.
async fn last_line(mut child: Child) -> String {
    // It may still run, and is of no use.
    let _ = child.start_kill();
    let mut complaint = Vec::new();
    if let Some(mut errors) = child.stderr.take() {
        let _ = errors.read_to_end(&mut complaint).await;
    }
    let complaint = String::from_utf8_lossy(&complaint);
    let last = complaint.trim().lines().last();
    last.unwrap_or_default().to_owned()
}

/// How many services are on the buses.
async fn names(buses: &[zbus::Connection]) -> usize {
    let mut count = 0;
    for bus in buses {
        let Ok(proxy) = zbus::fdo::DBusProxy::new(bus).await else {
            continue;
        };
        let names = proxy.list_names().await.unwrap_or_default();
        count += names
            .iter()
            .filter(|name| !name.as_str().starts_with(':'))
            .count();
    }
    count
}
