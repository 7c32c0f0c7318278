//! Which bus name a call goes to.

use plan::Value;
use zbus::{Connection, fdo::DBusProxy, names::BusName};

use super::{
    DbusAction,
    bus::{self, Target},
    objects,
};
use crate::{
    ErrorKind, FunctionError, LiveValue, World,
    manifest::{DbusBehaviour, LiveDeclaration, Place, Prefer},
};

/// Returns how the names begin that a pattern stands for: `org.example.` for `org.example.*`, and `org.kde.kate-` for
/// `org.kde.kate-*`, behind which each process has its number. None for what is no pattern.
pub(crate) fn beginning(pattern: &str) -> Option<&str> {
    pattern
        .strip_suffix('*')
        .filter(|beginning| beginning.ends_with(['.', '-']))
}

/// Tells whether a name is one of those that begin so.
fn is_one_of(name: &str, beginning: &str) -> bool {
    name.strip_prefix(beginning)
        .is_some_and(|rest| beginning.ends_with('.') || rest.chars().all(|c| c.is_ascii_digit()))
}

/// Returns the name that `action` goes to, or [`None`] when it is absent.
///
/// # Errors
///
/// When the bus itself does not answer.
pub(super) async fn resolve(
    action: &DbusAction,
    connection: &Connection,
    chosen: Option<&str>,
    world: &World,
) -> Result<Option<String>, FunctionError> {
    let behaviour = &action.behaviour;
    let Some(beginning) = beginning(&behaviour.name) else {
        let present = is_present(connection, &behaviour.name, behaviour.activatable).await;
        return Ok(present
            .map_err(|_| no_answer(world))?
            .then(|| behaviour.name.clone()));
    };
    let names = matching(connection, beginning)
        .await
        .map_err(|_| no_answer(world))?;
    if let Some(chosen) = chosen {
        return Ok(chosen_of(
            &names,
            beginning,
            chosen,
            action.live.as_ref(),
            connection,
            world,
        )
        .await);
    }
    match &behaviour.prefer {
        Some(prefer) => Ok(preferred(names, prefer, behaviour, connection, world).await),
        None => Ok(names.into_iter().next()),
    }
}

/// The bus itself says nothing.
pub(crate) fn no_answer(world: &World) -> FunctionError {
    FunctionError::new(
        ErrorKind::Unavailable,
        world.language,
        "dbus-no-answer",
        &[],
    )
}

/// Tells whether `name` is on the bus, or, where `activatable`, would be started by it.
///
/// # Errors
///
/// When the bus itself does not answer.
pub(crate) async fn is_present(
    connection: &Connection,
    name: &str,
    activatable: bool,
) -> zbus::Result<bool> {
    let bus = DBusProxy::new(connection).await?;
    if bus.name_has_owner(BusName::try_from(name)?).await? {
        return Ok(true);
    }
    Ok(activatable
        && bus
            .list_activatable_names()
            .await?
            .iter()
            .any(|known| known.as_str() == name))
}

/// The names that begin so, the one that came to the bus last first.
async fn matching(connection: &Connection, beginning: &str) -> zbus::Result<Vec<String>> {
    let mut found = owned(connection, beginning).await?;
    found.sort_by_key(|(owner, name)| std::cmp::Reverse((arrival(owner), name.clone())));
    found.dedup_by_key(|(owner, _)| arrival(owner));
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// The unique names behind a name or a pattern.
///
/// # Errors
///
/// When the bus itself does not answer.
pub(crate) async fn owners(connection: &Connection, name: &str) -> zbus::Result<Vec<String>> {
    if let Some(beginning) = beginning(name) {
        let owned = owned(connection, beginning).await?;
        return Ok(owned.into_iter().map(|(owner, _)| owner).collect());
    }
    let bus = DBusProxy::new(connection).await?;
    let owner = bus.get_name_owner(name.try_into()?).await;
    Ok(owner.iter().map(ToString::to_string).collect())
}

/// The names that begin so, each behind its owner.
async fn owned(connection: &Connection, beginning: &str) -> zbus::Result<Vec<(String, String)>> {
    let bus = DBusProxy::new(connection).await?;
    let mut found = Vec::new();
    for name in bus.list_names().await? {
        if !is_one_of(name.as_str(), beginning) {
            continue;
        }
        // A name may go while we look.
        if let Ok(owner) = bus.get_name_owner(name.inner().clone()).await {
            found.push((owner.to_string(), name.to_string()));
        }
    }
    Ok(found)
}

/// Unique names are `:1.N` with a growing N.
fn arrival(unique: &str) -> u64 {
    unique
        .rsplit('.')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Finds the name that a person or a plan means: the whole name, its end, or what the app calls itself.
async fn chosen_of(
    names: &[String],
    beginning: &str,
    chosen: &str,
    live: Option<&LiveDeclaration>,
    connection: &Connection,
    world: &World,
) -> Option<String> {
    let wanted = chosen.to_lowercase();
    let end = |name: &str| name[beginning.len()..].to_lowercase();
    if let Some(name) = names.iter().find(|name| {
        **name == chosen || end(name) == wanted || end(name).starts_with(&format!("{wanted}."))
    }) {
        return Some(name.clone());
    }
    let live = live?;
    for name in names {
        let Some(Place::Path(path)) = live.place() else {
            return None;
        };
        let target = Target::of(connection, name, path);
        if let Ok(Value::Text(called)) = target.get(&live.interface, &live.property, world).await
            && called.to_lowercase() == wanted
        {
            return Some(name.clone());
        }
    }
    None
}

async fn preferred(
    names: Vec<String>,
    prefer: &Prefer,
    behaviour: &DbusBehaviour,
    connection: &Connection,
    world: &World,
) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for name in names {
        let Some(Place::Path(path)) = behaviour.place() else {
            return Some(name);
        };
        let target = Target::of(connection, &name, path);
        let rank = match target.get(&prefer.interface, &prefer.property, world).await {
            Ok(Value::Text(state)) => prefer.order.iter().position(|value| *value == state),
            _ => None,
        };
        let rank = rank.unwrap_or(prefer.order.len());
        if best.as_ref().is_none_or(|(least, _)| rank < *least) {
            best = Some((rank, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Returns the live names of a declared source; empty when the bus or all of them are absent.
pub(crate) async fn live_values(live: &LiveDeclaration, world: &World) -> Vec<LiveValue> {
    let Ok(connection) = bus::connection(live.bus, world) else {
        return Vec::new();
    };
    let path = match live.place() {
        Some(Place::Path(path)) => path,
        Some(Place::Objects(root)) => {
            let target = Target::of(connection, &live.name, root);
            let found = objects::list(&target, &live.interface, world).await;
            return found
                .unwrap_or_default()
                .into_iter()
                .map(|object| object.live_value(&live.property))
                .collect();
        }
        None => return Vec::new(),
    };
    let Some(beginning) = beginning(&live.name) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for name in matching(connection, beginning).await.unwrap_or_default() {
        let target = Target::of(connection, &name, path);
        let mut names = Vec::new();
        if let Ok(Value::Text(called)) = target.get(&live.interface, &live.property, world).await {
            names.push(called);
        }
        names.push(name[beginning.len()..].to_owned());
        values.push(LiveValue { id: name, names });
    }
    values
}
