//! Keeps what apps offer up to date.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt as _, future::join_all, stream};
use plan::FunctionName;
use zbus::{MatchRule, Message, MessageStream, message::Type};

use super::look::{installed_actions, owners, running_actions};
use crate::{Function, World};

/// How long an app is left alone before it is looked at: at its start it exports one thing after the other.
const CALM: Duration = Duration::from_millis(60);
/// The most functions of all apps.
const MOST: usize = 5000;

type Functions = BTreeMap<FunctionName, Arc<Function>>;

/// Tells `changed` what apps offer now, and again whenever that has changed. Ends only where there is no session bus.
pub async fn watch(world: World, changed: impl Fn(Vec<Arc<Function>>)) {
    let mut offers = Offers::default();
    let signals = signals(&world).await;
    offers.look_everywhere(&world).await;
    changed(offers.all(&world));
    let Some(mut signals) = signals else {
        return;
    };
    let mut dirty = BTreeSet::new();
    loop {
        let Some(message) = signals.next().await else {
            return;
        };
        note(&message, &mut dirty);
        while let Ok(Some(message)) = tokio::time::timeout(CALM, signals.next()).await {
            note(&message, &mut dirty);
        }
        if offers.look_at(std::mem::take(&mut dirty), &world).await {
            changed(offers.all(&world));
        }
    }
}

/// What came of each look, by connection.
#[derive(Default)]
struct Offers {
    running: BTreeMap<String, Functions>,
}

impl Offers {
    async fn look_everywhere(&mut self, world: &World) {
        let owners = owners(world).await;
        self.running = look(owners, world).await;
    }

    /// Looks at some connections anew; tells whether anything has come or gone.
    async fn look_at(&mut self, dirty: BTreeSet<String>, world: &World) -> bool {
        let mut present = owners(world).await;
        present.retain(|owner, _| dirty.contains(owner));
        let mut found = look(present, world).await;
        let mut has_changed = false;
        for owner in dirty {
            let new = found.remove(&owner).unwrap_or_default();
            let old = self.running.remove(&owner).unwrap_or_default();
            has_changed |= !is_same(&old, &new);
            if !new.is_empty() {
                self.running.insert(owner, new);
            }
        }
        has_changed
    }

    /// What runs comes before what could be started: it acts on what the person sees.
    fn all(&self, world: &World) -> Vec<Arc<Function>> {
        let mut all = Functions::new();
        let installed = installed_actions(world);
        for (name, function) in self.running.values().flatten().chain(&installed) {
            if all.len() < MOST {
                all.entry(name.clone()).or_insert_with(|| function.clone());
            }
        }
        all.into_values().collect()
    }
}

async fn look(owners: BTreeMap<String, Vec<String>>, world: &World) -> BTreeMap<String, Functions> {
    let looks = owners.into_iter().map(|(owner, names)| async move {
        let functions = running_actions(&owner, &names, world).await;
        (owner, functions)
    });
    let all = join_all(looks).await;
    all.into_iter()
        .filter(|(_, functions)| !functions.is_empty())
        .collect()
}

fn is_same(old: &Functions, new: &Functions) -> bool {
    old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|((_, old), (_, new))| old.signature == new.signature)
}

/// Signals that tell of a connection that came or went, or of actions that did.
async fn signals(world: &World) -> Option<impl futures_util::Stream<Item = Message> + Unpin> {
    let bus = world.session_bus.as_ref()?;
    let signal = || MatchRule::builder().msg_type(Type::Signal);
    let owners = signal()
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged");
    let actions = signal().interface("org.gtk.Actions").member("Changed");
    let mut streams = Vec::new();
    for rule in [owners.build().ok()?, actions.build().ok()?] {
        streams.push(MessageStream::for_match_rule(rule, bus, None).await.ok()?);
    }
    Some(stream::select_all(streams).filter_map(|message| std::future::ready(message.ok())))
}

/// Notes the connection that a signal is about.
fn note(message: &Message, dirty: &mut BTreeSet<String>) {
    let header = message.header();
    if header
        .member()
        .is_some_and(|member| member.as_str() == "NameOwnerChanged")
    {
        if let Ok((_, old, new)) = message.body().deserialize::<(String, String, String)>() {
            dirty.extend([old, new].into_iter().filter(|owner| !owner.is_empty()));
        }
    } else if let Some(sender) = header.sender() {
        dirty.insert(sender.to_string());
    }
}
