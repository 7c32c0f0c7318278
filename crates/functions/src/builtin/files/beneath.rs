//! One name in an open folder: acts cannot be led elsewhere by a link that is swapped in.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{self, AtFlags, Mode, OFlags, RenameFlags, ResolveFlags},
    io::Errno,
};

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// More files than this are not flushed one by one.
const SYNC_ONE_BY_ONE: usize = 64;

/// A name in an open folder. There need not be anything of that name.
#[derive(Debug)]
pub(super) struct Spot {
    folder: OwnedFd,
    name: OsString,
    path: PathBuf,
}

impl Spot {
    /// Opens the folder of `path`, which must not have a link in it, without following any.
    pub(super) fn open(path: &Path) -> io::Result<Spot> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        Ok(Spot {
            folder: open_folder(parent)?,
            name: name.to_owned(),
            path: path.to_owned(),
        })
    }

    /// Returns the whole path, for sentences and the journal.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a path that leads through the open folder, whatever has become of its name since (proc(5), `/proc/pid/fd`).
    pub(super) fn handle(&self) -> PathBuf {
        self.handle_of(&self.name)
    }

    fn handle_of(&self, name: &OsStr) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd())).join(name)
    }

    /// Returns another name in the same folder.
    pub(super) fn sibling(&self, name: &OsStr) -> io::Result<Spot> {
        Ok(Spot {
            folder: self.folder.try_clone()?,
            name: name.to_owned(),
            path: self.path.with_file_name(name),
        })
    }

    /// Reads what is there, not following a link.
    pub(super) fn stat(&self) -> io::Result<fs::Stat> {
        Ok(fs::statat(
            &self.folder,
            &self.name,
            AtFlags::SYMLINK_NOFOLLOW,
        )?)
    }

    /// Tells whether nothing is there.
    pub(super) fn is_free(&self) -> bool {
        matches!(self.stat(), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Returns what [`crate::fingerprint`] gives for the path, read through the open folder.
    pub(super) fn fingerprint(&self) -> io::Result<String> {
        crate::fingerprint(&self.handle())
    }

    /// Renames this to `target`, never over anything. Gives EXDEV as it is.
    pub(super) fn rename(&self, target: &Spot) -> io::Result<()> {
        let flags = RenameFlags::NOREPLACE;
        match fs::renameat_with(
            &self.folder,
            &self.name,
            &target.folder,
            &target.name,
            flags,
        ) {
            // A few file systems do not know the flag; between the look and the act there a name could appear.
            Err(Errno::INVAL | Errno::NOSYS) if target.is_free() => {
                fs::renameat(&self.folder, &self.name, &target.folder, &target.name)?;
            }
            Err(Errno::INVAL | Errno::NOSYS) if target.stat().is_ok() => {
                return Err(Errno::EXIST.into());
            }
            result => result?,
        }
        target.sync_folder()?;
        self.sync_folder()
    }

    /// Makes the names in the folder durable.
    pub(super) fn sync_folder(&self) -> io::Result<()> {
        match fs::fsync(&self.folder) {
            // Some network file systems cannot.
            Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            result => Ok(result?),
        }
    }

    /// Makes what is here durable, with everything in it.
    ///
    /// Few files are flushed one by one; for many, flushing the whole file system is quicker.
    pub(super) fn sync_tree(&self) -> io::Result<()> {
        let mut budget = SYNC_ONE_BY_ONE;
        if sync_beneath(&self.handle(), &mut budget)? {
            return Ok(());
        }
        Ok(fs::syncfs(&self.folder)?)
    }

    /// Makes a folder here that did not exist.
    pub(super) fn make_folder(&self, mode: u32) -> io::Result<()> {
        Ok(fs::mkdirat(
            &self.folder,
            &self.name,
            Mode::from_raw_mode(mode),
        )?)
    }

    /// Makes a file here that did not exist and opens it for writing.
    pub(super) fn create(&self, mode: u32) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&self.folder, &self.name, flags, Mode::from_raw_mode(mode))?;
        Ok(fd.into())
    }

    /// Opens the file here for reading; a link is not followed.
    pub(super) fn open_file(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = fs::openat(&self.folder, &self.name, flags, Mode::empty())?;
        Ok(fd.into())
    }

    /// Removes the file here.
    pub(super) fn unlink(&self) -> io::Result<()> {
        Ok(fs::unlinkat(&self.folder, &self.name, AtFlags::empty())?)
    }

    /// Removes whatever is here, with everything in it; links are removed, not followed.
    pub(super) fn remove_tree(&self) -> io::Result<()> {
        let stat = self.stat()?;
        if fs::FileType::from_raw_mode(stat.st_mode) == fs::FileType::Directory {
            std::fs::remove_dir_all(self.handle())
        } else {
            self.unlink()
        }
    }
}

/// Flushes files and folders one by one; tells whether there were few enough.
fn sync_beneath(path: &Path, budget: &mut usize) -> io::Result<bool> {
    let metadata = path.symlink_metadata()?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            if !sync_beneath(&entry?.path(), budget)? {
                return Ok(false);
            }
        }
    } else if !metadata.is_file() {
        return Ok(true);
    }
    *budget = budget.saturating_sub(1);
    if *budget == 0 {
        return Ok(false);
    }
    match File::open(path) {
        Ok(file) => file.sync_all().map(|()| true),
        // A copy may be of a file that its owner may not read; the whole file system is flushed then.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens a folder by a path without links, following none.
fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match fs::openat2(fs::CWD, path, FOLDER, Mode::empty(), flags) {
        // Linux before 5.6, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_step_by_step(path),
        result => Ok(result?),
    }
}

fn open_step_by_step(path: &Path) -> io::Result<OwnedFd> {
    let mut folder = fs::open("/", FOLDER, Mode::empty())?;
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => {
                let flags = FOLDER | OFlags::NOFOLLOW;
                folder = fs::openat(folder.as_fd(), name, flags, Mode::empty())?;
            }
            Component::ParentDir | Component::Prefix(_) => {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_on_the_way_is_refused_both_ways() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("real/inner")).unwrap();
        std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
        assert!(open_folder(&base.join("real/inner")).is_ok());
        assert!(open_step_by_step(&base.join("real/inner")).is_ok());
        assert!(open_folder(&base.join("link/inner")).is_err());
        assert!(open_step_by_step(&base.join("link/inner")).is_err());
        assert!(Spot::open(&base.join("link/inner/x")).is_err());
    }

    #[test]
    fn renaming_never_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::write(base.join("a"), "a").unwrap();
        std::fs::write(base.join("b"), "b").unwrap();
        let spot = |name: &str| Spot::open(&base.join(name)).unwrap();
        let error = spot("a").rename(&spot("b")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        spot("a").rename(&spot("c")).unwrap();
        assert_eq!(std::fs::read(base.join("b")).unwrap(), b"b");
        assert_eq!(std::fs::read(base.join("c")).unwrap(), b"a");
    }
}
