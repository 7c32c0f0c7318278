//! Which window is meant, and what became of it.

use std::time::Duration;

use journal::{Intent, OpenEntry};
use plan::Value;
use policy::ResolvedCall;

use super::screen::{self, Screen, Window, Workspace};
use crate::{ErrorKind, FunctionError, World, builtin::apps};

/// How long a window may take to do what it was asked.
const LIMIT: Duration = Duration::from_secs(2);
/// How often it is looked at meanwhile.
const STEP: Duration = Duration::from_millis(20);

/// Returns every window.
///
/// # Errors
///
/// Where windows cannot be seen.
pub(super) async fn windows(world: &World) -> Result<(Screen, Vec<Window>), FunctionError> {
    let seen = screen::all().await;
    seen.ok_or_else(|| error(ErrorKind::Unavailable, "windows-unseen", "", world))
}

/// Finds the window that `call` names: by its number, its title or its app; the one with the keyboard where none is named.
///
/// # Errors
///
/// When there is none, or several fit.
pub(super) async fn find(
    call: &ResolvedCall,
    world: &World,
) -> Result<(Screen, Window), FunctionError> {
    let (screen, windows) = windows(world).await?;
    let Some(wanted) = call.text("window") else {
        let focused = windows.into_iter().find(|window| window.is_focused);
        return match focused {
            Some(window) => Ok((screen, window)),
            None => Err(error(ErrorKind::NotFound, "window-none", "", world)),
        };
    };
    if let Some(window) = windows
        .iter()
        .find(|window| window.id.to_string() == wanted)
    {
        return Ok((screen, window.clone()));
    }
    // A number that is gone is no part of another one's title.
    let said = wanted.trim().to_lowercase();
    if said.chars().all(|c| c.is_ascii_digit()) {
        return Err(error(ErrorKind::NotFound, "window-gone", wanted, world));
    }
    let titles: Vec<&Window> = windows
        .iter()
        .filter(|window| window.title.to_lowercase() == said)
        .collect();
    let fitting = if titles.is_empty() {
        let installed = apps::installed(&world.places);
        let named = windows.iter().filter(|window| {
            let app = shown_app(&installed, window, world).to_lowercase();
            app == said
                || window.app.to_lowercase() == said
                || window.title.to_lowercase().contains(&said)
        });
        named.collect()
    } else {
        titles
    };
    match fitting[..] {
        [window] => Ok((screen, window.clone())),
        [] => Err(error(ErrorKind::NotFound, "window-gone", wanted, world)),
        _ => Err(error(ErrorKind::Invalid, "window-which", wanted, world)),
    }
}

/// Finds the window of a journaled act.
///
/// # Errors
///
/// When it is gone.
pub(super) async fn again(
    entry: &OpenEntry,
    world: &World,
) -> Result<(Screen, Window), FunctionError> {
    let intent = entry.intent();
    let (screen, windows) = windows(world).await?;
    let is_it = |window: &Window| window.id.to_string() == intent.text("window");
    let window = windows.into_iter().find(is_it);
    let gone = || {
        error(
            ErrorKind::NotFound,
            "window-gone",
            intent.text("title"),
            world,
        )
    };
    Ok((screen, window.ok_or_else(gone)?))
}

/// What an act on a window is about to touch.
pub(super) fn intent(window: &Window, world: &World) -> Intent {
    Intent {
        touches: shown(window, world),
        facts: Value::record([
            ("window", window.id.to_string().into()),
            ("title", window.title.as_str().into()),
        ]),
        ..Intent::default()
    }
}

/// What a person reads about a window: its title and its app.
pub(super) fn shown(window: &Window, world: &World) -> String {
    let app = shown_app(&apps::installed(&world.places), window, world);
    match window.title.trim() {
        "" => app,
        title if title.to_lowercase() == app.to_lowercase() => app,
        title => format!("{} ({app})", plan::escape_for_display(title)),
    }
}

/// What a person calls the window's app, among the installed ones.
pub(super) fn shown_app(
    installed: &[apps::InstalledApp],
    window: &Window,
    world: &World,
) -> String {
    let class = window.app.to_lowercase();
    let is_class = |app: &&apps::InstalledApp| {
        let window_class = app.window_class.as_ref().map(|class| class.to_lowercase());
        app.bare_id().to_lowercase() == class || window_class.as_deref() == Some(&*class)
    };
    let by_process = || {
        let process = apps::process(window.pid?)?;
        installed.iter().find(|app| process.is_of(app))
    };
    match installed.iter().find(is_class).or_else(by_process) {
        Some(app) => app.shown_name(world.language).to_owned(),
        None => plan::escape_for_display(&window.app),
    }
}

/// Reads the workspace that `call` names.
///
/// # Errors
///
/// When it is no name of one.
pub(super) fn workspace(call: &ResolvedCall, world: &World) -> Result<Workspace, FunctionError> {
    let name = call.text("workspace").unwrap_or_default();
    Workspace::new(name).ok_or_else(|| error(ErrorKind::Invalid, "workspace-unusable", name, world))
}

/// Waits until `holds` is true of the windows; tells whether it came to be.
pub(super) async fn until(holds: impl Fn(&[Window]) -> bool) -> bool {
    seen(screen::all, |(_, windows)| holds(windows)).await
}

/// Waits until `screen` shows a workspace; tells whether it came to be.
pub(super) async fn until_shown(screen: Screen, workspace: &Workspace) -> bool {
    seen(|| screen.workspace(), |shown| workspace.is(shown)).await
}

/// Looks again and again until what is seen is as it should be; what is asked of a screen is done a moment later.
async fn seen<T, F: Future<Output = Option<T>>>(
    look: impl Fn() -> F,
    fits: impl Fn(&T) -> bool,
) -> bool {
    let end = tokio::time::Instant::now() + LIMIT;
    loop {
        if look().await.is_some_and(|seen| fits(&seen)) {
            return true;
        }
        if tokio::time::Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(STEP).await;
    }
}

pub(super) fn error(kind: ErrorKind, id: &str, name: &str, world: &World) -> FunctionError {
    let name = plan::escape_for_display(name);
    FunctionError::new(kind, world.language, id, &[("name", &name)])
}
