//! Looks at one connection, and at all.

use std::{collections::BTreeMap, sync::Arc};

use plan::{FunctionName, Value};
use zbus::Variant;

use super::{desktop, functions_of, gtk, objects};
use crate::{
    Function, InstalledApp, World,
    builtin::apps::{installed, process},
    dbus::{Target, forbidden},
};

type Functions = BTreeMap<FunctionName, Arc<Function>>;

const BUS: &str = "org.freedesktop.DBus";

/// Returns what the desktop entries of all apps offer.
pub(super) fn installed_actions(world: &World) -> Functions {
    let apps = installed(&world.places);
    let shown = apps.iter().filter(|app| app.is_shown);
    let mut functions = Functions::new();
    for app in shown {
        for (name, function) in functions_of(app, desktop::actions_of(app)) {
            functions.entry(name).or_insert(function);
        }
    }
    functions
}

/// Returns the connections to the session bus but our own, each with its well-known names.
pub(super) async fn owners(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let own = world.session_bus.as_ref().and_then(|bus| bus.unique_name());
    let own = own.map(|name| name.to_string()).unwrap_or_default();
    let Some(Value::List(names)) = ask("ListNames", None, world).await else {
        return owners;
    };
    for name in names.iter().filter_map(Value::as_text) {
        if name.starts_with(':') {
            owners.entry(name.to_owned()).or_default();
        } else if let Some(Value::Text(owner)) = ask("GetNameOwner", Some(name), world).await {
            owners.entry(owner).or_default().push(name.to_owned());
        }
    }
    owners.remove(&own);
    // The bus itself answers by its own name.
    owners.remove(BUS);
    owners
}

/// Returns what the app behind a connection offers; nothing where no installed app is behind it.
pub(super) async fn running_actions(owner: &str, names: &[String], world: &World) -> Functions {
    if names.iter().any(|name| forbidden(name, "", "").is_some()) {
        return Functions::new();
    }
    let Some(app) = app_of(owner, names, world).await else {
        return Functions::new();
    };
    let objects = objects::objects(owner, world).await;
    functions_of(&app, gtk::actions_of(owner, &objects, world).await)
}

/// Finds the app by a name of its connection, else by the program of its process.
async fn app_of(owner: &str, names: &[String], world: &World) -> Option<InstalledApp> {
    let apps = installed(&world.places);
    if let Some(app) = apps
        .iter()
        .find(|app| names.iter().any(|name| name == app.bare_id()))
    {
        return Some(app.clone());
    }
    let number = ask("GetConnectionUnixProcessID", Some(owner), world)
        .await?
        .as_number()?;
    let process = process(number as u32)?;
    let mut shown = apps.iter().filter(|app| app.is_shown);
    shown.find(|app| process.is_of(app)).cloned()
}

async fn ask(method: &str, argument: Option<&str>, world: &World) -> Option<Value> {
    let target = Target {
        connection: world.session_bus.as_ref()?,
        name: BUS.to_owned(),
        path: "/org/freedesktop/DBus".to_owned(),
        activatable: false,
        interactive: false,
    };
    let arguments = argument.map(|argument| Variant::from(argument.to_owned()));
    let reply = target
        .call(BUS, method, arguments.into_iter().collect(), world)
        .await
        .ok()?;
    Some(crate::dbus::first_of_reply(reply))
}
