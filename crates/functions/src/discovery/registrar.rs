//! The registrar of menu bars: apps of Qt and some others hand their menus to whoever owns its name, and hide their own
//! bar then (`com.canonical.AppMenu.Registrar`, `com.canonical.dbusmenu`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zbus::{
    Connection, ObjectPath, OwnedObjectPath, fdo, fdo::RequestNameFlags, interface, message::Header,
};

use super::signals::{Sign, Signs};

const NAME: &str = "com.canonical.AppMenu.Registrar";
const PATH: &str = "/com/canonical/AppMenu/Registrar";
/// The most windows of one connection.
const MOST: usize = 64;
/// The most connections.
const MOST_OWNERS: usize = 512;

/// By connection, the windows with their menus, in the order in which they came.
type Windows = BTreeMap<String, Vec<(u32, OwnedObjectPath)>>;

/// The menus that were handed over.
#[derive(Clone, Default)]
pub(super) struct Menus(Arc<Mutex<Windows>>);

impl Menus {
    /// The menus of a connection, the window that came last in front.
    pub(super) fn of(&self, owner: &str) -> Vec<String> {
        let all = self.lock();
        let windows = all.get(owner).into_iter().flatten();
        windows.rev().map(|(_, path)| path.to_string()).collect()
    }

    /// Forgets a connection that has ended.
    pub(super) fn forget(&self, owner: &str) {
        self.lock().remove(owner);
    }

    fn lock(&self) -> MutexGuard<'_, Windows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        windows.retain(|(known, _)| *known != window_id);
        if windows.len() < MOST {
            windows.push((window_id, menu_object_path));
        }
        drop(all);
        self.signs.add(vec![Sign::Changed(owner)]);
    }

    async fn unregister_window(&self, window_id: u32, #[zbus(header)] header: Header<'_>) {
        let Some(owner) = header.sender().map(ToString::to_string) else {
            return;
        };
        if let Some(windows) = self.menus.lock().get_mut(&owner) {
            windows.retain(|(known, _)| *known != window_id);
        }
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
