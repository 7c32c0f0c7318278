//! Signals of the bus that tell where to look.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{StreamExt as _, stream};
use tokio::{sync::Notify, task::JoinHandle};
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type};

/// The most signs that wait; those behind are left out.
const MOST: usize = 4096;

/// What a signal tells of a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Came(String),
    Ended(String),
    /// Something about it is another now.
    Changed(String),
    /// A window of it has become active, on the bus of controls; numbered, so that the last comes last.
    Activated(u64, String),
    /// It has ended, on the bus of controls.
    Left(String),
}

/// Collects signals as they come. They are taken from the connection at once, whatever is done with them: a queue that
/// is full would hold up everything else that comes over it.
pub(super) struct Signals {
    signs: Signs,
    task: JoinHandle<()>,
}

/// The signs that wait to be taken.
#[derive(Clone, Default)]
pub(super) struct Signs(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    signs: Mutex<BTreeSet<Sign>>,
    some: Notify,
}

impl Signals {
    /// Begins to collect.
    ///
    /// # Errors
    ///
    /// When the bus takes no rule.
    pub(super) async fn start(bus: &Connection) -> zbus::Result<Signals> {
        let signal = || MatchRule::builder().msg_type(Type::Signal);
        let actions = signal().interface("org.gtk.Actions").member("Changed");
        let menus = signal()
            .interface("com.canonical.dbusmenu")
            .member("LayoutUpdated");
        let mut streams = Vec::new();
        for rule in [owner_changes()?, actions.build()?, menus.build()?] {
            streams.push(MessageStream::for_match_rule(rule, bus, None).await?);
        }
        let mut messages = stream::select_all(streams);
        let waiting = Signs::default();
        let kept = waiting.clone();
        let task = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                kept.add(
                    message
                        .ok()
                        .map(|message| signs(&message))
                        .unwrap_or_default(),
                );
            }
        });
        Ok(Signals {
            signs: waiting,
            task,
        })
    }

    /// Where others put signs.
    pub(super) fn signs(&self) -> Signs {
        self.signs.clone()
    }

    /// Waits for some, and takes them.
    pub(super) async fn next(&self) -> BTreeSet<Sign> {
        loop {
            let signs = std::mem::take(&mut *self.signs.lock());
            if !signs.is_empty() {
                return signs;
            }
            self.signs.0.some.notified().await;
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Signs {
    pub(super) fn add(&self, signs: Vec<Sign>) {
        let mut waiting = self.lock();
        for sign in signs {
            if waiting.len() < MOST {
                waiting.insert(sign);
            }
        }
        self.0.some.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Sign>> {
        self.0.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signals that a name of a bus has another owner.
pub(super) fn owner_changes() -> zbus::Result<MatchRule<'static>> {
    let signal = MatchRule::builder().msg_type(Type::Signal);
    let signal = signal.sender("org.freedesktop.DBus");
    let signal = signal.interface("org.freedesktop.DBus");
    signal.member("NameOwnerChanged").build()
}

/// What such a signal tells; nobody is an empty name.
pub(super) struct OwnerChange {
    pub(super) name: String,
    pub(super) old: String,
    pub(super) new: String,
}

impl OwnerChange {
    pub(super) fn of(message: &Message) -> Option<OwnerChange> {
        let body = message.body();
        let (name, old, new) = body.deserialize().ok()?;
        Some(OwnerChange { name, old, new })
    }
}

/// Reads what a signal tells.
fn signs(message: &Message) -> Vec<Sign> {
    let header = message.header();
    let is_about_names = header
        .member()
        .is_some_and(|member| member.as_str() == "NameOwnerChanged");
    if !is_about_names {
        let sender = header.sender().map(ToString::to_string);
        return sender.map(Sign::Changed).into_iter().collect();
    }
    let Some(OwnerChange { name, old, new }) = OwnerChange::of(message) else {
        return Vec::new();
    };
    match (name.starts_with(':'), new.is_empty()) {
        (true, true) => vec![Sign::Ended(name)],
        (true, false) => vec![Sign::Came(name)],
        // A name that it takes or loses says more about what it is.
        (false, _) => [old, new]
            .into_iter()
            .filter(|owner| !owner.is_empty())
            .map(Sign::Changed)
            .collect(),
    }
}
