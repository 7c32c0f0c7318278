//! `lucid plugin new`: a plugin that works at once.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use functions::{
    Places,
    plugins::{MANIFEST, PluginError, is_name, is_taken},
    trial::FILE,
};

use super::explain;
use crate::exit::Failure;

/// What stands for the plugin's name in the files.
const PLACEHOLDER: &str = "plugin_name";

/// What does the work of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Calls over D-Bus.
    Dbus,
    /// A program of its own, in a sandbox.
    Mcp,
    /// Programs that are installed.
    Command,
}

impl Kind {
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Kind::Dbus => &[
                (MANIFEST, include_str!("../../data/new/dbus/plugin.toml")),
                (FILE, include_str!("../../data/new/dbus/tests.toml")),
            ],
            Kind::Command => &[
                (MANIFEST, include_str!("../../data/new/command/plugin.toml")),
                (FILE, include_str!("../../data/new/command/tests.toml")),
            ],
            Kind::Mcp => &[
                (MANIFEST, include_str!("../../data/new/mcp/plugin.toml")),
                (FILE, include_str!("../../data/new/mcp/tests.toml")),
                ("server.py", include_str!("../../data/new/mcp/server.py")),
                (
                    "lucid_plugin.py",
                    include_str!("../../../../plugins/sdk/python/lucid_plugin.py"),
                ),
            ],
        }
    }
}

/// Writes a plugin called `id` into a folder of that name, in `folder` or here. Nothing is written over.
///
/// # Errors
///
/// When it cannot be called so, or something is there already or cannot be written.
pub(super) fn make(kind: Kind, id: &str, folder: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if !is_name(id) {
        return Err(explain(PluginError::Name(id.to_owned())));
    }
    if is_taken(id, &Places::from_environment()) {
        return Err(Failure::failed("plugin-taken", &[("plugin", id)]).into());
    }
    let made = folder.unwrap_or_default().join(id);
    let failed = |path: &Path, reason: std::io::Error| -> anyhow::Error {
        let path = path.display().to_string();
        let reason = reason.to_string();
        Failure::failed("cli-unwritable", &[("path", &path), ("reason", &reason)]).into()
    };
    if let Some(parent) = made.parent() {
        fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
    }
    match fs::create_dir(&made) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let folder = made.display().to_string();
            return Err(Failure::failed("plugin-exists", &[("folder", &folder)]).into());
        }
        created => created.map_err(|error| failed(&made, error))?,
    }
    for (name, text) in kind.files() {
        let path = made.join(name);
        let written = fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(text.replace(PLACEHOLDER, id).as_bytes()));
        written.map_err(|error| failed(&path, error))?;
    }
    Ok(made)
}
