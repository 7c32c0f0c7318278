//! Starting applications.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};

use freedesktop_desktop_entry::DesktopEntry;
use zbus::Variant;

use super::catalogue::InstalledApp;
use crate::{
    ErrorKind, FunctionError, World, builtin::files::place, command::find_program,
    dbus::name_and_detail, spawn,
};

const APPLICATION: &str = "org.freedesktop.Application";
/// How long an application may take to answer over the bus.
const BUS_LIMIT: Duration = Duration::from_secs(10);
/// A program that ends with a failure within this time has not started.
const EARLY: Duration = Duration::from_millis(250);
/// The same where there is no display: nearly every program ends then, as soon as its toolkit has looked for one.
const EARLY_UNSEEN: Duration = Duration::from_secs(2);
/// Terminals, with what stands before the program to run.
const TERMINALS: &[(&str, &[&str])] = &[
    ("xdg-terminal-exec", &[]),
    ("foot", &[]),
    ("kitty", &[]),
    ("alacritty", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("kgx", &["--"]),
    ("konsole", &["-e"]),
    ("xfce4-terminal", &["-x"]),
    ("xterm", &["-e"]),
];

/// Starts `app`, or brings it to the front, with `files` where given.
///
/// Over the bus when it can be activated there, else by its command line.
pub(super) async fn launch(
    app: &InstalledApp,
    files: &[PathBuf],
    world: &World,
) -> Result<(), FunctionError> {
    if app.is_activatable && activate(app, files, world).await {
        return Ok(());
    }
    let arguments = command_line(app, files, world)?;
    start(app, arguments, world).await
}

/// Carries out an action of the app's desktop entry: over the bus when the app can be activated there, else by the
/// action's command line.
pub(crate) async fn run_action(
    app: &InstalledApp,
    action: &str,
    world: &World,
) -> Result<(), FunctionError> {
    if app.is_activatable
        && let Some(bus) = &world.session_bus
    {
        match activate_action(app, action, bus).await {
            Ok(()) => return Ok(()),
            Err(error) if is_absent(&error) => {}
            // It may have begun: it is not done twice.
            Err(error) => return Err(failed(app, &error.to_string(), world)),
        }
    }
    let entry = DesktopEntry::from_path(&app.file, None::<&[&str]>)
        .map_err(|error| failed(app, &error.to_string(), world))?;
    let arguments = entry
        .parse_exec_action(action)
        .map_err(|error| failed(app, &error.to_string(), world))?;
    let arguments = if app.is_terminal {
        in_terminal(app, arguments, world)?
    } else {
        arguments
    };
    start(app, arguments, world).await
}

async fn activate_action(
    app: &InstalledApp,
    action: &str,
    bus: &zbus::Connection,
) -> zbus::Result<()> {
    let platform: HashMap<&str, Variant<'_>> = HashMap::new();
    let body = (action, Vec::<Variant<'_>>::new(), platform);
    let path = bus_path(app);
    let (name, interface) = (Some(app.bare_id()), Some(APPLICATION));
    let asked = bus.call_method(name, path.as_str(), interface, "ActivateAction", &body);
    match tokio::time::timeout(BUS_LIMIT, asked).await {
        Ok(answered) => answered.map(drop),
        Err(_) => Err(zbus::fdo::Error::NoReply("no answer".to_owned()).into()),
    }
}

/// Whether nobody was there to take the call.
fn is_absent(error: &zbus::Error) -> bool {
    let (name, _) = name_and_detail(error);
    [
        "ServiceUnknown",
        "NameHasNoOwner",
        "UnknownMethod",
        "UnknownObject",
        "UnknownInterface",
    ]
    .iter()
    .any(|end| name.strip_prefix("org.freedesktop.DBus.Error.") == Some(end))
}

/// The object of the app's bus service.
fn bus_path(app: &InstalledApp) -> String {
    format!("/{}", app.bare_id().replace('.', "/").replace('-', "_"))
}

/// Calls org.freedesktop.Application (Desktop Entry Specification, section D-Bus Activation).
async fn activate(app: &InstalledApp, files: &[PathBuf], world: &World) -> bool {
    let Some(bus) = &world.session_bus else {
        return false;
    };
    let name = app.bare_id();
    let path = bus_path(app);
    let platform: HashMap<&str, Variant<'_>> = HashMap::new();
    let interface = Some(APPLICATION);
    let addresses: Vec<String> = files.iter().map(|file| place::address(file)).collect();
    let answered = async {
        if addresses.is_empty() {
            bus.call_method(
                Some(name),
                path.as_str(),
                interface,
                "Activate",
                &(platform,),
            )
            .await
        } else {
            let body = (addresses, platform);
            bus.call_method(Some(name), path.as_str(), interface, "Open", &body)
                .await
        }
    };
    matches!(tokio::time::timeout(BUS_LIMIT, answered).await, Ok(Ok(_)))
}

/// The command line with its field codes filled in.
fn command_line(
    app: &InstalledApp,
    files: &[PathBuf],
    world: &World,
) -> Result<Vec<String>, FunctionError> {
    let unreadable = |reason: String| failed(app, &reason, world);
    let entry = DesktopEntry::from_path(&app.file, None::<&[&str]>)
        .map_err(|error| unreadable(error.to_string()))?;
    let exec = entry.exec().unwrap_or_default();
    let takes = |codes: [&str; 2]| exec.split_whitespace().any(|word| codes.contains(&word));
    let (addresses, paths) = (takes(["%u", "%U"]), takes(["%f", "%F"]));
    if !files.is_empty() && !addresses && !paths {
        let values = [("name", app.shown_name(world.language))];
        let id = "app-takes-no-files";
        return Err(FunctionError::new(
            ErrorKind::Invalid,
            world.language,
            id,
            &values,
        ));
    }
    let written = |path: &PathBuf| {
        if addresses {
            place::address(path)
        } else {
            path.to_string_lossy().into_owned()
        }
    };
    let files: Vec<String> = files.iter().map(written).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let locales: &[&str] = &[];
    let arguments = entry
        .parse_exec_with_uris(&files, locales)
        .map_err(|error| unreadable(error.to_string()))?;
    if app.is_terminal {
        in_terminal(app, arguments, world)
    } else {
        Ok(arguments)
    }
}

fn in_terminal(
    app: &InstalledApp,
    arguments: Vec<String>,
    world: &World,
) -> Result<Vec<String>, FunctionError> {
    let terminal = TERMINALS
        .iter()
        .find(|(program, _)| find_program(program).is_some());
    let Some((program, before)) = terminal else {
        let values = [("name", app.shown_name(world.language))];
        let id = "app-no-terminal";
        return Err(FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            id,
            &values,
        ));
    };
    let first = std::iter::once(*program)
        .chain(before.iter().copied())
        .map(str::to_owned);
    Ok(first.chain(arguments).collect())
}

async fn start(
    app: &InstalledApp,
    arguments: Vec<String>,
    world: &World,
) -> Result<(), FunctionError> {
    let Some((program, arguments)) = arguments.split_first() else {
        return Err(failed(app, "Exec", world));
    };
    let Some(path) = find_program(program) else {
        return Err(failed(app, &format!("{program}: not found"), world));
    };
    let mut command = spawn::application(path, &world.places);
    command
        .args(arguments)
        .current_dir(working_folder(app, world))
        .env("GIO_LAUNCHED_DESKTOP_FILE", &app.file)
        // A signal to Lucid's own group must not reach it.
        .process_group(0);
    let mut child = command
        .spawn()
        .map_err(|error| failed(app, &error.to_string(), world))?;
    let is_seen = spawn::has_display();
    let early = if is_seen { EARLY } else { EARLY_UNSEEN };
    match tokio::time::timeout(early, child.wait()).await {
        Ok(Ok(status)) if !status.success() && !is_seen => {
            let values = [("name", app.shown_name(world.language))];
            let id = "app-no-display";
            Err(FunctionError::new(
                ErrorKind::Unavailable,
                world.language,
                id,
                &values,
            ))
        }
        Ok(Ok(status)) if !status.success() => Err(failed(app, &status.to_string(), world)),
        _ => Ok(()),
    }
}

fn working_folder(app: &InstalledApp, world: &World) -> PathBuf {
    let entry = DesktopEntry::from_path(&app.file, None::<&[&str]>).ok();
    let folder = entry
        .as_ref()
        .and_then(|entry| entry.desktop_entry("Path"))
        .map(Path::new);
    folder
        .filter(|folder| folder.is_dir())
        .unwrap_or(&world.places.home)
        .to_owned()
}

fn failed(app: &InstalledApp, reason: &str, world: &World) -> FunctionError {
    let values = [("name", app.shown_name(world.language)), ("reason", reason)];
    FunctionError::new(
        ErrorKind::Failed,
        world.language,
        "app-not-started",
        &values,
    )
}
