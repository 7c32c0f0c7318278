//! The kernel on the session bus: following it, and losing and finding it again.

use std::time::Duration;

use futures_util::StreamExt;
use protocol::{BUS_NAME, Kernel1Proxy, TurnEvent};
use serde_json::value::RawValue;
use tauri::AppHandle;
use tokio::sync::watch;
use zbus::{Connection, fdo::DBusProxy, names::BusName};

use crate::{instance, overlay, page::ShellEvent, shell::Shell, trace::Trigger};

const RETRY: Duration = Duration::from_secs(1);

/// The way to the kernel, as far as it is known now.
pub(crate) struct KernelLink {
    proxy: watch::Sender<Option<Kernel1Proxy<'static>>>,
    present: watch::Sender<bool>,
}

impl Default for KernelLink {
    fn default() -> Self {
        Self {
            proxy: watch::Sender::new(None),
            present: watch::Sender::new(false),
        }
    }
}

impl KernelLink {
    /// Returns a proxy when there is a bus; the kernel itself may still be gone.
    pub(crate) fn proxy(&self) -> Option<Kernel1Proxy<'static>> {
        self.proxy.borrow().clone()
    }

    /// Whether the kernel's name has an owner.
    pub(crate) fn is_present(&self) -> bool {
        *self.present.borrow()
    }

    /// Tells when the kernel comes or goes.
    pub(crate) fn presence(&self) -> watch::Receiver<bool> {
        self.present.subscribe()
    }
}

/// Follows the kernel for as long as the shell lives; first over `connection`, then over new ones.
pub(crate) async fn follow(app: AppHandle, mut connection: Option<Connection>) {
    loop {
        let used = match connection.take() {
            Some(connection) => Ok(connection),
            None => instance::connect().await,
        };
        let ended = match used {
            Ok(connection) => follow_over(&app, &connection).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "the session bus is gone");
        }
        Shell::of(&app).kernel.proxy.send_replace(None);
        set_present(&app, false);
        tokio::time::sleep(RETRY).await;
    }
}

/// Follows the kernel until the bus is gone.
async fn follow_over(app: &AppHandle, connection: &Connection) -> zbus::Result<()> {
    if !instance::owns_name(connection).await {
        tracing::warn!("another shell owns the name on this bus");
    }
    instance::serve(connection, app).await?;
    let proxy = Kernel1Proxy::new(connection).await?;
    let mut turns = proxy.receive_turn().await?;
    let mut toggles = proxy.receive_toggled().await?;
    let mut downloads = proxy.receive_model_progress().await?;
    let mut owners = proxy.inner().receive_owner_changed().await?;
    let kernel = BusName::try_from(BUS_NAME)?;
    let present = DBusProxy::new(connection)
        .await?
        .name_has_owner(kernel)
        .await?;
    Shell::of(app)
        .kernel
        .proxy
        .send_replace(Some(proxy.clone()));
    set_present(app, present);
    loop {
        tokio::select! {
            // In this order, so that what a kernel said before it died is told before its death.
            biased;
            toggle = toggles.next() => {
                if toggle.is_none() { return Ok(()) }
                overlay::toggle(app, Trigger::now());
            }
            turn = turns.next() => {
                let Some(turn) = turn else { return Ok(()) };
                match turn.args() {
                    Ok(arguments) => tell_turn(app, arguments.turn(), *arguments.sequence(), arguments.event()),
                    Err(error) => tracing::warn!(%error, "a turn's signal is not of this version"),
                }
            }
            download = downloads.next() => {
                let Some(download) = download else { return Ok(()) };
                match download.args() {
                    Ok(arguments) => tell_download(app, arguments.id(), arguments.progress()),
                    Err(error) => tracing::warn!(%error, "a download's signal is not of this version"),
                }
            }
            owner = owners.next() => {
                let Some(owner) = owner else { return Ok(()) };
                set_present(app, owner.is_some());
            }
        }
    }
}

fn set_present(app: &AppHandle, present: bool) {
    let shell = Shell::of(app);
    shell.kernel.present.send_replace(present);
    shell.page.tell(ShellEvent::Kernel { present });
}

fn tell_turn(app: &AppHandle, turn: &str, sequence: u32, text: &str) {
    let event = match serde_json::from_str::<TurnEvent>(text) {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(%error, turn, "an event is not of this version");
            return;
        }
    };
    let shell = Shell::of(app);
    if let TurnEvent::Panel { messages } = &event
        && let Ok(mut pictures) = shell.pictures.lock()
    {
        messages
            .iter()
            .for_each(|message| pictures.allow_in(&message.0));
    }
    shell.page.tell(ShellEvent::Turn {
        turn: turn.to_owned(),
        sequence,
        event: Box::new(event),
    });
}

fn tell_download(app: &AppHandle, id: &str, progress: &str) {
    match RawValue::from_string(progress.to_owned()) {
        Ok(progress) => Shell::of(app).page.tell(ShellEvent::Model {
            id: id.to_owned(),
            progress,
        }),
        Err(error) => tracing::warn!(%error, "a download's progress is not JSON"),
    }
}
