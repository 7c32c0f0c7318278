//! One shell a session: the first owns a name on the bus, a second asks it to show and ends.

use std::time::Duration;

use tauri::AppHandle;
use zbus::{Connection, connection::Builder, fdo::RequestNameFlags, fdo::RequestNameReply};

use crate::{overlay, trace::Trigger};

const NAME: &str = "org.lucidshell.Shell";
const PATH: &str = "/org/lucidshell/Shell";
/// Longer than a turn may wait for its plan to begin, so that a busy kernel is not taken for a dead one.
const METHOD_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether this process is the session's shell.
pub(crate) enum Instance {
    /// It is; [`None`] when there is no bus at all.
    First(Option<Connection>),
    /// Another is, and was told what was wanted.
    Another,
}

/// Claims the name, or tells its owner to show the overlay when `show`.
pub(crate) async fn claim(show: bool) -> Instance {
    let Ok(connection) = connect().await else {
        return Instance::First(None);
    };
    if owns_name(&connection).await {
        return Instance::First(Some(connection));
    }
    if show {
        let shown = connection
            .call_method(Some(NAME), PATH, Some(NAME), "Show", &())
            .await;
        if let Err(error) = shown {
            tracing::warn!(%error, "could not show the shell that already runs");
        }
    }
    Instance::Another
}

/// Connects to the session bus.
///
/// # Errors
///
/// When there is no session bus, or it does not answer.
pub(crate) async fn connect() -> zbus::Result<Connection> {
    Builder::session()
        .method_timeout(METHOD_TIMEOUT)
        .build()
        .await
}

/// Takes the name on `connection`; false when another shell has it.
pub(crate) async fn owns_name(connection: &Connection) -> bool {
    let reply = connection
        .request_name_with_flags(NAME, RequestNameFlags::DO_NOT_QUEUE)
        .await;
    matches!(
        reply,
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner)
    )
}

/// Answers a second shell from now on.
///
/// # Errors
///
/// When the object cannot be put on the bus.
pub(crate) async fn serve(connection: &Connection, app: &AppHandle) -> zbus::Result<()> {
    let object = ShellObject { app: app.clone() };
    connection.object_server().at(PATH, object).await?;
    Ok(())
}

struct ShellObject {
    app: AppHandle,
}

#[zbus::interface(name = "org.lucidshell.Shell")]
impl ShellObject {
    fn show(&self) {
        overlay::show(&self.app, Trigger::now());
    }

    fn toggle(&self) {
        overlay::toggle(&self.app, Trigger::now());
    }
}
