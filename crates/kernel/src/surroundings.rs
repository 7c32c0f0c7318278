//! The present moment, the language, and what is there to be used.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use functions::{Registry, World};
use plan::Moment;
use protocol::text::Language;

use crate::Kernel;

/// Younger than this, what was seen is taken as it is.
const FRESH: Duration = Duration::from_secs(1);
/// Older than this, a request waits for a new look.
const STALE: Duration = Duration::from_secs(5);
/// How long reading the names of folders may take.
const LISTING: Duration = Duration::from_millis(200);

/// The present moment as RFC 3339 text with the local offset.
pub(crate) fn now_text() -> String {
    let now = jiff::ZonedDateTime::now();
    now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The present moment by the local clock.
pub(crate) fn now() -> Moment {
    let now = jiff::ZonedDateTime::now();
    Moment::from_unix(
        now.timestamp().as_second(),
        i64::from(now.offset().seconds()) / 60,
    )
}

/// A moment in Unix seconds as RFC 3339 text with the local offset.
pub(crate) fn moment_text(unix_seconds: f64) -> String {
    let timestamp =
        jiff::Timestamp::from_millisecond((unix_seconds * 1000.0) as i64).unwrap_or_default();
    timestamp
        .to_zoned_datetime(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// The language in the form of the plan language's crate.
pub(crate) fn plan_language(language: Language) -> plan::Language {
    match language {
        Language::English => plan::Language::En,
        Language::Chinese => plan::Language::Zh,
    }
}

/// What can be used and what is live, read at most every few seconds: asking a dozen services
/// before every plan would cost more than the plan.
#[derive(Default)]
pub(crate) struct Snapshot {
    seen: tokio::sync::RwLock<Option<Arc<Seen>>>,
    refreshing: AtomicBool,
    folders: Arc<Folders>,
}

/// The names of folders. Without them a request is understood nearly as well, so that one that hangs, on a server
/// perhaps, holds up neither a request nor more than one thread.
#[derive(Default)]
struct Folders {
    names: Mutex<Vec<String>>,
    is_reading: AtomicBool,
}

impl Folders {
    /// Reads them anew, unless that still goes on, and returns those that are known within [`LISTING`].
    async fn names(self: &Arc<Folders>, world: &World) -> Vec<String> {
        if !self.is_reading.swap(true, Ordering::AcqRel) {
            let (folders, places) = (self.clone(), world.places.clone());
            let reading = tokio::task::spawn_blocking(move || {
                let names = functions::names_of_folders(&places);
                *folders.lock() = names;
                folders.is_reading.store(false, Ordering::Release);
            });
            // What takes longer is known to the next request.
            let _ = tokio::time::timeout(LISTING, reading).await;
        }
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One look at the surroundings.
pub(crate) struct Seen {
    /// The functions that can be used.
    pub(crate) available: Registry,
    /// Names of apps, players, devices, folders.
    pub(crate) live: planner::LiveNames,
    /// All functions, of which some can be used.
    of: Arc<Registry>,
    at: Instant,
}

impl Seen {
    /// Tells whether words may name an installed app.
    pub(crate) fn names_an_app(&self, words: &str) -> bool {
        let words = words.to_lowercase();
        let mut names = self.live.apps.iter().flat_map(|app| &app.names);
        names.any(|name| words.contains(&name.to_lowercase()))
    }
}

impl Snapshot {
    /// Returns what was seen last; looks again beside the request when that is a few seconds old.
    pub(crate) async fn current(&self, kernel: &Arc<Kernel>) -> Arc<Seen> {
        let seen = self.seen.read().await.clone();
        match seen {
            None => self.refresh(kernel).await,
            Some(seen) if seen.at.elapsed() > STALE => self.refresh(kernel).await,
            // What an app offers since then is to be known at once.
            Some(seen) if !Arc::ptr_eq(&seen.of, &kernel.registry()) => {
                self.with_offers(&seen, kernel.registry()).await
            }
            Some(seen) => {
                if seen.at.elapsed() > FRESH && !self.refreshing.swap(true, Ordering::AcqRel) {
                    let kernel = kernel.clone();
                    tokio::spawn(async move { kernel.snapshot.refresh(&kernel).await });
                }
                seen
            }
        }
    }

    /// Lets the next request look for itself: there are other functions now.
    pub(crate) async fn forget(&self) {
        *self.seen.write().await = None;
    }

    /// What was seen, with what apps offer since: nobody needs to be asked for that.
    async fn with_offers(&self, seen: &Seen, registry: Arc<Registry>) -> Arc<Seen> {
        let available = registry.only(|function| {
            let name = &function.signature.name;
            function.offered.is_some() || seen.available.function(name).is_some()
        });
        let seen = Arc::new(Seen {
            available,
            live: seen.live.clone(),
            of: registry,
            at: seen.at,
        });
        *self.seen.write().await = Some(seen.clone());
        seen
    }

    /// Looks now.
    pub(crate) async fn refresh(&self, kernel: &Arc<Kernel>) -> Arc<Seen> {
        let registry = kernel.registry();
        let available = registry.available(&kernel.world).await;
        let live = planner::LiveNames {
            folders: self.folders.names(&kernel.world).await,
            ..live_names(&registry, &kernel.world).await
        };
        kernel
            .launcher
            .refresh_apps(kernel.world.places.clone())
            .await;
        let seen = Arc::new(Seen {
            available,
            live,
            of: registry,
            at: Instant::now(),
        });
        *self.seen.write().await = Some(seen.clone());
        self.refreshing.store(false, Ordering::Release);
        seen
    }
}

/// Asks every live source that an argument of some function names.
async fn live_names(registry: &Registry, world: &World) -> planner::LiveNames {
    let mut sources = BTreeMap::new();
    for function in registry.functions() {
        for argument in &function.signature.arguments {
            if let plan::Type::Live(source) = &argument.ty
                && !sources.contains_key(source)
            {
                sources.insert(source.clone(), registry.live(source, world).await);
            }
        }
    }
    planner::LiveNames {
        apps: registry.live("app", world).await,
        sources,
        ..planner::LiveNames::default()
    }
}
