//! Opening files and folders with what the desktop has for them.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::io::AsyncReadExt;

use super::{place, trouble};
use crate::{Availability, ErrorKind, FunctionError, World, command::find_program, spawn};

/// How long a file manager or an opener may take.
const LIMIT: Duration = Duration::from_secs(8);
/// Programs that open a file with the person's application for it; the first that is there is used.
const OPENERS: &[(&str, &[&str])] = &[("gio", &["open"]), ("xdg-open", &[])];

/// Tells whether anything here can open files.
pub(crate) fn availability(world: &World) -> Availability {
    if OPENERS
        .iter()
        .any(|(program, _)| find_program(program).is_some())
    {
        return Availability::Available;
    }
    let id = "file-no-opener";
    Availability::Missing(protocol::text::problem(world.language, id, &[]))
}

/// Opens `path`: a folder in the file manager, a file with the application for its kind.
pub(crate) async fn open(path: &Path, world: &World) -> Result<(), FunctionError> {
    if path.is_dir() && file_manager("ShowFolders", path, world).await {
        return Ok(());
    }
    open_address(&place::address(path), &trouble::shown(path), world).await
}

/// Opens an address with the application for it; `shown` is what a person reads of it where that fails.
pub(crate) async fn open_address(
    address: &str,
    shown: &str,
    world: &World,
) -> Result<(), FunctionError> {
    let program = OPENERS
        .iter()
        .find_map(|(program, arguments)| Some((find_program(program)?, *arguments)));
    let Some((program, arguments)) = program else {
        return Err(FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            "file-no-opener",
            &[],
        ));
    };
    let mut command = spawn::application(program, &world.places);
    command.args(arguments).arg(address).stderr(Stdio::piped());
    // The opener starts the application as its child; it must not end with us.
    command.process_group(0);
    let failed = |reason: &str| {
        let values = [("path", shown), ("reason", reason)];
        FunctionError::new(
            ErrorKind::Failed,
            world.language,
            "file-not-opened",
            &values,
        )
    };
    let mut child = command
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let mut stderr = child.stderr.take();
    match tokio::time::timeout(LIMIT, child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(_)) => Err(failed(&first_line(stderr.as_mut()).await)),
        Ok(Err(error)) => Err(failed(&error.to_string())),
        // Some openers stay for as long as the application does.
        Err(_) => Ok(()),
    }
}

async fn first_line(stderr: Option<&mut tokio::process::ChildStderr>) -> String {
    let Some(stderr) = stderr else {
        return String::new();
    };
    let mut text = vec![0u8; 2000];
    // An application that was started anyway may hold the pipe open.
    let read = tokio::time::timeout(Duration::from_millis(200), stderr.read(&mut text)).await;
    let length = read.ok().and_then(Result::ok).unwrap_or(0);
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    plan::escape_for_display(text.lines().last().unwrap_or_default().trim())
}

/// Asks the file manager (org.freedesktop.FileManager1) and tells whether it did it.
pub(crate) async fn file_manager(method: &str, path: &Path, world: &World) -> bool {
    let Some(bus) = &world.session_bus else {
        return false;
    };
    let body = (vec![place::address(path)], "");
    let call = bus.call_method(
        Some("org.freedesktop.FileManager1"),
        "/org/freedesktop/FileManager1",
        Some("org.freedesktop.FileManager1"),
        method,
        &body,
    );
    matches!(tokio::time::timeout(LIMIT, call).await, Ok(Ok(_)))
}
