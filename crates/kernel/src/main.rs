//! `lucidd`: the kernel's process.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use functions::Places;
use futures_util::StreamExt;
use kernel::{
    Kernel, KernelError, Setup,
    bus::{Service, announce},
    consent,
};
use protocol::{
    BUS_NAME, OBJECT_PATH,
    text::{Language, problem},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};
use zbus::fdo::RequestNameFlags;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        #[allow(clippy::print_stdout, reason = "this is what was asked for")]
        {
            println!("lucidd {}", env!("CARGO_PKG_VERSION"));
        }
        return ExitCode::SUCCESS;
    }
    tracing_subscriber::fmt()
        .with_env_filter(log_filter())
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{}", said(&error));
            ExitCode::FAILURE
        }
    }
}

/// Says why the kernel does not start; whoever started it shows this to the person.
fn said(error: &anyhow::Error) -> String {
    match error.downcast_ref() {
        Some(KernelError::Journal { source, path }) if source.is_full() => {
            let full = problem(Language::of_session(), "journal-full", &[]);
            format!("{} ({})", full.sentence, path.display())
        }
        _ => format!("{error:#}"),
    }
}

fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_env("LUCID_LOG")
        .unwrap_or_else(|_| "info,zbus=warn".into())
}

async fn run() -> anyhow::Result<ExitCode> {
    let bus = zbus::Connection::session()
        .await
        .context("there is no session bus; start one with `dbus-run-session`")?;
    let (sender, events) = mpsc::unbounded_channel();
    let kernel = match Kernel::new(setup(&bus).await, sender) {
        Err(KernelError::Running) => {
            tracing::info!("another kernel is running");
            return Ok(ExitCode::SUCCESS);
        }
        other => other?,
    };
    kernel.recover().await;
    serve_consents(&kernel)?;
    tokio::spawn(announce(bus.clone(), events));
    // The object before the name: whoever waits for the name finds the object.
    bus.object_server()
        .at(OBJECT_PATH, Service::new(kernel.clone()))
        .await?;
    bus.request_name_with_flags(BUS_NAME, RequestNameFlags::DO_NOT_QUEUE)
        .await
        .context("the bus name is taken")?;
    kernel.wake().await;
    tokio::select! {
        ended = wait_for_end() => ended?,
        lost = lose_name(&bus) => lost?,
    }
    kernel.stop(None);
    Ok(ExitCode::SUCCESS)
}

async fn setup(bus: &zbus::Connection) -> Setup {
    let places = Places::from_environment();
    Setup {
        own_plugins: functions::plugins::own_folders(&places),
        added_plugins: places.data.join("lucid/plugins"),
        places,
        session_bus: Some(bus.clone()),
        system_bus: zbus::Connection::system().await.ok(),
        scripted: std::env::var_os("LUCID_SCRIPTED").map(PathBuf::from),
    }
}

fn serve_consents(kernel: &std::sync::Arc<Kernel>) -> anyhow::Result<()> {
    let path = protocol::consent::socket_path()
        .context("XDG_RUNTIME_DIR is not set, so consents cannot be asked")?;
    let listener = consent::listen(&path)
        .with_context(|| format!("the consent socket {} cannot be opened", path.display()))?;
    tokio::spawn(consent::serve(listener, kernel.broker()));
    Ok(())
}

/// Waits until the bus is gone, or has given the name to another: nobody can reach this kernel then.
async fn lose_name(bus: &zbus::Connection) -> anyhow::Result<()> {
    let mut lost = zbus::fdo::DBusProxy::new(bus)
        .await?
        .receive_name_lost()
        .await?;
    lost.next().await;
    tracing::info!("the session has ended");
    Ok(())
}

async fn wait_for_end() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
