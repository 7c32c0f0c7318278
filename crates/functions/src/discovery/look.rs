//! Looks at one connection, and at all.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use zbus::{fdo::DBusProxy, names::BusName};

use super::{Found, gtk, main_window, menus, methods, objects, registrar::Menus};
use crate::{InstalledApp, World, builtin::apps::process, dbus::is_forbidden_name};

/// How long one connection may take in all.
const LIMIT: Duration = Duration::from_secs(1);
/// How long its main windows may take, so that what was found before is not lost with them.
const MAIN_WINDOWS: Duration = Duration::from_millis(400);

/// The app behind a connection, and what it offers.
#[derive(Default)]
pub(super) struct Running {
    pub(super) app_id: String,
    pub(super) found: Vec<Found>,
    /// What nothing but its interfaces describes.
    pub(super) methods: Vec<Found>,
}

/// The connections to the session bus but our own, each with its well-known names.
pub(crate) type Owners = BTreeMap<String, Vec<String>>;

/// Returns the connections that are there.
pub(crate) async fn owners(world: &World) -> Owners {
    let mut owners = Owners::new();
    let Some(bus) = &world.session_bus else {
        return owners;
    };
    let Ok(proxy) = DBusProxy::new(bus).await else {
        return owners;
    };
    let names = proxy.list_names().await.unwrap_or_default();
    let (unique, known): (Vec<_>, Vec<_>) = names
        .into_iter()
        .partition(|name| matches!(name.inner(), BusName::Unique(_)));
    owners.extend(unique.iter().map(|name| (name.to_string(), Vec::new())));
    let asked = known.into_iter().map(|name| {
        let proxy = &proxy;
        async move {
            let owner = proxy.get_name_owner(name.inner().clone()).await.ok()?;
            Some((owner.to_string(), name.to_string()))
        }
    });
    for (owner, name) in join_all(asked).await.into_iter().flatten() {
        owners.entry(owner).or_default().push(name);
    }
    // Our own, and the bus itself, which answers by its own name.
    if let Some(own) = bus.unique_name() {
        owners.remove(own.as_str());
    }
    owners.retain(|owner, _| owner.starts_with(':'));
    owners
}

/// Looks at all of these connections, each for itself. None is told of one that did not answer in time.
pub(super) async fn look(
    owners: Owners,
    apps: &[InstalledApp],
    menus: &Menus,
    world: &World,
) -> BTreeMap<String, Option<Running>> {
    let looks = owners.into_iter().map(|(owner, names)| async move {
        let menus = menus.of(&owner);
        let looked = running(&owner, &names, apps, &menus, world);
        let running = tokio::time::timeout(LIMIT, looked).await.ok();
        (owner, running)
    });
    join_all(looks).await.into_iter().collect()
}

/// Returns what the app behind a connection offers; nothing where no installed app is behind it.
async fn running(
    owner: &str,
    names: &[String],
    apps: &[InstalledApp],
    menus: &[String],
    world: &World,
) -> Running {
    if names.iter().any(|name| is_forbidden_name(name)) {
        return Running::default();
    }
    let Some(app) = app_of(owner, names, apps, world).await else {
        return Running::default();
    };
    let objects = objects::objects(owner, world).await;
    let mut found = gtk::actions_of(owner, app, &objects, world).await;
    found.extend(menus::items_of(owner, app, menus, world).await);
    // What a menu has too is told better there.
    let actions = main_window::actions_of(owner, app, &objects, world);
    let actions = tokio::time::timeout(MAIN_WINDOWS, actions).await;
    let actions = actions.unwrap_or_default();
    let is_new = |action: &Found| {
        found
            .iter()
            .all(|known| known.labels[0] != action.labels[0])
    };
    let actions: Vec<Found> = actions.into_iter().filter(is_new).collect();
    found.extend(actions);
    // Who is no app of the menus, such as a desktop's own shell, tells more than people use.
    let methods = match app.is_shown {
        true => methods::of_objects(owner, app, &objects),
        false => Vec::new(),
    };
    Running {
        app_id: app.id.clone(),
        found,
        methods,
    }
}

/// Finds the app by a name of its connection, else by the program of its process.
async fn app_of<'a>(
    owner: &str,
    names: &[String],
    apps: &'a [InstalledApp],
    world: &World,
) -> Option<&'a InstalledApp> {
    let is_named = |app: &&InstalledApp| names.iter().any(|name| name == app.bare_id());
    if let Some(app) = apps.iter().find(is_named) {
        return Some(app);
    }
    let process = process(process_of(owner, world).await?)?;
    apps.iter().find(|app| process.is_of(app))
}

/// Returns the process behind a connection that is there.
pub(super) async fn process_of(owner: &str, world: &World) -> Option<u32> {
    let proxy = DBusProxy::new(world.session_bus.as_ref()?).await.ok()?;
    let owner = BusName::try_from(owner.to_owned()).ok()?;
    proxy.get_connection_unix_process_id(owner).await.ok()
}
