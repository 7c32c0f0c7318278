//! Zip archives: packing and unpacking beneath open folders.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Component, Path},
};

use jiff::{Timestamp, tz::TimeZone};
use zip::{
    CompressionMethod, DateTime, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions,
};

use super::{beneath::Spot, blocking::Stop, replicate::Staged};

/// How much is read between two looks at whether to stop.
const STEP: u64 = 4 << 20;
/// More entries than any archive of a person has.
const ENTRY_LIMIT: usize = 500_000;

/// Why an archive cannot be unpacked.
#[derive(Debug)]
pub(super) enum ArchiveError {
    /// The file system refused.
    Io(io::Error),
    /// It is no archive, or a damaged one.
    Broken(String),
    /// It needs a password.
    Locked,
    /// An entry would land outside of the folder.
    Escapes(String),
    /// It holds more than fits on the disk.
    TooLarge,
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        // Reading damaged data gives these; the file system does not.
        match error.kind() {
            io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidInput => ArchiveError::Broken(error.to_string()),
            _ => ArchiveError::Io(error),
        }
    }
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::InvalidPassword => ArchiveError::Locked,
            error => ArchiveError::Broken(error.to_string()),
        }
    }
}

/// Packs `sources` into an archive under the name `hidden` beside `target` and makes it durable.
pub(super) fn pack(
    sources: &[Spot],
    target: &Spot,
    hidden: &OsStr,
    stop: &Stop,
) -> Result<Staged, ArchiveError> {
    let staged = Staged::beside(target, hidden)?;
    let mut writer = ZipWriter::new(BufWriter::new(staged.spot().create(0o666)?));
    for source in sources {
        let name = source.path().file_name().unwrap_or_default();
        add(&mut writer, &source.handle(), Path::new(name), stop)?;
    }
    let mut file = writer.finish()?;
    file.flush()?;
    staged.sync()?;
    Ok(staged)
}

fn add(
    writer: &mut ZipWriter<BufWriter<File>>,
    source: &Path,
    name: &Path,
    stop: &Stop,
) -> Result<(), ArchiveError> {
    stop.check()?;
    let metadata = source.symlink_metadata()?;
    let shown = name.to_string_lossy();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(metadata.mode() & 0o777)
        .large_file(metadata.len() > 3 << 30)
        .last_modified_time(modified(&metadata));
    if metadata.is_symlink() {
        let target = fs::read_link(source)?;
        writer.add_symlink(shown, target.to_string_lossy(), options)?;
    } else if metadata.is_dir() {
        writer.add_directory(shown, options)?;
        let mut entries: Vec<_> = fs::read_dir(source)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            add(writer, &entry.path(), &name.join(entry.file_name()), stop)?;
        }
    } else if metadata.is_file() {
        writer.start_file(shown, options)?;
        copy(File::open(source)?, writer, stop)?;
    }
    Ok(())
}

/// The time as zip has it: local, to two seconds, from 1980 on.
fn modified(metadata: &fs::Metadata) -> DateTime {
    let timestamp = metadata
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok());
    timestamp
        .map(|timestamp| timestamp.to_zoned_datetime(TimeZone::system()))
        .and_then(|at| {
            let (year, month, day) = (at.year().try_into().ok()?, at.month() as u8, at.day() as u8);
            let (hour, minute, second) = (at.hour() as u8, at.minute() as u8, at.second() as u8);
            DateTime::from_date_and_time(year, month, day, hour, minute, second).ok()
        })
        .unwrap_or_default()
}

fn copy(from: impl Read, to: &mut impl Write, stop: &Stop) -> io::Result<u64> {
    let mut from = from;
    let mut copied = 0;
    loop {
        stop.check()?;
        let step = io::copy(&mut from.by_ref().take(STEP), to)?;
        copied += step;
        if step == 0 {
            return Ok(copied);
        }
    }
}

/// Unpacks an archive into a folder under the name `hidden` beside `target` and makes it durable;
/// gives how many links were left out.
pub(super) fn unpack(
    archive: File,
    target: &Spot,
    hidden: &OsStr,
    stop: &Stop,
) -> Result<(Staged, usize), ArchiveError> {
    let mut archive = ZipArchive::new(BufReader::new(archive))?;
    let staged = Staged::beside(target, hidden)?;
    staged.spot().make_folder(0o777)?;
    let room = room_at(&staged.spot().handle())?;
    if archive.len() > ENTRY_LIMIT {
        return Err(ArchiveError::TooLarge);
    }
    let (mut written, mut links) = (0u64, 0);
    for index in 0..archive.len() {
        stop.check()?;
        let mut entry = archive.by_index(index)?;
        let name = entry
            .name()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        if entry.encrypted() {
            return Err(ArchiveError::Locked);
        }
        let Some(inside) = entry
            .enclosed_name()
            .filter(|path| is_inside(path.as_path()))
        else {
            return Err(ArchiveError::Escapes(name));
        };
        if entry.is_symlink() {
            links += 1;
            continue;
        }
        let path = staged.spot().handle().join(&inside);
        if entry.is_dir() {
            fs::create_dir_all(&path)?;
            continue;
        }
        let mode = entry.unix_mode();
        let modified = entry.last_modified();
        // The size that an entry declares may be a lie: what is really written counts.
        let left = room.saturating_sub(written);
        let limited = entry.by_ref().take(left.saturating_add(1));
        written += write_file(&path, limited, mode, modified, stop)?;
        if written > room {
            return Err(ArchiveError::TooLarge);
        }
    }
    staged.sync()?;
    Ok((staged, links))
}

fn write_file(
    path: &Path,
    content: impl Read,
    mode: Option<u32>,
    modified: Option<DateTime>,
    stop: &Stop,
) -> Result<u64, ArchiveError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ArchiveError::Broken("a name occurs twice".to_owned()),
        _ => ArchiveError::Io(error),
    })?;
    let written = copy(content, &mut file, stop)?;
    if let Some(mode) = mode {
        file.set_permissions(fs::Permissions::from_mode((mode & 0o777) | 0o600))?;
    }
    if let Some(modified) = modified.and_then(instant) {
        file.set_modified(modified)?;
    }
    Ok(written)
}

fn instant(at: DateTime) -> Option<std::time::SystemTime> {
    let (month, day) = (at.month() as i8, at.day() as i8);
    let (hour, minute, second) = (at.hour() as i8, at.minute() as i8, at.second() as i8);
    let civil = jiff::civil::DateTime::new(at.year() as i16, month, day, hour, minute, second, 0);
    let zoned = civil.ok()?.to_zoned_datetime(TimeZone::system()).ok()?;
    zoned.timestamp().try_into().ok()
}

fn is_inside(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

/// The bytes that may still be written, less a reserve so that the disk does not end full.
fn room_at(path: &Path) -> io::Result<u64> {
    let space = rustix::fs::statvfs(path)?;
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    Ok(free.saturating_sub(64 << 20).max(free / 2))
}
