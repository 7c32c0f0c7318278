//! The kernel as a whole.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use functions::{AppAccess, Function, Known, Places, Reader, Registry, World};
use journal::JournalError;
use plan::FunctionName;
use planner::{KeptVectors, Planner};
use policy::Rules;
use protocol::text::Language;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    before::Before,
    consent::Broker,
    launcher::Launcher,
    ledger::Ledger,
    models::Models,
    overlay::Overlay,
    panels::Panels,
    plugins::Plugins,
    reader::{ModelReader, Reading},
    settings::{BudgetSettings, DelegationSettings, Limits, Settings},
    surroundings::Snapshot,
    turns::{Announcement, Turns},
};

/// How long plugins that are loaded anew wait for what their functions mean.
const TAUGHT: Duration = Duration::from_secs(2);
/// How far learning stands back.
const NICENESS: i32 = 10;

/// How long utterances and events of finished turns are kept, unless the person erases them before.
const HISTORY_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a request that names an app waits for the first look at what apps offer.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// The setting that names the capsule made last.
const CAPSULE: &str = "capsule";

/// What the kernel is made from.
pub struct Setup {
    /// Folders of the person.
    pub places: Places,
    /// Folders with the plugins that came with Lucid.
    pub own_plugins: Vec<PathBuf>,
    /// The folder with the plugins that the person added.
    pub added_plugins: PathBuf,
    /// The session bus, when there is one.
    pub session_bus: Option<zbus::Connection>,
    /// The system bus, when there is one.
    pub system_bus: Option<zbus::Connection>,
    /// A file that answers in the place of a model, for tests.
    pub scripted: Option<PathBuf>,
}

/// Why the kernel did not start.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// The journal cannot be used; without it nothing may act.
    #[error("the journal {path} cannot be used")]
    Journal {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: JournalError,
    },
    /// A folder cannot be made.
    #[error("the folder {path} cannot be made")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another kernel uses the journal.
    #[error("another kernel is running")]
    Running,
    /// The script in the place of a model cannot be read.
    #[error("the script {path} cannot be read: {reason}")]
    Script {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// All state and all authority of Lucid.
pub struct Kernel {
    /// How often it was told what apps offer: first what menu entries do, then what running apps do too.
    offers_told: watch::Sender<u32>,
    /// Another one as soon as plugins change.
    planner: RwLock<Arc<Planner>>,
    pub(crate) plugins: Plugins,
    pub(crate) rules: Rules,
    /// Whether the person's rules could not be read, so that everything but reading is denied.
    pub(crate) rules_are_broken: bool,
    pub(crate) ledger: Ledger,
    pub(crate) turns: Turns,
    pub(crate) before: Before,
    pub(crate) broker: Arc<Broker>,
    pub(crate) models: Arc<Models>,
    pub(crate) panels: Panels,
    pub(crate) overlay: Overlay,
    pub(crate) launcher: Launcher,
    pub(crate) world: World,
    pub(crate) snapshot: Snapshot,
    /// What a model may spend on one request.
    pub(crate) budget: BudgetSettings,
    /// Which other models may be asked.
    pub(crate) delegation: DelegationSettings,
    /// What is asked of apps.
    pub(crate) access: AppAccess,
    /// Why the person's settings could not be read, if they could not.
    pub(crate) settings_error: Option<String>,
    /// Locked for as long as this kernel lives; the system unlocks it however it dies.
    _lock: File,
}

impl Kernel {
    /// Puts the kernel together. Announcements of turns go to `announce`.
    ///
    /// # Errors
    ///
    /// [`KernelError`]; nothing acts without a journal.
    pub fn new(
        setup: Setup,
        announce: mpsc::UnboundedSender<Announcement>,
    ) -> Result<Arc<Kernel>, KernelError> {
        let places = Arc::new(setup.places);
        let state = places.state.join("lucid");
        std::fs::create_dir_all(&state).map_err(|source| KernelError::Folder {
            path: state.clone(),
            source,
        })?;
        let lock = lock(&state)?;
        let path = state.join("journal.sqlite");
        let ledger = Ledger::open(&path).map_err(|source| KernelError::Journal { path, source })?;
        let plugins = Plugins::new(setup.own_plugins, setup.added_plugins);
        let registry = plugins.load();
        let rules = rules(&places);
        let (settings, settings_error) = settings(&places);
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let models = Arc::new(Models::new(
            setup.scripted.as_deref(),
            settings.engine,
            setup.session_bus.clone(),
        )?);
        let world = World {
            session_bus: setup.session_bus,
            system_bus: setup.system_bus,
            places: places.clone(),
            language: Language::of_session(),
            reader: Some(reader(
                &models,
                &settings.delegation,
                Reading::new(Limits::NONE, &models),
            )),
            known: Known::new(registry),
        };
        Ok(Arc::new(Kernel {
            planner: RwLock::new(Arc::new(Planner::new(&world.known.registry()))),
            plugins,
            rules_are_broken: rules.is_none(),
            rules: rules.unwrap_or_else(Rules::deny_all),
            ledger,
            turns: Turns::new(announce),
            before: Before::default(),
            broker: Broker::new(),
            models,
            panels: Panels::default(),
            overlay: Overlay::new(world.session_bus.clone()),
            launcher: Launcher::new(&places),
            world,
            snapshot: Snapshot::default(),
            budget: settings.budget,
            delegation: settings.delegation,
            access: settings.apps.access(&desktop),
            settings_error,
            offers_told: watch::Sender::new(0),
            _lock: lock,
        }))
    }

    /// Does what has to be done once after the start, behind [`Kernel::recover`]: begins to drop old history, to index files and to wake timers, makes the model's capsule,
    /// and learns what functions mean.
    pub async fn wake(self: &Arc<Kernel>) {
        self.remember_model().await;
        self.launcher.index(self.world.places.home.clone());
        tokio::spawn(functions::timer_scheduler(self.world.clone()));
        tokio::spawn(self.clone().watch_apps());
        tokio::spawn(self.clone().watch_plugins());
        self.snapshot.refresh(self).await;
        tokio::spawn(self.clone().warm_first());
        tokio::spawn(self.clone().learn());
        tokio::spawn(self.clone().drop_history_daily());
    }

    /// Returns what can be called just now.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        self.world.known.registry()
    }

    /// Returns what turns words into plans just now.
    pub(crate) fn planner(&self) -> Arc<Planner> {
        let planner = self.planner.read().unwrap_or_else(PoisonError::into_inner);
        planner.clone()
    }

    /// Loads the plugins anew. What is not there any more is gone at once; what stays serves as it was until the new is
    /// ready, and turns under way go on with it.
    pub(crate) async fn reload_plugins(self: &Arc<Kernel>) {
        let loaded = self.plugins.load();
        let planner = Arc::new(Planner::new(&loaded));
        self.world.known.change(|known| {
            known.only(|function| {
                let name = &function.signature.name;
                function.offered.is_some() || loaded.function(name).is_some()
            })
        });
        self.snapshot.forget().await;
        // The first time it takes a model a minute: until then the new functions are found by their words.
        let taught = tokio::spawn(self.clone().teach(planner.clone()));
        let _ = tokio::time::timeout(TAUGHT, taught).await;
        let with_offered = |known: &Registry| loaded.with_offered(known.offered());
        self.world.known.change(with_offered);
        self.snapshot.forget().await;
        *self.planner.write().unwrap_or_else(PoisonError::into_inner) = planner;
        self.snapshot.refresh(self).await;
        tracing::info!("the plugins were loaded anew");
    }

    /// Returns a function that can be called just now.
    pub(crate) fn function(&self, name: &FunctionName) -> Option<Arc<Function>> {
        self.registry().function(name).cloned()
    }

    /// Takes over what apps offer, now and whenever it changes.
    async fn watch_apps(self: Arc<Kernel>) {
        let kernel = self.clone();
        let changed = move |offered: Vec<Arc<Function>>| {
            tracing::info!(functions = offered.len(), "apps offer");
            kernel
                .world
                .known
                .change(|known| known.with_offered(offered));
            kernel.offers_told.send_modify(|told| *told += 1);
        };
        functions::watch_apps(self.world.clone(), self.access.clone(), changed).await;
        self.offers_told.send_replace(u32::MAX);
    }

    /// Waits until running apps were looked at once, as a kernel does that has just started.
    pub(crate) async fn until_offers_are_told(&self) {
        let mut told = self.offers_told.subscribe();
        let told = told.wait_for(|told| *told > 1);
        let _ = tokio::time::timeout(FIRST_LOOK, told).await;
    }

    /// Loads the model in use and prepares its capsule, so that the next request does not pay for it.
    /// While models are measured it stands back, and begins anew afterwards.
    pub(crate) async fn warm(self: Arc<Kernel>) {
        let (engine, prepared) = loop {
            self.models.until_measuring(false).await;
            let Some(engine) = self.models.engine() else {
                return;
            };
            let planner = self.planner();
            tokio::select! {
                prepared = planner.warm(engine.as_ref()) => break (engine, prepared),
                () = self.models.until_measuring(true) => {}
            }
        };
        match prepared {
            Ok(report) => {
                tracing::info!(?report, "the capsule is ready");
                self.remember_capsule(engine.model()).await;
            }
            Err(error) => tracing::warn!(%error, "the capsule was not prepared"),
        }
    }

    /// Lets the planner find functions by meaning too, where the model for that is here. Without
    /// it functions are found by words.
    pub(crate) async fn learn(self: Arc<Kernel>) {
        let planner = self.planner();
        self.teach(planner).await;
    }

    async fn teach(self: Arc<Kernel>, planner: Arc<Planner>) {
        let Some((engine, model)) = self.models.embedder() else {
            return;
        };
        let folder = self.world.places.cache.join("lucid/vectors");
        let runtime = tokio::runtime::Handle::current();
        let (sender, learnt) = oneshot::channel();
        // The vectors and regressions of the whole bank keep a processor busy for a second or two: requests come first.
        let learning = std::thread::Builder::new().name("learning".to_owned());
        let begun = learning.spawn(move || {
            let _ = rustix::process::nice(NICENESS);
            let kept = KeptVectors::open(&folder, &model);
            let _ = sender.send(runtime.block_on(planner.learn(engine, kept)));
        });
        if let Err(error) = begun {
            tracing::warn!(%error, "functions are found by words alone");
            return;
        }
        match learnt.await {
            Ok(Ok(texts)) => tracing::info!(texts, "functions are found by meaning too"),
            Ok(Err(error)) => tracing::warn!(%error, "functions are found by words alone"),
            Err(_) => tracing::error!("learning broke off: functions are found by words alone"),
        }
    }

    /// Warms at the start of a session only where no capsule was made yet: reading it takes half a
    /// minute, loading it later a second or two, while the person types.
    async fn warm_first(self: Arc<Kernel>) {
        let made = self.ledger.with(|journal| journal.setting(CAPSULE)).await;
        let (model, _) = self.models.in_use();
        if made.ok().flatten() != Some(self.capsule_name(&model)) {
            self.warm().await;
        }
    }

    async fn remember_capsule(&self, model: &str) {
        let name = self.capsule_name(model);
        let kept = self
            .ledger
            .with(move |journal| match journal.setting(CAPSULE)? {
                Some(noted) if noted == name => Ok(()),
                _ => journal.set_setting(CAPSULE, &name),
            })
            .await;
        if let Err(error) = kept {
            tracing::warn!(%error, "it was not noted that the capsule is ready");
        }
    }

    /// Names a model together with the constant prompt, as JSON.
    fn capsule_name(&self, model: &str) -> String {
        serde_json::json!([model, self.planner().constant_digest()]).to_string()
    }

    /// Tells the broker for the consent socket.
    pub fn broker(&self) -> Arc<Broker> {
        self.broker.clone()
    }

    /// Tells where a plugin's button or row label comes from: the function's own label.
    pub(crate) fn label(&self, function: &FunctionName, language: Language) -> String {
        let Some(function) = self.function(function) else {
            return function.to_string();
        };
        let label = match language {
            Language::English => &function.label,
            Language::Chinese => &function.label_zh,
        };
        if label.is_empty() {
            function.signature.name.to_string()
        } else {
            label.clone()
        }
    }

    /// Returns the world of one turn, whose readers count in `reading`.
    pub(crate) fn world_of_turn(&self, language: Language, reading: Reading) -> World {
        World {
            reader: Some(reader(&self.models, &self.delegation, reading)),
            ..self.world_in(language)
        }
    }

    /// Returns the world in the language of one request.
    pub(crate) fn world_in(&self, language: Language) -> World {
        World {
            language,
            ..self.world.clone()
        }
    }

    async fn drop_history_daily(self: Arc<Kernel>) {
        loop {
            self.drop_old_history().await;
            tokio::time::sleep(DAY).await;
        }
    }

    async fn drop_old_history(&self) {
        let now = jiff::Timestamp::now().as_second() as f64;
        let before = now - HISTORY_KEPT.as_secs_f64();
        if let Err(error) = self
            .ledger
            .with(move |journal| journal.erase_before(before))
            .await
        {
            tracing::error!(%error, "old history was not dropped");
        }
    }
}

fn reader(
    models: &Arc<Models>,
    settings: &DelegationSettings,
    reading: Reading,
) -> Arc<dyn Reader> {
    let ladder = settings.readers.clone();
    Arc::new(ModelReader::new(models.clone(), ladder, reading))
}

/// Makes sure that one kernel alone uses the journal.
fn lock(state: &Path) -> Result<File, KernelError> {
    let path = state.join("kernel.lock");
    let file = File::create(&path).map_err(|source| KernelError::Folder { path, source })?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| KernelError::Running)?;
    Ok(file)
}

/// Reads `settings.toml`, and tells why that was not possible.
fn settings(places: &Places) -> (Settings, Option<String>) {
    match Settings::read(places) {
        Ok(settings) => (settings, None),
        Err(error) => {
            tracing::error!(%error, "the settings are left out");
            (Settings::default(), Some(error.reason))
        }
    }
}

/// Reads `policy.toml`; none when it is there and cannot be read.
fn rules(places: &Places) -> Option<Rules> {
    let path = places.config.join("lucid/policy.toml");
    let reason = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Rules::default()),
        Err(error) => error.to_string(),
        Ok(text) => match Rules::parse(&text) {
            Ok(rules) => return Some(rules),
            Err(error) => error.to_string(),
        },
    };
    tracing::error!(reason, path = %path.display(), "the policy file is broken; everything but reading is denied");
    None
}
