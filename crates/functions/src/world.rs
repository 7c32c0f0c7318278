//! What functions act on: buses, places, the clock, the reader.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use protocol::text::Language;

/// Everything outside that functions touch. Cheap to clone; one per turn, since the language is the turn's.
#[derive(Clone)]
pub struct World {
    /// The session bus, when there is one.
    pub session_bus: Option<zbus::Connection>,
    /// The system bus, when there is one.
    pub system_bus: Option<zbus::Connection>,
    /// Folders.
    pub places: Arc<Places>,
    /// The language of sentences.
    pub language: Language,
    /// The reader, when a model is there.
    pub reader: Option<Arc<dyn Reader>>,
}

/// The folders of this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `$HOME`.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME`.
    pub config: PathBuf,
    /// `$XDG_CACHE_HOME`.
    pub cache: PathBuf,
    /// `$XDG_STATE_HOME`.
    pub state: PathBuf,
    /// `$XDG_DATA_HOME`.
    pub data: PathBuf,
    /// `$XDG_DATA_DIRS`, in order.
    pub data_dirs: Vec<PathBuf>,
    /// `$XDG_RUNTIME_DIR`.
    pub runtime: Option<PathBuf>,
}

impl Places {
    /// Reads them from the environment, with the defaults of the XDG base directory specification 0.8.
    pub fn from_environment() -> Places {
        let absolute = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = absolute("HOME").unwrap_or_else(|| PathBuf::from("/"));
        let data_dirs = std::env::var("XDG_DATA_DIRS").unwrap_or_default();
        let data_dirs = if data_dirs.is_empty() {
            "/usr/local/share:/usr/share".to_owned()
        } else {
            data_dirs
        };
        Places {
            config: absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
            cache: absolute("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")),
            state: absolute("XDG_STATE_HOME").unwrap_or_else(|| home.join(".local/state")),
            data: absolute("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            data_dirs: data_dirs
                .split(':')
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .collect(),
            runtime: absolute("XDG_RUNTIME_DIR"),
            home,
        }
    }
}

/// A model call without functions: it reads data and gives text, which is untrusted for ever.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Answers `instruction` about `material`.
    ///
    /// # Errors
    ///
    /// [`crate::FunctionError`] when no model is there or it fails.
    async fn read(
        &self,
        instruction: &str,
        material: &str,
        language: Language,
    ) -> Result<String, crate::FunctionError>;
}

/// A live name that an argument of type `live(source)` or `app` can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveValue {
    /// What the call carries.
    pub id: String,
    /// What a person calls it; several are allowed (translations, generic names).
    pub names: Vec<String>,
}
