//! Plugins as folders: what one would do, and those that a person has installed.

pub mod index;

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use plan::Effect;
use protocol::text::Language;

use crate::{
    Access, Agreed, FunctionError, LoadError, Places, Record, Registry, World,
    manifest::{self, LocalText, Origin, Parsed},
    mcp::{
        MOST_BYTES, MOST_FILES, Trust, digest_of, digest_of_folder, digest_of_server,
        forget_change, record_of, record_path, too_much, write_record,
    },
    registry::load::server_of,
    signal::Signal,
};

/// The file that makes a folder a plugin.
pub const MANIFEST: &str = "plugin.toml";

/// What is wrong with a folder or an archive that should hold a plugin, or with the folder of plugins.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// It has no manifest.
    #[error("{0} holds no plugin.toml")]
    NoManifest(PathBuf),
    /// No plugin is called so.
    #[error("no plugin is called {0}")]
    Unknown(String),
    /// A word that no plugin can be called.
    #[error("`{0}` is no name of a plugin")]
    Name(String),
    /// The manifest has mistakes.
    #[error("the manifest has mistakes")]
    Mistakes(Vec<LoadError>),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A plugin as its folder describes it; none of its code was run.
#[derive(Debug)]
pub struct Plugin {
    /// Its folder.
    pub folder: PathBuf,
    /// Its id.
    pub id: String,
    /// What it does, in a line, in both languages.
    summary: Option<LocalText>,
    /// Its functions.
    pub functions: Vec<Described>,
    /// What its own server could reach; none where it has no server.
    pub access: Option<Access>,
    /// Programs that its functions run as the person, outside of any sandbox.
    pub programs: Vec<String>,
    /// Names of variables of the session that these get besides the usual ones.
    pub variables: Vec<String>,
    /// What is wrong.
    pub mistakes: Vec<LoadError>,
    /// Services on the bus that its functions call, and to which its signals listen.
    pub services: Vec<String>,
    /// What it listens to.
    pub signals: Vec<Signal>,
    /// The SHA-256 of its manifest.
    manifest: String,
    parsed: Parsed,
}

/// A function of a plugin, for a person who decides about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What it does, in English.
    pub summary: String,
    /// The same in Chinese.
    pub summary_zh: String,
    /// What it does to the world.
    pub effect: Effect,
    /// Its worked examples: the words and the plan.
    pub examples: Vec<(String, String)>,
}

/// The names in order, each once.
fn each_once(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<String>>().into_iter().collect()
}

impl Plugin {
    /// Reads the plugin in `folder`.
    ///
    /// # Errors
    ///
    /// Where there is none, or it cannot be read; mistakes of the manifest are in [`Plugin::mistakes`].
    pub fn read(folder: &Path) -> Result<Plugin, PluginError> {
        let folder = folder.canonicalize().map_err(|source| PluginError::File {
            path: folder.to_owned(),
            source,
        })?;
        let path = folder.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(PluginError::NoManifest(folder));
            }
            Err(source) => return Err(PluginError::File { path, source }),
        };
        let mut parsed = manifest::parse(&text, &path, Origin::Plugin);
        let mistakes = std::mem::take(&mut parsed.errors);
        let described = |(function, _): &(manifest::FunctionDeclaration, usize)| Described {
            name: function.name.to_string(),
            summary: function.summary.clone(),
            summary_zh: function.summary_zh.clone(),
            effect: function.effect,
            examples: function
                .examples()
                .into_iter()
                .map(|example| (example.request, example.plan))
                .collect(),
        };
        let functions = || parsed.functions.iter().map(|(function, _)| function);
        let commands = || functions().filter_map(|function| function.command.as_ref());
        let programs = commands().filter_map(|command| command.argv.first().cloned());
        let variables = commands().flat_map(|command| command.variables.iter().cloned());
        let signals = || parsed.signals.iter().map(|(signal, _)| signal);
        let called = functions().filter_map(|function| Some(function.dbus.as_ref()?.name.clone()));
        let heard = signals().map(|signal| signal.sender.clone());
        let (programs, variables) = (each_once(programs), each_once(variables));
        let services = each_once(called.chain(heard));
        let signals = signals().cloned().map(Signal::new).collect();
        Ok(Plugin {
            id: parsed.plugin.clone(),
            summary: parsed.summary.clone(),
            functions: parsed.functions.iter().map(described).collect(),
            access: parsed.server.as_ref().map(|server| server.access.clone()),
            programs,
            variables,
            services,
            signals,
            manifest: digest_of(&text),
            mistakes,
            parsed,
            folder,
        })
    }

    /// What it does, in a line.
    pub fn summary(&self, language: Language) -> &str {
        let summary = self.summary.as_ref();
        summary.map_or("", |summary| summary.in_language(language))
    }

    /// Starts its server in its sandbox, where it has one, and notes what installing it agrees to.
    ///
    /// # Errors
    ///
    /// When the server does not start, or lacks what the manifest calls.
    pub async fn agree(&self, world: &World) -> Result<Record, FunctionError> {
        let server = server_of(&self.parsed, &self.folder.join(MANIFEST), Trust::Unknown);
        Ok(Record {
            server: match server {
                Some(server) => Some(server.describe(world).await?),
                None => None,
            },
            ..self.record()
        })
    }

    /// Tells whether it is the one that a record agreed to: its manifest, and where it has a server all of its files, and its
    /// program.
    pub fn is_agreed(&self, record: &Record) -> bool {
        let has_agreed_files = |agreed: &Agreed| {
            self.digest_in(&self.folder)
                .is_ok_and(|digest| digest == agreed.files)
        };
        record.manifest == self.manifest && record.server.as_ref().is_none_or(has_agreed_files)
    }

    /// The digest of what would run if its files were those of `folder`.
    fn digest_in(&self, folder: &Path) -> io::Result<String> {
        let server = self.parsed.server.as_ref();
        digest_of_server(folder, server.map_or(&[], |server| &server.argv))
    }

    /// What installing a plugin agrees to that has no server of its own.
    pub fn record(&self) -> Record {
        Record {
            manifest: self.manifest.clone(),
            ..Record::default()
        }
    }
}

/// The folder of the plugins that a person added.
#[derive(Debug, Clone)]
pub struct Installed {
    folder: PathBuf,
}

impl Installed {
    /// That of the person whose data is kept in `data` (`$XDG_DATA_HOME`).
    pub fn in_data(data: &Path) -> Installed {
        Installed::at(data.join("lucid/plugins"))
    }

    /// Those in another folder.
    pub fn at(folder: PathBuf) -> Installed {
        Installed { folder }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the ids of all, in order.
    pub fn ids(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut ids: Vec<String> = entries
            .filter(|entry| entry.path().join(MANIFEST).is_file())
            .filter(|entry| entry.file_name().to_str().is_some_and(is_name))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        ids.sort();
        ids
    }

    /// Returns the folder of one.
    ///
    /// # Errors
    ///
    /// Where there is none of that id.
    pub fn folder_of(&self, id: &str) -> Result<PathBuf, PluginError> {
        let folder = self.folder.join(named(id)?);
        if folder.join(MANIFEST).is_file() {
            Ok(folder)
        } else {
            Err(PluginError::Unknown(id.to_owned()))
        }
    }

    /// Returns what is kept about one: none where it was only put there.
    ///
    /// # Errors
    ///
    /// Where there is none of that id, or the record cannot be read.
    pub fn record(&self, id: &str) -> Result<Option<Record>, PluginError> {
        let folder = self.folder_of(id)?;
        record_of(&folder).map_err(|reason| PluginError::File {
            path: folder,
            source: io::Error::new(io::ErrorKind::InvalidData, reason),
        })
    }

    /// Puts a plugin here, in the place of an older one, with what was agreed.
    ///
    /// # Errors
    ///
    /// When a file cannot be copied or written, or is not what was agreed to any more. The older one stays then.
    pub fn install(&self, plugin: &Plugin, record: &Record) -> Result<(), PluginError> {
        if !plugin.mistakes.is_empty() {
            return Err(PluginError::Mistakes(plugin.mistakes.clone()));
        }
        let to = self.folder.join(named(&plugin.id)?);
        let failed = |source| PluginError::File {
            path: to.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        if to.canonicalize().ok().as_ref() != Some(&plugin.folder) {
            let part = tempfile::Builder::new()
                .prefix(".part-")
                .tempdir_in(&self.folder)
                .map_err(failed)?;
            let copy = part.path().join(&plugin.id);
            copy_folder(&plugin.folder, &copy).map_err(failed)?;
            if let Some(agreed) = &record.server
                && plugin.digest_in(&copy).map_err(failed)? != agreed.files
            {
                let reason = "its files were changed while it was installed";
                return Err(failed(io::Error::new(io::ErrorKind::InvalidData, reason)));
            }
            let old = part.path().join(".old");
            let had_one = match fs::rename(&to, &old) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                renamed => renamed.map(|()| true).map_err(failed)?,
            };
            if let Err(error) = fs::rename(&copy, &to) {
                if had_one {
                    fs::rename(&old, &to).map_err(failed)?;
                }
                return Err(failed(error));
            }
        }
        forget_change(&to);
        // Behind the files: until it is there, nothing of them is used.
        self.write_record(&plugin.id, record)
    }

    /// Puts a link to an author's own folder here, until it is removed. Nothing of it runs before
    /// [`Installed::install`].
    ///
    /// # Errors
    ///
    /// When something of that id is here, or the link cannot be written.
    pub fn link(&self, plugin: &Plugin) -> Result<(), PluginError> {
        let to = self.folder.join(named(&plugin.id)?);
        let failed = |source| PluginError::File {
            path: to.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        // One that was left behind leads to the same folder.
        if fs::read_link(&to).is_ok_and(|leads| leads == plugin.folder) {
            return Ok(());
        }
        std::os::unix::fs::symlink(&plugin.folder, &to).map_err(failed)
    }

    /// Switches one off or on, without removing it.
    ///
    /// # Errors
    ///
    /// Where there is none of that id, or its record cannot be read or written.
    pub fn set_disabled(&self, id: &str, disabled: bool) -> Result<(), PluginError> {
        let record = Record {
            disabled,
            ..self.record(id)?.unwrap_or_default()
        };
        self.write_record(id, &record)
    }

    /// Removes one. What it kept for itself stays, in `lucid/plugin-data`.
    ///
    /// # Errors
    ///
    /// Where there is none of that id, or it cannot be removed.
    pub fn remove(&self, id: &str) -> Result<(), PluginError> {
        let folder = self.folder.join(named(id)?);
        let failed = |source| PluginError::File {
            path: folder.clone(),
            source,
        };
        if fs::symlink_metadata(&folder).is_err() {
            return Err(PluginError::Unknown(id.to_owned()));
        }
        // A link to an author's own folder is removed, and not what it leads to.
        if fs::symlink_metadata(&folder).map_err(failed)?.is_symlink() {
            fs::remove_file(&folder).map_err(failed)?;
        } else {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        forget_change(&folder);
        let record = record_path(&folder);
        match record.map_or(Ok(()), fs::remove_file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    fn write_record(&self, id: &str, record: &Record) -> Result<(), PluginError> {
        let folder = self.folder.join(named(id)?);
        write_record(&folder, record).map_err(|source| PluginError::File {
            path: folder,
            source,
        })
    }
}

/// Packs a plugin into a zip archive: its folder, by its id, with everything in it but links, `.git` and `__pycache__`.
///
/// # Errors
///
/// When the manifest has mistakes, or a file cannot be read or written.
pub fn pack(plugin: &Plugin, archive: &Path) -> Result<(), PluginError> {
    if !plugin.mistakes.is_empty() {
        return Err(PluginError::Mistakes(plugin.mistakes.clone()));
    }
    let failed = |source| PluginError::File {
        path: archive.to_owned(),
        source,
    };
    // A plugin that is larger than one may be is refused here already.
    digest_of_folder(&plugin.folder).map_err(failed)?;
    // Elsewhere, so that the archive is not a part of itself.
    let part = tempfile::NamedTempFile::new().map_err(failed)?;
    let mut writer = zip::ZipWriter::new(part.as_file().try_clone().map_err(failed)?);
    pack_folder(&plugin.folder, &plugin.id, archive, &mut writer).map_err(failed)?;
    writer.finish().map_err(|error| failed(error.into()))?;
    // Not its permissions: an archive is for others to read.
    let mut written = fs::File::open(part.path()).map_err(failed)?;
    let mut to = fs::File::create(archive).map_err(failed)?;
    io::copy(&mut written, &mut to).map(|_| ()).map_err(failed)
}

fn pack_folder(
    folder: &Path,
    name: &str,
    archive: &Path,
    writer: &mut zip::ZipWriter<fs::File>,
) -> io::Result<()> {
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, file_name) = (entry.path(), entry.file_name());
        // An archive of before, and what belongs to an author's tools.
        let is_archive = path.canonicalize().ok() == archive.canonicalize().ok();
        let is_left_out = [".git", "__pycache__"]
            .iter()
            .any(|name| *file_name == **name);
        if (archive.exists() && is_archive) || is_left_out {
            continue;
        }
        let name = format!("{name}/{}", file_name.to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            pack_folder(&path, &name, archive, writer)?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode();
            let options = zip::write::SimpleFileOptions::default().unix_permissions(mode & 0o755);
            writer.start_file(name, options)?;
            io::copy(&mut fs::File::open(&path)?, writer)?;
        }
    }
    Ok(())
}

/// Unpacks an archive that holds one plugin into `folder`, and returns the plugin's own folder.
///
/// # Errors
///
/// When it cannot be read, holds something else, or would write elsewhere or more than a plugin may have.
pub fn unpack(archive: &Path, folder: &Path) -> Result<PathBuf, PluginError> {
    let failed = |source| PluginError::File {
        path: archive.to_owned(),
        source,
    };
    let wrong = |reason: &str| {
        failed(io::Error::new(
            io::ErrorKind::InvalidData,
            reason.to_owned(),
        ))
    };
    let file = fs::File::open(archive).map_err(failed)?;
    let mut zip =
        zip::ZipArchive::new(io::BufReader::new(file)).map_err(|error| failed(error.into()))?;
    if zip.len() > MOST_FILES {
        return Err(failed(too_much()));
    }
    let (mut left, mut root) = (MOST_BYTES, None);
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| failed(error.into()))?;
        let name = entry
            .enclosed_name()
            .ok_or_else(|| wrong("a name in it leads elsewhere"))?;
        let first = name
            .components()
            .next()
            .map(|first| first.as_os_str().to_owned());
        let root = root.get_or_insert_with(|| first.clone());
        if *root != first {
            return Err(wrong("it holds more than one folder"));
        }
        let path = folder.join(&name);
        if name.components().count() < 2 && !entry.is_dir() {
            return Err(wrong("a file in it is in no folder"));
        }
        if entry.is_dir() {
            fs::create_dir_all(&path).map_err(failed)?;
            continue;
        }
        if !entry.is_file() {
            return Err(wrong(
                "it holds something that is neither a file nor a folder",
            ));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o755 | 0o600;
        let mut to = fs::File::create_new(&path).map_err(failed)?;
        // What an archive says about sizes is not believed.
        let copied =
            io::copy(&mut io::Read::take(&mut entry, left + 1), &mut to).map_err(failed)?;
        left = left.checked_sub(copied).ok_or_else(|| failed(too_much()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    match root.flatten() {
        Some(root) => Ok(folder.join(root)),
        None => Err(wrong("it is empty")),
    }
}

/// The folders of the plugins that came with Lucid: that of `$LUCID_PLUGINS`, else `lucid/plugins` beneath each folder of
/// data.
pub fn own_folders(places: &Places) -> Vec<PathBuf> {
    match std::env::var_os("LUCID_PLUGINS") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => places
            .data_dirs
            .iter()
            .map(|folder| folder.join("lucid/plugins"))
            .collect(),
    }
}

/// Where the server of a plugin complains: what it wrote to its standard error since it was started last, as far as
/// there is room.
pub fn complaints_path(id: &str, places: &Places) -> PathBuf {
    places.state.join("lucid/plugins").join(format!("{id}.log"))
}

/// Tells whether functions of Lucid itself begin with the name: no plugin can be called so.
pub fn is_taken(id: &str, places: &Places) -> bool {
    let own = own_folders(places);
    let own: Vec<&Path> = own.iter().map(PathBuf::as_path).collect();
    Registry::load(&own, &[]).0.has_own(id)
}

/// Tells whether a plugin can be called so: its functions, and its folder, bear the name.
pub fn is_name(id: &str) -> bool {
    const LONGEST: usize = 40;
    let is_first = |c: char| c.is_ascii_lowercase();
    let is_later = |c: char| is_first(c) || c.is_ascii_digit() || c == '_';
    id.starts_with(is_first) && id.chars().all(is_later) && id.len() <= LONGEST
}

fn named(id: &str) -> Result<&str, PluginError> {
    is_name(id)
        .then_some(id)
        .ok_or_else(|| PluginError::Name(id.to_owned()))
}

/// Copies files, folders and links; a link stays one.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        } else {
            let reason = format!("{} is neither a file nor a folder", source.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
    }
    Ok(())
}
