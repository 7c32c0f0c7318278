//! The registrar of menu bars: apps of Qt and some others hand their menus to whoever owns its name, and hide their own
//! bar then (`com.canonical.AppMenu.Registrar`, `com.canonical.dbusmenu`).

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use zbus::{
    Connection, ObjectPath, OwnedObjectPath, fdo,
    fdo::{DBusProxy, RequestNameFlags},
    interface,
    message::Header,
};

use super::signals::{Sign, Signs};
use crate::{World, builtin::files::replace};

const NAME: &str = "com.canonical.AppMenu.Registrar";
const PATH: &str = "/com/canonical/AppMenu/Registrar";
/// The most windows of one connection.
const MOST: usize = 64;
/// The most connections.
const MOST_OWNERS: usize = 512;

/// By connection, the windows with their menus, in the order in which they came.
type Windows = BTreeMap<String, Vec<(u32, OwnedObjectPath)>>;

/// The menus that were handed over. Apps tell of them once: so they are kept for a kernel that follows this one.
#[derive(Clone, Default)]
pub(super) struct Menus {
    windows: Arc<Mutex<Windows>>,
    /// Where they are kept; none for who only reads them.
    kept: Option<Arc<Place>>,
}

/// Where menus are kept, and the bus that they belong to: on another one the same names are those of others.
struct Place {
    file: PathBuf,
    bus: String,
    /// One writes at a time, so that what was written last is the newest.
    writing: Mutex<()>,
}

/// What is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    bus: String,
    windows: Windows,
}

impl Menus {
    /// Those that an earlier kernel was handed on this bus, by connections that are still there. Only who takes menus
    /// writes them down.
    pub(super) async fn kept(world: &World, connections: &[&String], take_menus: bool) -> Menus {
        let Some(place) = Place::of(world).await else {
            return Menus::default();
        };
        let text = fs::read_to_string(&place.file).unwrap_or_default();
        let kept = serde_json::from_str::<Kept>(&text).ok();
        let mut windows = kept
            .filter(|kept| kept.bus == place.bus)
            .map(|kept| kept.windows)
            .unwrap_or_default();
        windows.retain(|owner, _| connections.contains(&owner));
        Menus {
            windows: Arc::new(Mutex::new(windows)),
            kept: take_menus.then(|| Arc::new(place)),
        }
    }

    /// The menus of a connection, the window that came last in front.
    pub(super) fn of(&self, owner: &str) -> Vec<String> {
        let all = self.lock();
        let windows = all.get(owner).into_iter().flatten();
        windows.rev().map(|(_, path)| path.to_string()).collect()
    }

    /// Forgets a connection that has ended.
    pub(super) fn forget(&self, owner: &str) {
        if self.lock().remove(owner).is_some() {
            self.keep();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what there is, beside the event loop; without that only a kernel that follows would miss it.
    fn keep(&self) {
        let (Some(place), menus) = (self.kept.clone(), self.clone()) else {
            return;
        };
        tokio::task::spawn_blocking(move || {
            let _one = place.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = Kept {
                bus: place.bus.clone(),
                windows: menus.lock().clone(),
            };
            let written = serde_json::to_string(&kept).map(|text| replace(&place.file, &text));
            if let Ok(Err(error)) = written {
                tracing::warn!(%error, "menus are not kept for the next kernel");
            }
        });
    }
}

impl Place {
    async fn of(world: &World) -> Option<Place> {
        let runtime = world.places.runtime.as_ref()?;
        let proxy = DBusProxy::new(world.session_bus.as_ref()?).await.ok()?;
        Some(Place {
            file: runtime.join("lucid/menus.json"),
            bus: proxy.get_id().await.ok()?.to_string(),
            writing: Mutex::default(),
        })
    }
}

struct Registrar {
    menus: Menus,
    signs: Signs,
}

/// Takes menus from apps that start from now on.
///
/// # Errors
///
/// When another program takes them already.
pub(super) async fn serve(bus: &Connection, menus: Menus, signs: Signs) -> zbus::Result<()> {
    let registrar = Registrar { menus, signs };
    bus.object_server().at(PATH, registrar).await?;
    let flags = RequestNameFlags::DO_NOT_QUEUE;
    bus.request_name_with_flags(NAME, flags).await?;
    Ok(())
}

#[interface(name = "com.canonical.AppMenu.Registrar")]
impl Registrar {
    async fn register_window(
        &self,
        window_id: u32,
        menu_object_path: OwnedObjectPath,
        #[zbus(header)] header: Header<'_>,
    ) {
        let Some(owner) = header.sender().map(ToString::to_string) else {
            return;
        };
        let mut all = self.menus.lock();
        if all.len() >= MOST_OWNERS && !all.contains_key(&owner) {
            return;
        }
        let windows = all.entry(owner.clone()).or_default();
        if windows.contains(&(window_id, menu_object_path.clone())) {
            return;
        }
        windows.retain(|(known, _)| *known != window_id);
        if windows.len() < MOST {
            windows.push((window_id, menu_object_path));
        }
        drop(all);
        self.menus.keep();
        self.signs.add(vec![Sign::Changed(owner)]);
    }

    async fn unregister_window(&self, window_id: u32, #[zbus(header)] header: Header<'_>) {
        let Some(owner) = header.sender().map(ToString::to_string) else {
            return;
        };
        {
            let mut all = self.menus.lock();
            let Some(windows) = all.get_mut(&owner) else {
                return;
            };
            windows.retain(|(known, _)| *known != window_id);
        }
        self.menus.keep();
        self.signs.add(vec![Sign::Changed(owner)]);
    }

    async fn get_menu_for_window(&self, window_id: u32) -> fdo::Result<(String, OwnedObjectPath)> {
        let all = self.menus.lock();
        let mut found = all.iter().filter_map(|(owner, windows)| {
            let (_, path) = windows.iter().find(|(known, _)| *known == window_id)?;
            Some((owner.clone(), path.clone()))
        });
        let none = || {
            (
                "".to_owned(),
                ObjectPath::from_static_str_unchecked("/").into(),
            )
        };
        Ok(found.next().unwrap_or_else(none))
    }
}
