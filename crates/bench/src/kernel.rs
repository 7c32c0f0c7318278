//! The kernel by itself: how quickly it is there, how much memory it takes.

use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use session::{Environment, command, listens};

use crate::measure::Recorder;
use crate::processes;
use crate::statistics::percentile;

const STARTS: usize = 10;
const LIMIT: Duration = Duration::from_secs(20);

/// Measures from the start of the process to its name on the bus.
pub(crate) async fn start(recorder: &Recorder) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(start_once().await?.as_secs_f64() * 1e3);
    }
    recorder.add(
        "kernel_start_ms",
        percentile(&times, 50.0),
        "ms",
        None,
        "median of 10 starts on a bus of their own, until the name is owned",
    )
}

async fn start_once() -> Result<Duration> {
    let folder = tempfile::tempdir_in("/var/tmp")?;
    let socket = folder.path().join("bus");
    let address = format!("unix:path={}", socket.display());
    let mut environment = Environment::inherited();
    environment.set("DBUS_SESSION_BUS_ADDRESS", &address);
    environment.set("XDG_RUNTIME_DIR", folder.path());
    // One journal has one kernel, so this one gets a home of its own.
    environment.set("HOME", folder.path());
    let bus = command("dbus-daemon", &environment)
        .args([
            "--session",
            "--nofork",
            "--nopidfile",
            "--address",
            &address,
        ])
        .spawn()
        .context("could not start a bus")?;
    let bus = Ended(bus);
    wait(|| listens(&socket)).await?;
    let connection = zbus::connection::Builder::address(address.as_str())
        .build()
        .await?;
    let names = zbus::fdo::DBusProxy::new(&connection).await?;
    let begin = Instant::now();
    let kernel = Ended(
        command("lucidd", &environment)
            .spawn()
            .context("could not start lucidd")?,
    );
    loop {
        if names.name_has_owner(protocol::BUS_NAME.try_into()?).await? {
            break;
        }
        if begin.elapsed() > LIMIT {
            bail!("the kernel was not there after {LIMIT:?}");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let time = begin.elapsed();
    drop(kernel);
    drop(bus);
    Ok(time)
}

/// Measures the kernel's memory once it has come to rest.
pub(crate) async fn idle(recorder: &Recorder) -> Result<()> {
    let bus = zbus::Connection::session().await?;
    let process = processes::owner(&bus, protocol::BUS_NAME).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    recorder.add(
        "kernel_idle_mb",
        Some(processes::proportional_mb(process)?),
        "MB",
        None,
        "proportional set size, 5 s after the start of a session",
    )
}

async fn wait(mut ready: impl FnMut() -> bool) -> Result<()> {
    let begin = Instant::now();
    while !ready() {
        if begin.elapsed() > LIMIT {
            bail!("nothing after {LIMIT:?}");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// A process that ends with its variable.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
