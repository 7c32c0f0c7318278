//! Controls of the app that the person is in, by what it tells screen readers (AT-SPI2): the last resort, for apps that
//! offer nothing else.
//!
//! Of one app alone, the one whose window was active last; Lucid's own windows are never looked at, so that no plan can
//! answer a question in the person's place.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, future::join_all, stream};
use journal::{Intent, OpenEntry, Outcome};
use plan::{Output, Value};
use policy::ResolvedCall;
use tokio::{task::JoinHandle, time::Instant};
use zbus::{
    Connection, MatchRule, MessageStream, Variant, fdo::DBusProxy, message::Type, names::BusName,
};

use super::{
    Found, MOST_OF_APP, MOST_OF_LABEL, Means,
    acts::{Settling, asked, failure, intent, unavailable, wanted},
    look::{owners, process_of},
    naming,
    signals::{OwnerChange, Sign, Signs, owner_changes},
    switch,
};
use crate::{
    Action, Availability, FunctionError, InstalledApp, World,
    builtin::apps::process,
    dbus::{Target, first_of_reply, is_forbidden_name},
};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const ACTION: &str = "org.a11y.atspi.Action";
const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
/// The event of a window that becomes active.
const ACTIVATED: (&str, &str) = ("org.a11y.atspi.Event.Window", "Activate");

/// How long an app is looked at.
const LIMIT: Duration = Duration::from_millis(1500);
/// How long it may take to answer one question.
const ANSWERED: Duration = Duration::from_millis(500);
/// How long it may take to do what was asked: one that opens a dialog answers when that is closed.
const DONE: Duration = Duration::from_secs(1);
/// When it is asked who has the active window, after an app has come; and the most such looks that wait.
const AFTER_ITS_START: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(4),
];
const MOST_LOOKS: usize = 16;
/// The most nodes that are looked at, and how many at once.
const MOST_NODES: usize = 1500;
const AT_ONCE: usize = 32;
/// The longest name, in bytes, of what is looked at.
const LONGEST_NAME: usize = 1000;
/// The most children of one node.
const MOST_CHILDREN: usize = 200;

/// States, by their bits.
const ACTIVE: u32 = 1;
const CHECKED: u32 = 4;
const PRESSED: u32 = 20;
const SENSITIVE: u32 = 24;
const SHOWING: u32 = 25;

/// What AT-SPI calls kinds of things, by their numbers there.
mod role {
    pub(super) const CHECK_BOX: u32 = 7;
    pub(super) const CHECK_MENU_ITEM: u32 = 8;
    pub(super) const MENU: u32 = 33;
    pub(super) const MENU_ITEM: u32 = 35;
    pub(super) const PUSH_BUTTON: u32 = 43;
    pub(super) const RADIO_BUTTON: u32 = 44;
    pub(super) const RADIO_MENU_ITEM: u32 = 45;
    pub(super) const TOGGLE_BUTTON: u32 = 62;
    /// What is not looked into. It holds content, and not what is done with it: pictures, lists, passwords, tables,
    /// terminals, texts, trees, pages. Or it asks the person: an alert, a choice of files.
    pub(super) const CLOSED: &[u32] = &[
        2, 19, 27, 31, 40, 55, 60, 61, 65, 66, 73, 82, 92, 93, 94, 95, 96, 98,
    ];
}

/// The bus that apps tell screen readers about themselves on.
pub(super) struct Controls {
    bus: Connection,
    /// Tells when another window is active.
    task: JoinHandle<()>,
}

impl Drop for Controls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One thing on the screen.
struct Node {
    path: String,
    role: u32,
    name: String,
    states: u64,
    /// The menus that it is in: `View › Buttons`.
    within: String,
}

impl Node {
    fn has(&self, state: u32) -> bool {
        self.states & (1 << state) != 0
    }

    /// Whether it is one that a person can click now; a menu need not be open for that.
    fn is_control(&self) -> bool {
        match self.role {
            role::MENU_ITEM | role::CHECK_MENU_ITEM | role::RADIO_MENU_ITEM => true,
            role::PUSH_BUTTON | role::TOGGLE_BUTTON | role::CHECK_BOX | role::RADIO_BUTTON => {
                self.has(SHOWING)
            }
            _ => false,
        }
    }

    fn is_switch(&self) -> bool {
        [role::CHECK_BOX, role::CHECK_MENU_ITEM, role::TOGGLE_BUTTON].contains(&self.role)
    }

    fn is_on(&self) -> bool {
        self.has(CHECKED) || self.has(PRESSED)
    }
}

impl Controls {
    /// Lets apps tell about themselves, and begins to follow which window is active.
    ///
    /// # Errors
    ///
    /// When there is no such bus.
    pub(super) async fn start(world: &World, signs: Signs) -> zbus::Result<Controls> {
        let session = world.session_bus.as_ref().ok_or(zbus::Error::Unsupported)?;
        let launcher = Target {
            // It is started where it does not run: nothing else on this bus ever is.
            activatable: true,
            ..target(session, "org.a11y.Bus", "/org/a11y/bus")
        };
        let on = Variant::Bool(true);
        // Apps look at it when they start.
        let enabled = launcher.set("org.a11y.Status", "IsEnabled", on, world);
        if enabled.await.is_err() {
            tracing::debug!("apps were not told that they are to be accessible");
        }
        let address = launcher.call("org.a11y.Bus", "GetAddress", Vec::new(), world);
        let address = address.await.map_err(|_| zbus::Error::Unsupported)?;
        let address = first_of_reply(address);
        let address = address.as_text().ok_or(zbus::Error::Unsupported)?;
        let bus = zbus::connection::Builder::address(address).build().await?;
        let registry = Target {
            activatable: true,
            ..target(&bus, REGISTRY, "/org/a11y/atspi/registry")
        };
        let event = vec![Variant::from("window:activate".to_owned())];
        let registered = registry.call(REGISTRY, "RegisterEvent", event, world);
        registered.await.map_err(|_| zbus::Error::Unsupported)?;
        let (interface, member) = ACTIVATED;
        let activated = MatchRule::builder().msg_type(Type::Signal);
        let activated = activated.interface(interface).member(member).build()?;
        let mut streams = Vec::new();
        for rule in [activated, owner_changes()?] {
            streams.push(MessageStream::for_match_rule(rule, &bus, None).await?);
        }
        let messages = stream::select_all(streams);
        let task = tokio::spawn(follow(bus.clone(), messages, signs, world.clone()));
        Ok(Controls { bus, task })
    }

    /// Returns the controls of the active window of a connection, with its app; none where that is no app that may be
    /// looked at.
    pub(super) async fn look(
        &self,
        owner: &str,
        apps: &[InstalledApp],
        world: &World,
    ) -> Option<(String, Vec<Found>)> {
        let proxy = DBusProxy::new(&self.bus).await.ok()?;
        let name = BusName::try_from(owner.to_owned()).ok()?;
        let pid = proxy.get_connection_unix_process_id(name).await.ok()?;
        let app = app_of(pid, apps, world).await?;
        let looked = nodes(&self.bus, owner, world);
        let (window, nodes) = tokio::time::timeout(LIMIT * 2, looked).await.ok()??;
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        let named = nodes.into_iter().filter(Node::is_control).map(|node| {
            let label = naming::unmarked(&node.name, '_');
            let place = (node.within.clone(), label.clone());
            *counts.entry(place).or_default() += 1;
            (label, node)
        });
        let named: Vec<(String, Node)> = named.collect();
        // Of several that are called the same nobody can say which.
        let is_clear = |(label, node): &(String, Node)| {
            let place = (node.within.clone(), label.clone());
            !label.is_empty() && counts.get(&place) == Some(&1)
        };
        let clear = named.into_iter().filter(is_clear).take(MOST_OF_APP);
        let found = clear.enumerate().map(|(at, (label, node))| {
            let words = naming::words(&label);
            Found {
                // A label without Latin letters gives none, so its place stands for it.
                words: match words.is_empty() {
                    true => vec!["control".to_owned(), at.to_string()],
                    false => words,
                },
                labels: [label.clone(), String::new()],
                tip: String::new(),
                means: Means::Control,
                is_guessed: false,
                arguments: node.is_switch().then(switch).into_iter().collect(),
                within: node.within,
                output: Output::None,
                place: format!("{owner} {}", node.path),
                action: Arc::new(ControlAction {
                    app: app.clone(),
                    bus: self.bus.clone(),
                    owner: owner.to_owned(),
                    pid,
                    window: window.clone(),
                    path: node.path,
                    role: node.role,
                    name: node.name,
                    label,
                }),
            }
        });
        Some((app.id.clone(), found.collect()))
    }
}

/// Finds the app of a process whose controls may be pressed: an app of the menus, and nobody who asks a person for
/// secrets or for leave.
async fn app_of<'a>(pid: u32, apps: &'a [InstalledApp], world: &World) -> Option<&'a InstalledApp> {
    let process = process(pid)?;
    let app = apps.iter().find(|app| process.is_of(app))?;
    if !app.is_shown || is_forbidden_name(app.bare_id()) || process.is_of_lucid() {
        return None;
    }
    // Of its names on the session's bus none may be one that is never called.
    for (owner, names) in owners(world).await {
        let is_held = names.iter().any(|name| is_forbidden_name(name));
        if is_held && process_of(&owner, world).await == Some(pid) {
            return None;
        }
    }
    Some(app)
}

/// What a signal of that bus tells.
enum Told {
    /// A window of this connection has become active.
    Activated(String),
    Came,
    Left(String),
}

fn told(message: &zbus::Message) -> Option<Told> {
    let header = message.header();
    if header.member()?.as_str() == ACTIVATED.1 {
        return Some(Told::Activated(header.sender()?.to_string()));
    }
    let OwnerChange { name, new, .. } = OwnerChange::of(message)?;
    match (name.starts_with(':'), new.is_empty()) {
        (true, true) => Some(Told::Left(name)),
        (true, false) => Some(Told::Came),
        (false, _) => None,
    }
}

/// Adds a sign for each window that becomes active. An app that has just come tells nobody of its first window, as does
/// one that was there before: so it is looked for then.
async fn follow(
    bus: Connection,
    mut messages: impl futures_util::Stream<Item = zbus::Result<zbus::Message>> + Unpin,
    signs: Signs,
    world: World,
) {
    let mut due = BTreeSet::from([Instant::now()]);
    for number in 0.. {
        let next = due.first().copied();
        let told = tokio::select! {
            message = messages.next() => match message {
                Some(message) => message.ok().and_then(|message| told(&message)),
                None => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                due.pop_first();
                active_now(&bus, &world).await.map(Told::Activated)
            }
        };
        match told {
            Some(Told::Activated(owner)) => signs.add(vec![Sign::Activated(number, owner)]),
            Some(Told::Left(owner)) => signs.add(vec![Sign::Left(owner)]),
            Some(Told::Came) if due.len() < MOST_LOOKS => {
                due.extend(AFTER_ITS_START.map(|after| Instant::now() + after));
            }
            _ => {}
        }
    }
}

fn target<'b>(bus: &'b Connection, owner: &str, path: &str) -> Target<'b> {
    Target {
        limit: ANSWERED,
        ..Target::of(bus, owner, path)
    }
}

/// Finds the connection that has an active window.
async fn active_now(bus: &Connection, world: &World) -> Option<String> {
    let registry = target(bus, REGISTRY, ROOT);
    let apps = children(&registry, world).await;
    let looked = apps.into_iter().map(|(owner, path)| async move {
        let app = target(bus, &owner, &path);
        active_window(&app, world).await.map(|_| owner)
    });
    join_all(looked).await.into_iter().flatten().next()
}

/// Finds the active window of an app, by its root.
async fn active_window(root: &Target<'_>, world: &World) -> Option<Node> {
    let windows = children(root, world).await;
    let looked = windows
        .into_iter()
        .filter(|(owner, _)| *owner == root.name)
        .map(|(owner, path)| async move {
            node(root.connection, &owner, path, String::new(), world).await
        });
    let windows = join_all(looked).await.into_iter().flatten();
    windows.into_iter().find(|window| window.has(ACTIVE))
}

/// The children of a node, each with its connection.
async fn children(of: &Target<'_>, world: &World) -> Vec<(String, String)> {
    let asked = of.call(ACCESSIBLE, "GetChildren", Vec::new(), world).await;
    let Some(Value::List(children)) = asked.ok().map(first_of_reply) else {
        return Vec::new();
    };
    let child = |child: &Value| match child.as_list()? {
        [Value::Text(owner), Value::Text(path)] => Some((owner.clone(), path.clone())),
        _ => None,
    };
    children
        .iter()
        .filter_map(child)
        .take(MOST_CHILDREN)
        .collect()
}

/// Asks a node what it is.
async fn node(
    bus: &Connection,
    owner: &str,
    path: String,
    within: String,
    world: &World,
) -> Option<Node> {
    let target = target(bus, owner, &path);
    let (role, name, states) = tokio::join!(
        target.call(ACCESSIBLE, "GetRole", Vec::new(), world),
        target.get(ACCESSIBLE, "Name", world),
        target.call(ACCESSIBLE, "GetState", Vec::new(), world),
    );
    let role = first_of_reply(role.ok()?).as_number()? as u32;
    let name = name.ok()?.as_text()?.to_owned();
    if name.len() > LONGEST_NAME {
        return None;
    }
    let states = match states.ok().map(first_of_reply) {
        // Two numbers of 32 bits, the lower first.
        Some(Value::List(bits)) => bits.iter().take(2).rev().fold(0, |all: u64, bits| {
            (all << 32) | bits.as_number().unwrap_or_default() as u64
        }),
        _ => 0,
    };
    Some(Node {
        path,
        role,
        name,
        states,
        within,
    })
}

/// Returns the title of the active window of a connection, and what is in it, nearest to the window first, as far as
/// time allows; none where no window of it is active.
async fn nodes(bus: &Connection, owner: &str, world: &World) -> Option<(String, Vec<Node>)> {
    let began = Instant::now();
    let root = target(bus, owner, ROOT);
    let window = active_window(&root, world).await?;
    let title = naming::bounded(&window.name, MOST_OF_LABEL);
    let mut seen: Vec<Node> = Vec::new();
    let mut waiting = VecDeque::from([(window.path, String::new())]);
    while !waiting.is_empty() && seen.len() < MOST_NODES && began.elapsed() < LIMIT {
        let next: Vec<(String, String)> = waiting.drain(..waiting.len().min(AT_ONCE)).collect();
        let looked = next.into_iter().map(|(path, within)| async move {
            let node = node(bus, owner, path, within, world).await?;
            if role::CLOSED.contains(&node.role) {
                return Some((node, Vec::new()));
            }
            let beneath = children(&target(bus, owner, &node.path), world).await;
            Some((node, beneath))
        });
        for (node, beneath) in join_all(looked).await.into_iter().flatten() {
            let within = match node.role {
                role::MENU => beneath_menu(&node),
                _ => node.within.clone(),
            };
            // What belongs to another program, such as a page in a process of its own, is not followed.
            let own = beneath.into_iter().filter(|(of, _)| of == owner);
            let room = MOST_NODES.saturating_sub(seen.len() + waiting.len());
            waiting.extend(own.take(room).map(|(_, path)| (path, within.clone())));
            seen.push(node);
        }
    }
    Some((title, seen))
}

/// The menus that an item of this one is in.
fn beneath_menu(menu: &Node) -> String {
    let label = naming::unmarked(&menu.name, '_');
    let parts = [menu.within.as_str(), &label];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" › ")
}

/// Does what a click on a control does.
struct ControlAction {
    app: InstalledApp,
    bus: Connection,
    owner: String,
    pid: u32,
    /// The title of its window then.
    window: String,
    path: String,
    role: u32,
    /// What it was called when it was found, as it says it.
    name: String,
    label: String,
}

impl ControlAction {
    /// Looks at what stands in its place now.
    async fn now(&self, world: &World) -> Option<Node> {
        let (path, within) = (self.path.clone(), String::new());
        node(&self.bus, &self.owner, path, within, world).await
    }

    /// Looks at the control again: another thing may stand in its place.
    async fn usable(&self, world: &World) -> Result<Node, FunctionError> {
        let same = self
            .now(world)
            .await
            .filter(|now| now.role == self.role && now.name == self.name);
        let now = same.ok_or_else(|| unavailable("app-action-gone", &self.label, world))?;
        match now.has(SENSITIVE) && now.is_control() {
            true => Ok(now),
            false => Err(unavailable("app-action-disabled", &self.label, world)),
        }
    }

    async fn act(&self, call: &ResolvedCall, world: &World) -> Result<(), FunctionError> {
        let now = self.usable(world).await?;
        let wanted = now.is_switch().then(|| wanted(now.is_on(), call));
        if wanted == Some(now.is_on()) {
            return Ok(());
        }
        let target = Target {
            limit: DONE,
            ..target(&self.bus, &self.owner, &self.path)
        };
        // The first is what a click does.
        let first = vec![Variant::I32(0)];
        match target.call(ACTION, "DoAction", first, world).await {
            Ok(did) if first_of_reply(did.clone()) == Value::Bool(false) => {
                let values = [("action", self.label.as_str())];
                return Err(failure("app-action-without-effect", &values, world));
            }
            // One that opens a dialog answers when that is closed.
            Err(error) if error.problem.id != "dbus-timeout" => return Err(error),
            _ => {}
        }
        let settling = Settling::new();
        while let Some(wanted) = wanted {
            let now = self.now(world).await;
            if now.is_some_and(|now| now.is_on() == wanted) {
                break;
            }
            settling.wait(&self.label, world).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Action for ControlAction {
    /// It was there when the window was looked at; [`Action::intend`] looks again.
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, _: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        self.usable(world).await?;
        let window = Some(self.window.as_str()).filter(|title| !title.is_empty());
        Ok(intent(&self.app, self.pid, window, world))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        self.act(entry.call(), world).await?;
        Ok(asked(&self.app, &self.label, world))
    }
}
