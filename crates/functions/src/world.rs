//! What functions act on: buses, places, the clock, the reader.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use protocol::text::Language;

use crate::Registry;

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
    /// What can be called.
    pub known: Known,
}

/// The registry as it is just now, the same for everybody who shares it: apps and plugins come and go. Without one
/// nothing is known.
#[derive(Clone)]
pub struct Known(Arc<RwLock<Arc<Registry>>>);

impl Known {
    /// Shares a registry.
    pub fn new(registry: Registry) -> Known {
        Known(Arc::new(RwLock::new(Arc::new(registry))))
    }

    /// Returns what is known just now.
    pub fn registry(&self) -> Arc<Registry> {
        let registry = self.0.read().unwrap_or_else(PoisonError::into_inner);
        registry.clone()
    }

    /// Puts what `change` makes of what is known in its place; nobody else changes it meanwhile.
    pub fn change(&self, change: impl FnOnce(&Registry) -> Registry) {
        let mut registry = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&registry);
        *registry = Arc::new(changed);
    }
}

impl Default for Known {
    fn default() -> Known {
        Known::new(Registry::of_signatures([]))
    }
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
    /// The address of the session bus.
    pub bus: Option<String>,
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
            bus: std::env::var("DBUS_SESSION_BUS_ADDRESS")
                .ok()
                .filter(|address| !address.is_empty())
                .or_else(|| {
                    let socket = absolute("XDG_RUNTIME_DIR")?.join("bus");
                    Some(format!("unix:path={}", socket.display()))
                }),
            runtime: absolute("XDG_RUNTIME_DIR"),
            home,
        }
    }
}

/// A model call without functions: it reads data and gives text, which is untrusted for ever.
#[async_trait]
pub trait Reader: Send + Sync {
    /// How many characters of a text it reads at most.
    fn most(&self) -> usize;

    /// Answers `instruction` about `material`, of which it reads the beginning where that is longer than it can read.
    ///
    /// # Errors
    ///
    /// [`crate::FunctionError`] when no model is there or it fails.
    async fn read(
        &self,
        instruction: &str,
        material: &str,
        language: Language,
    ) -> Result<ReaderAnswer, crate::FunctionError>;
}

/// What a [`Reader`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderAnswer {
    /// Its words.
    pub text: String,
    /// How many characters of the material they are about.
    pub read: usize,
}

/// A live name that an argument of type `live(source)` or `app` can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveValue {
    /// What the call carries.
    pub id: String,
    /// What a person calls it; several are allowed (translations, generic names).
    pub names: Vec<String>,
}
