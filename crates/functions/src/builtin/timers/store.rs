//! The file that keeps timers: `$XDG_STATE_HOME/lucid/timers.json`, replaced as a whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{Repeat, words};
use crate::{ErrorKind, FunctionError, World};

/// Wakes the scheduler when timers change.
pub(super) static CHANGED: Notify = Notify::const_new();

/// One kernel owns the file; this keeps its tasks from writing over each other.
static WRITING: Mutex<()> = Mutex::new(());

/// The highest number that was handed out, also to calls that have not run yet.
static RESERVED: AtomicU64 = AtomicU64::new(0);

/// A timer or a reminder that has not fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Timer {
    /// Its number.
    pub(super) id: u64,
    /// When it fires, in Unix seconds.
    pub(super) due: f64,
    /// How long it runs in all; absent for a reminder at a time.
    #[serde(default)]
    pub(super) duration: Option<f64>,
    /// What a person calls it, or is reminded of.
    pub(super) label: String,
    /// On which days it comes again; absent for one that comes once.
    #[serde(default)]
    pub(super) repeat: Option<Repeat>,
    /// The language it was asked in, `en` or `zh`.
    pub(super) language: String,
}

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Timers {
    /// The highest number given so far.
    #[serde(default)]
    last: u64,
    /// In no order.
    #[serde(default)]
    pub(super) timers: Vec<Timer>,
    /// Cancelled ones that may still be brought back, the last one at the end.
    #[serde(default)]
    pub(super) cancelled: Vec<Timer>,
}

impl Timers {
    /// Returns the cancelled timer `id`, without a number the last one.
    pub(super) fn cancelled(&self, id: Option<u64>) -> Option<&Timer> {
        let mut newest_first = self.cancelled.iter().rev();
        newest_first.find(|timer| id.is_none_or(|id| timer.id == id))
    }

    /// Returns the timer `id`.
    pub(super) fn get(&self, id: u64) -> Option<&Timer> {
        self.timers.iter().find(|timer| timer.id == id)
    }
}

/// Returns where the timers are kept.
pub(super) fn path(world: &World) -> PathBuf {
    world.places.state.join("lucid").join("timers.json")
}

/// Reads the timers; a file that is not there has none.
///
/// # Errors
///
/// When the file cannot be read. A file that is damaged is put aside, not lost.
pub(super) fn load(world: &World) -> Result<Timers, FunctionError> {
    read(&path(world)).map_err(|error| store_error(&error, world))
}

fn read(path: &Path) -> io::Result<Timers> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Timers::default()),
        Err(error) => return Err(error),
    };
    match serde_json::from_str(&text) {
        Ok(timers) => Ok(timers),
        Err(error) => {
            let aside = path.with_extension("json.damaged");
            tracing::error!(%error, aside = %aside.display(), "the timers' file was damaged");
            fs::rename(path, aside)?;
            Ok(Timers::default())
        }
    }
}

/// Reserves a number for a timer that is about to be made.
///
/// # Errors
///
/// When the file cannot be read.
pub(super) fn reserve(world: &World) -> Result<u64, FunctionError> {
    let _writing = writing();
    let last = load(world)?.last.max(RESERVED.load(Ordering::Relaxed));
    RESERVED.store(last + 1, Ordering::Relaxed);
    Ok(last + 1)
}

/// Adds `timer` and wakes the scheduler.
///
/// # Errors
///
/// When the file cannot be written; then the timers are as before.
pub(super) fn add(timer: Timer, world: &World) -> Result<(), FunctionError> {
    let _writing = writing();
    let mut timers = load(world)?;
    timers.last = timers.last.max(timer.id);
    timers.timers.retain(|other| other.id != timer.id);
    timers.timers.push(timer);
    save(&timers, world)
}

/// Removes the timer `id` and returns it, if it was there.
///
/// # Errors
///
/// When the file cannot be written; then the timers are as before.
pub(super) fn remove(id: u64, world: &World) -> Result<Option<Timer>, FunctionError> {
    change(world, |timers| take(&mut timers.timers, id))
}

/// Gives the timer `id` another time and returns it, if it was there.
///
/// # Errors
///
/// As [`remove`].
pub(super) fn put_off(id: u64, due: f64, world: &World) -> Result<Option<Timer>, FunctionError> {
    change(world, |timers| {
        let timer = timers.timers.iter_mut().find(|timer| timer.id == id)?;
        timer.due = due;
        Some(timer.clone())
    })
}

/// Puts the timer `id` among the cancelled ones and returns it, if it was there.
///
/// # Errors
///
/// As [`remove`].
pub(super) fn cancel(id: u64, world: &World) -> Result<Option<Timer>, FunctionError> {
    change(world, |timers| {
        let timer = take(&mut timers.timers, id)?;
        timers.cancelled.push(timer.clone());
        Some(timer)
    })
}

/// Brings the cancelled timer `id` back as it was and returns it, if it was there.
///
/// # Errors
///
/// As [`remove`].
pub(super) fn restore(id: u64, world: &World) -> Result<Option<Timer>, FunctionError> {
    change(world, |timers| {
        let timer = take(&mut timers.cancelled, id)?;
        timers.timers.push(timer.clone());
        Some(timer)
    })
}

fn take(timers: &mut Vec<Timer>, id: u64) -> Option<Timer> {
    let at = timers.iter().position(|timer| timer.id == id)?;
    Some(timers.remove(at))
}

/// Changes the timers and saves them, unless nothing is to be changed.
fn change(
    world: &World,
    change: impl FnOnce(&mut Timers) -> Option<Timer>,
) -> Result<Option<Timer>, FunctionError> {
    let _writing = writing();
    let mut timers = load(world)?;
    let changed = change(&mut timers);
    if changed.is_some() {
        // What would be over by now is never brought back.
        timers.cancelled.retain(|timer| timer.due > words::now());
        save(&timers, world)?;
    }
    Ok(changed)
}

fn writing() -> MutexGuard<'static, ()> {
    // What the lock guards is on disk and always whole, so a panic elsewhere spoils nothing.
    WRITING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn save(timers: &Timers, world: &World) -> Result<(), FunctionError> {
    write(timers, &path(world)).map_err(|error| store_error(&error, world))?;
    CHANGED.notify_waiters();
    Ok(())
}

/// Writes a new file, makes it durable, and puts it in the place of the old one.
fn write(timers: &Timers, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let new = path.with_extension("json.new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec_pretty(timers)?)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(folder)?.sync_all()
}

fn store_error(error: &io::Error, world: &World) -> FunctionError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
        _ => ErrorKind::Failed,
    };
    let reason = error.to_string();
    FunctionError::new(kind, world.language, "timer-store", &[("reason", &reason)])
}
