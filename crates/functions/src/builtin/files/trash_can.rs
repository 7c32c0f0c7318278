//! The trash of the desktop, after the Trash specification 1.0 of freedesktop.org.
//!
//! The `trash` crate (5.3) is not used: it makes nothing durable, overwrites
//! when it restores, follows links on the way back, and cannot tell which entry
//! a call made, which the journal must know before the act.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::{ZonedDateTime, civil};
use plan::Value;

use super::{beneath::Spot, place, roots, row};
use crate::World;

/// One trash folder: of the home folder, or of another volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Can {
    folder: PathBuf,
    /// The top folder of the volume, to which paths in it are relative; none for the home trash.
    top: Option<PathBuf>,
}

/// One thing in a trash.
#[derive(Debug, Clone)]
pub(super) struct Trashed {
    /// Where it is now.
    pub(super) file: PathBuf,
    /// The note about it.
    pub(super) info: PathBuf,
    /// Where it was.
    pub(super) original: PathBuf,
    /// When it was put there, in local time, as the specification writes it.
    pub(super) deleted: Option<civil::DateTime>,
}

impl Can {
    /// Returns the trash that belongs to `path` (without links), and makes it if it is missing.
    ///
    /// A volume that takes no trash folder uses the home trash, which then gets a copy.
    pub(super) fn of(path: &Path, world: &World) -> io::Result<Can> {
        let home = Can::home(world)?;
        let device = path.symlink_metadata()?.dev();
        if home.folder.metadata()?.dev() == device {
            return Ok(home);
        }
        Ok(top_of(path, device)
            .and_then(|top| Can::of_volume(&top))
            .unwrap_or(home))
    }

    /// Returns the home trash, and makes it if it is missing.
    fn home(world: &World) -> io::Result<Can> {
        let folder = world.places.data.join("Trash");
        make_private(&folder)?;
        let can = Can {
            folder: folder.canonicalize()?,
            top: None,
        };
        can.make_inside()?;
        Ok(can)
    }

    /// Returns the trash of the volume mounted at `top`: `.Trash/$uid` if an administrator made a
    /// safe `.Trash`, else `.Trash-$uid`.
    fn of_volume(top: &Path) -> Option<Can> {
        let uid = rustix::process::getuid().as_raw();
        let shared = top.join(".Trash");
        let safe = shared
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_dir() && metadata.mode() & 0o1000 != 0);
        let mut folders = vec![top.join(format!(".Trash-{uid}"))];
        if safe {
            folders.insert(0, shared.join(uid.to_string()));
        }
        folders.into_iter().find_map(|folder| {
            make_private(&folder).ok()?;
            let metadata = folder.symlink_metadata().ok()?;
            let can = Can {
                folder,
                top: Some(top.to_owned()),
            };
            (metadata.is_dir() && metadata.uid() == uid && can.make_inside().is_ok()).then_some(can)
        })
    }

    fn make_inside(&self) -> io::Result<()> {
        make_private(&self.files())?;
        make_private(&self.infos())
    }

    fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn infos(&self) -> PathBuf {
        self.folder.join("info")
    }

    fn info_of(&self, name: &OsStr) -> PathBuf {
        let mut name = name.to_owned();
        name.push(".trashinfo");
        self.infos().join(name)
    }

    /// Returns a place for something called `name` that neither a file nor a note has.
    pub(super) fn free_place(&self, name: &OsStr) -> PathBuf {
        let taken = |name: &OsString| {
            self.files().join(name).symlink_metadata().is_ok()
                || self.info_of(name).symlink_metadata().is_ok()
        };
        let numbered = (2u32..).map(|number| numbered(name, number));
        let free = std::iter::once(shortened(name, 0))
            .chain(numbered)
            .find(|name| !taken(name));
        self.files().join(free.unwrap_or_else(|| name.to_owned()))
    }

    /// Writes the note about `original`, which is to be put at `place`, durably. Fails if there is one.
    pub(super) fn write_info(&self, place: &Path, original: &Path) -> io::Result<Spot> {
        let info = Spot::open(&self.info_of(place.file_name().unwrap_or_default()))?;
        let path = match &self.top {
            Some(top) => original.strip_prefix(top).unwrap_or(original),
            None => original,
        };
        let path = place::percent_encoded(path.as_os_str().as_bytes());
        let now = ZonedDateTime::now()
            .strftime("%Y-%m-%dT%H:%M:%S")
            .to_string();
        let mut file = info.create(0o600)?;
        let written = writeln!(file, "[Trash Info]\nPath={path}\nDeletionDate={now}")
            .and_then(|()| file.sync_all())
            .and_then(|()| info.sync_folder());
        match written {
            Ok(()) => Ok(info),
            Err(error) => {
                let _ = info.unlink();
                Err(error)
            }
        }
    }

    /// Returns what is in it; notes without a file are left out.
    fn contents(&self) -> Vec<Trashed> {
        let Ok(entries) = std::fs::read_dir(self.files()) else {
            return Vec::new();
        };
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter_map(|file| self.trashed(file)).collect()
    }

    fn trashed(&self, file: PathBuf) -> Option<Trashed> {
        let info = self.info_of(file.file_name()?);
        let text = std::fs::read_to_string(&info).ok()?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let original = PathBuf::from(place::percent_decoded(value("Path=")?));
        let original = match &self.top {
            Some(top) => top.join(original),
            None => original,
        };
        // A note is written by any program: one that leads up out of its volume is not believed.
        let leads_up = original
            .components()
            .any(|part| part == std::path::Component::ParentDir);
        let escapes = self
            .top
            .as_ref()
            .is_some_and(|top| !original.starts_with(top));
        (original.is_absolute() && !leads_up && !escapes).then(|| Trashed {
            deleted: value("DeletionDate=").and_then(|date| date.trim().parse().ok()),
            file,
            info,
            original,
        })
    }
}

/// Everything in the home trash and in those of mounted media, the latest first.
pub(super) fn contents(world: &World) -> Vec<Trashed> {
    let mut cans: Vec<Can> = Can::home(world).into_iter().collect();
    for top in roots::mounts() {
        let uid = rustix::process::getuid().as_raw();
        let folders = [
            top.join(".Trash").join(uid.to_string()),
            top.join(format!(".Trash-{uid}")),
        ];
        cans.extend(
            folders
                .into_iter()
                .filter(|folder| folder.is_dir())
                .map(|folder| Can {
                    folder,
                    top: Some(top.clone()),
                }),
        );
    }
    let mut all: Vec<Trashed> = cans.iter().flat_map(Can::contents).collect();
    all.sort_by(|a, b| b.deleted.cmp(&a.deleted).then_with(|| a.file.cmp(&b.file)));
    all
}

impl Trashed {
    /// Returns the row of a table.
    pub(super) fn row(&self) -> Value {
        let metadata = self.file.symlink_metadata();
        let size = metadata.map_or(
            0,
            |metadata| if metadata.is_dir() { 0 } else { metadata.len() },
        );
        let name = self.original.file_name().unwrap_or_default();
        let deleted = self
            .deleted
            .and_then(|at| at.to_zoned_datetime(jiff::tz::TimeZone::system()).ok());
        let deleted = deleted.and_then(|at| SystemTime::try_from(at.timestamp()).ok());
        Value::record([
            ("name", name.to_string_lossy().into_owned().into()),
            ("path", place::written(&self.original).into()),
            ("size", (size as f64).into()),
            ("deleted", deleted.map_or(Value::Null, row::time)),
            ("id", place::written(&self.file).into()),
        ])
    }
}

/// Makes a folder that only the person can read, with all above it; one that is there stays.
fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// The highest folder above `path` on the same device, which is where the volume is mounted.
fn top_of(path: &Path, device: u64) -> Option<PathBuf> {
    let same = |folder: &&Path| {
        folder
            .metadata()
            .is_ok_and(|metadata| metadata.dev() == device)
    };
    path.ancestors()
        .skip(1)
        .take_while(same)
        .last()
        .map(Path::to_owned)
}

/// `report.pdf` becomes `report 2.pdf`.
fn numbered(name: &OsStr, number: u32) -> OsString {
    let suffix = format!(" {number}");
    let name = shortened(name, suffix.len());
    let path = Path::new(&name);
    match (path.file_stem(), path.extension()) {
        (Some(stem), Some(extension)) => {
            let mut numbered = stem.to_owned();
            numbered.push(suffix);
            numbered.push(".");
            numbered.push(extension);
            numbered
        }
        _ => {
            let mut numbered = name.clone();
            numbered.push(suffix);
            numbered
        }
    }
}

/// Leaves room for `.trashinfo` and a number: a name has at most 255 bytes (limits.h).
fn shortened(name: &OsStr, room: usize) -> OsString {
    let most = 255 - ".trashinfo".len() - room;
    let bytes = name.as_bytes();
    if bytes.len() <= most {
        return name.to_owned();
    }
    let mut end = most;
    while end > 0 && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    OsStr::from_bytes(&bytes[..end]).to_owned()
}
