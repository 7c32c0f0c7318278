//! The file: `$XDG_DATA_HOME/lucid/calendar.ics`, replaced as a whole. What Lucid does not understand of it stays in it.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use icalendar::{Calendar, CalendarComponent, Component, Event};

use crate::{
    ErrorKind, FunctionError, World,
    builtin::files::{from_io, replace},
};

static WRITING: Mutex<()> = Mutex::new(());

fn path(world: &World) -> PathBuf {
    world.places.data.join("lucid").join("calendar.ics")
}

/// Reads the calendar; a file that is not there has no events.
///
/// # Errors
///
/// When the file cannot be read, or is no calendar: then it stays as it is.
pub(super) fn load(world: &World) -> Result<Calendar, FunctionError> {
    let path = path(world);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Calendar::new()),
        text => text.map_err(|error| from_io(world.language, &path, &error))?,
    };
    text.parse().map_err(|_| {
        let shown = path.to_string_lossy();
        let values = [("path", &*shown)];
        FunctionError::new(
            ErrorKind::Failed,
            world.language,
            "calendar-damaged",
            &values,
        )
    })
}

/// The events of a calendar.
pub(super) fn events(calendar: &Calendar) -> impl Iterator<Item = &Event> {
    calendar
        .components
        .iter()
        .filter_map(CalendarComponent::as_event)
}

/// Changes the calendar and saves it, unless nothing came of it.
///
/// # Errors
///
/// As [`load`], and when the file cannot be written; then it is as before.
pub(super) fn change<T>(
    world: &World,
    change: impl FnOnce(&mut Calendar) -> Option<T>,
) -> Result<Option<T>, FunctionError> {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut calendar = load(world)?;
    let changed = change(&mut calendar);
    if changed.is_some() {
        let path = path(world);
        replace(&path, &calendar.to_string())
            .map_err(|error| from_io(world.language, &path, &error))?;
    }
    Ok(changed)
}

/// Takes the event `uid` out and returns it.
pub(super) fn take(calendar: &mut Calendar, uid: &str) -> Option<Event> {
    let is_it = |component: &CalendarComponent| {
        component
            .as_event()
            .is_some_and(|event| event.get_uid() == Some(uid))
    };
    let at = calendar.components.iter().position(is_it)?;
    let taken = calendar.components.remove(at);
    taken.as_event().cloned()
}
