//! Copies of files and trees, with mode, times, owner and extended attributes.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    os::{
        fd::{AsFd, AsRawFd},
        unix::fs::{FileTypeExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
};

use super::{
    beneath::Spot,
    blocking::{Stop, in_place},
};

/// How much is copied between two looks at whether to stop.
const STEP: u64 = 16 << 20;

/// Something complete but still under a hidden name of its own beside its target; removed unless it is placed.
#[derive(Debug)]
pub(super) struct Staged {
    spot: Spot,
    placed: bool,
}

impl Staged {
    /// Takes the hidden name `name` of [`hidden_name`] beside `target`.
    pub(super) fn beside(target: &Spot, name: &OsStr) -> io::Result<Staged> {
        Ok(Staged {
            spot: target.sibling(name)?,
            placed: false,
        })
    }

    /// Returns the place to prepare.
    pub(super) fn spot(&self) -> &Spot {
        &self.spot
    }

    /// Makes the content durable; this may take as long as the disk is busy.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.spot.sync_tree()
    }

    /// Gives the content, which was made durable, its name, never over anything.
    pub(super) fn place(mut self, target: &Spot) -> io::Result<()> {
        in_place(|| self.spot.rename(target))?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.placed
            && !self.spot.is_free()
            && let Err(error) = self.spot.remove_tree()
        {
            tracing::warn!(path = %self.spot.path().display(), %error, "a half copy could not be removed");
        }
    }
}

/// What every hidden name begins with.
const HIDDEN: &str = ".lucid-";
/// Hexadecimal digits behind it.
const DIGITS: usize = 16;

/// Chooses a hidden name that nobody can have foreseen.
pub(super) fn hidden_name() -> io::Result<String> {
    let mut bytes = [0u8; DIGITS / 2];
    let mut random = File::open("/dev/urandom")?;
    random.read_exact(&mut bytes)?;
    Ok(format!("{HIDDEN}{}", hex::encode(bytes)))
}

/// Tells whether `name` is one of [`hidden_name`].
pub(super) fn is_hidden_name(name: &str) -> bool {
    let digits = name.strip_prefix(HIDDEN);
    digits.is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Copies what is at `source` to the hidden name `name` beside `target`, and makes it durable.
pub(super) fn stage(source: &Spot, target: &Spot, name: &OsStr, stop: &Stop) -> io::Result<Staged> {
    let staged = Staged::beside(target, name)?;
    replicate(&source.handle(), &staged.spot.handle(), stop)?;
    staged.sync()?;
    Ok(staged)
}

/// Copies a file, link or tree to a path where nothing is. Links are copied as links.
fn replicate(source: &Path, target: &Path, stop: &Stop) -> io::Result<()> {
    stop.check()?;
    let metadata = source.symlink_metadata()?;
    let kind = metadata.file_type();
    if kind.is_symlink() {
        link(source, target, &metadata)
    } else if kind.is_dir() {
        folder(source, target, stop)
    } else if kind.is_file() {
        file(source, target, stop)
    } else {
        debug_assert!(
            kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device()
        );
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it is neither a file, a folder nor a link",
        ))
    }
}

fn link(source: &Path, target: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(source)?, target)?;
    let times = times(metadata);
    rustix::fs::utimensat(rustix::fs::CWD, target, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

fn file(source: &Path, target: &Path, stop: &Stop) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let from = File::from(rustix::fs::open(source, flags, Mode::empty())?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut to = File::from(rustix::fs::open(target, flags, Mode::from_raw_mode(0o600))?);
    loop {
        stop.check()?;
        if io::copy(&mut (&from).take(STEP), &mut to)? == 0 {
            break;
        }
    }
    let metadata = from.metadata()?;
    attributes(&from, &to)?;
    ownership(&to, &metadata)?;
    rustix::fs::futimens(&to, &times(&metadata))?;
    Ok(())
}

fn folder(source: &Path, target: &Path, stop: &Stop) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let from = File::from(rustix::fs::open(source, flags, Mode::empty())?);
    rustix::fs::mkdir(target, Mode::from_raw_mode(0o700))?;
    let to = File::from(rustix::fs::open(target, flags, Mode::empty())?);
    let (from_handle, to_handle) = (handle(&from), handle(&to));
    for entry in fs::read_dir(&from_handle)? {
        let name = entry?.file_name();
        replicate(&from_handle.join(&name), &to_handle.join(&name), stop)?;
    }
    let metadata = from.metadata()?;
    attributes(&from, &to)?;
    ownership(&to, &metadata)?;
    rustix::fs::futimens(&to, &times(&metadata))?;
    Ok(())
}

fn handle(folder: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()))
}

fn times(metadata: &fs::Metadata) -> Timestamps {
    let timespec = |seconds, nanoseconds: i64| Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds as _,
    };
    Timestamps {
        last_access: timespec(metadata.atime(), metadata.atime_nsec()),
        last_modification: timespec(metadata.mtime(), metadata.mtime_nsec()),
    }
}

/// Sets owner and mode. Only root may give files away, so another owner stays what it becomes.
fn ownership(to: &File, metadata: &fs::Metadata) -> io::Result<()> {
    let owner = (Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()));
    let made = to.metadata()?;
    let mut mode = metadata.mode() & 0o7777;
    if (made.uid(), made.gid()) != (metadata.uid(), metadata.gid())
        && rustix::fs::fchown(to, Some(owner.0), Some(owner.1)).is_err()
    {
        // Another person's set-user-id bit must not become ours.
        mode &= 0o1777;
    }
    rustix::fs::fchmod(to, Mode::from_raw_mode(mode))?;
    Ok(())
}

/// Copies extended attributes, as far as the other file system takes them.
fn attributes(from: impl AsFd, to: impl AsFd) -> io::Result<()> {
    let mut names = vec![0u8; 64 << 10];
    let length = match rustix::fs::flistxattr(&from, names.as_mut_slice()) {
        Ok(length) => length,
        Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for name in names[..length]
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let mut value = vec![0u8; 64 << 10];
        let length = match rustix::fs::fgetxattr(&from, name, value.as_mut_slice()) {
            Ok(length) => length,
            Err(Errno::NODATA | Errno::ACCESS | Errno::PERM | Errno::NOTSUP) => continue,
            Err(error) => return Err(error.into()),
        };
        match rustix::fs::fsetxattr(&to, name, &value[..length], XattrFlags::empty()) {
            Ok(()) | Err(Errno::NOTSUP | Errno::PERM | Errno::ACCESS | Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
