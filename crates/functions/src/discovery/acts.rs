//! What acts on an app's own actions have in common, however the app offers them.

use std::time::{Duration, Instant};

use journal::{Intent, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;

use super::look::process_of;
use crate::{ErrorKind, FunctionError, InstalledApp, World};

/// How long a switch may take to stand as it was asked.
const SETTLING: Duration = Duration::from_secs(1);
/// How often it is looked at meanwhile.
const STEP: Duration = Duration::from_millis(20);

/// A connection of an app, on which an action of it is done.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) app: InstalledApp,
    /// The unique name of the connection.
    pub(super) name: String,
}

impl Owner {
    /// Returns what a consent shows.
    pub(super) async fn intent(&self, window: Option<&str>, world: &World) -> Intent {
        let process = self.process(world).await.unwrap_or_default();
        intent(&self.app, process, window, world)
    }

    /// Returns the app's process while it runs.
    pub(super) async fn process(&self, world: &World) -> Option<u32> {
        process_of(&self.name, world).await
    }

    /// Says of an act that did not succeed that the app has ended, where it has.
    pub(super) async fn told<T>(
        &self,
        acted: Result<T, FunctionError>,
        world: &World,
    ) -> Result<T, FunctionError> {
        if acted.is_err() && self.process(world).await.is_none() {
            let app = self.app.shown_name(world.language);
            let values = [("app", app)];
            return Err(failure("app-ended", &values, world));
        }
        acted
    }

    /// Says that the app was asked: what it made of that nobody knows.
    pub(super) fn asked(&self, action: &str, world: &World) -> Outcome {
        asked(&self.app, action, world)
    }
}

/// Returns what a consent shows: the app, its process, for it may run twice, and the window if one is meant.
pub(super) fn intent(
    app: &InstalledApp,
    process: u32,
    window: Option<&str>,
    world: &World,
) -> Intent {
    let (app, process) = (touched(app, world), process.to_string());
    let id = match window {
        Some(_) => "offered-window",
        None => "offered-process",
    };
    let values = [
        ("app", app.as_str()),
        ("process", &process),
        ("number", window.unwrap_or_default()),
    ];
    Intent {
        touches: message(world.language, id, &values),
        ..Intent::default()
    }
}

/// Says that an app was asked.
pub(super) fn asked(app: &InstalledApp, action: &str, world: &World) -> Outcome {
    let values = [("app", app.shown_name(world.language)), ("action", action)];
    Outcome {
        note: message(world.language, "offered-asked", &values),
        ..Outcome::default()
    }
}

/// Returns what a consent shows besides the label, which is the app's own word: the app and its id.
pub(super) fn touched(app: &InstalledApp, world: &World) -> String {
    format!("{} ({})", app.shown_name(world.language), app.bare_id())
}

/// Returns how a switch that stands as `now` is to stand: the other way round where nobody says.
pub(super) fn wanted(now: bool, call: &ResolvedCall) -> bool {
    match call.argument("on") {
        Some(Value::Bool(on)) => *on,
        _ => !now,
    }
}

/// The time in which a switch has to stand as it was asked: an app that took an act and changed nothing did not do it.
pub(super) struct Settling {
    limit: Instant,
}

impl Settling {
    /// Begins behind an act.
    pub(super) fn new() -> Settling {
        Settling {
            limit: Instant::now() + SETTLING,
        }
    }

    /// Waits until it is worth looking again; fails where that was done long enough.
    pub(super) async fn wait(&self, action: &str, world: &World) -> Result<(), FunctionError> {
        if Instant::now() > self.limit {
            let values = [("action", action)];
            return Err(failure("app-action-without-effect", &values, world));
        }
        tokio::time::sleep(STEP).await;
        Ok(())
    }
}

/// An act that began and did not succeed.
pub(super) fn failure(id: &str, values: &[(&str, &str)], world: &World) -> FunctionError {
    FunctionError::new(ErrorKind::Failed, world.language, id, values)
}

/// An action that cannot be used now.
pub(super) fn unavailable(id: &str, action: &str, world: &World) -> FunctionError {
    let values = [("action", action)];
    FunctionError::new(ErrorKind::Unavailable, world.language, id, &values)
}
