//! Nine real apps, asked in words for what they offer by themselves; the app's own state is read again after each act.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the programs that it tests"
)]

mod support;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use protocol::FunctionReport;
use support::{Fixture, SCRIPT};
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Proxy, Variant};

/// How long what happens by itself is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(50);

const APPS: &[&[&str]] = &[
    &["gedit"],
    &["gnome-text-editor"],
    &["gnome-calculator"],
    &["gnome-characters"],
    &["nautilus", "--new-window"],
    &["kcalc"],
    &["kate"],
    &["dolphin"],
    &["mpv", "--idle", "--no-video", "--ao=null"],
];

/// The desk: a screen, a window manager and the apps. All of it ends with the test.
struct Desk {
    fixture: Fixture,
    display: String,
    children: Vec<Child>,
}

impl Desk {
    async fn new() -> Desk {
        let mut fixture = Fixture::without_kernel(SCRIPT);
        let settings = fixture.home().join(".config/lucid");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(
            settings.join("settings.toml"),
            "[apps]\ntake_menus = true\n",
        )
        .unwrap();
        let mut screen = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .args(["-screen", "0", "1280x800x24"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let told = screen.stdout.take().unwrap();
        BufReader::new(told).read_line(&mut number).unwrap();
        fixture.start_kernel().await;
        let mut desk = Desk {
            fixture,
            display: format!(":{}", number.trim()),
            children: vec![screen],
        };
        desk.start(&["openbox"]);
        for app in APPS {
            desk.start(app);
        }
        desk
    }

    fn start(&mut self, argv: &[&str]) {
        let child = Command::new(argv[0])
            .args(&argv[1..])
            .env_clear()
            .envs(self.fixture.environment())
            .env("DISPLAY", &self.display)
            .env("QT_QPA_PLATFORM", "xcb")
            .env("GDK_BACKEND", "x11")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.children.push(child);
    }

    /// Asks in words, and agrees.
    #[track_caller]
    fn ask(&self, words: &str) -> String {
        let mut child = self.fixture.command(&["ask", words]).spawn().unwrap();
        // What asks nothing has ended by now.
        let _ = child.stdin.take().unwrap().write_all(b"y\n");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
        assert_eq!(output.status.code(), Some(0), "{words}: {said}");
        let why = self.fixture.command(&["why", "--json"]).output().unwrap();
        let why: serde_json::Value = serde_json::from_slice(&why.stdout).unwrap();
        let plan = why["turn"]["plan"].as_str().unwrap();
        assert!(
            plan.starts_with("app."),
            "{words}: {plan} is no function of the app's"
        );
        said
    }

    async fn bus(&self) -> Connection {
        self.fixture.client().await.inner().connection().clone()
    }

    /// What is offered, by app and means.
    fn offered(&self) -> BTreeMap<String, usize> {
        let output = self
            .fixture
            .command(&["functions", "--json"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut counts = BTreeMap::new();
        for line in text.lines() {
            let report: FunctionReport = serde_json::from_str(line).unwrap();
            if report.name.starts_with("app.") {
                *counts.entry(report.provider).or_default() += 1;
            }
        }
        counts
    }

    /// The names of what apps offer.
    fn names(&self) -> Vec<String> {
        let listed = self.fixture.command(&["functions", "--json"]).output();
        let text = String::from_utf8(listed.unwrap().stdout).unwrap();
        let reports = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let names = reports.map(|report: FunctionReport| report.name);
        names.filter(|name| name.starts_with("app.")).collect()
    }

    /// The windows of a class that are on the screen.
    fn windows(&self, class: &str) -> Vec<u32> {
        let output = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--class", class])
            .env("DISPLAY", &self.display)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// The state of an action as `org.gtk.Actions` tells it.
    async fn gtk_state(&self, name: &str, path: &str, action: &str) -> String {
        let bus = self.bus().await;
        let proxy = Proxy::new(&bus, name, path, "org.gtk.Actions")
            .await
            .unwrap();
        let (described,): ((bool, zbus::Signature, Vec<OwnedVariant>),) = proxy
            .call("Describe", &(action))
            .await
            .map(|told| (told,))
            .unwrap();
        described
            .2
            .first()
            .map_or_else(String::new, |state| shown(state))
    }

    /// Whether a switch of KDE is on, as the app's own `QAction` tells it.
    async fn is_checked(&self, app: &str, window: &str, action: &str) -> bool {
        let bus = self.bus().await;
        let names = zbus::fdo::DBusProxy::new(&bus)
            .await
            .unwrap()
            .list_names()
            .await
            .unwrap();
        let prefix = format!("org.kde.{app}-");
        let name = names
            .iter()
            .find(|name| name.as_str().starts_with(&prefix))
            .unwrap();
        let path = format!("/{app}/{window}_1/actions/{action}");
        let properties = Proxy::new(&bus, name.as_str(), path, "org.freedesktop.DBus.Properties");
        let properties = properties.await.unwrap();
        let value: OwnedVariant = properties
            .call("Get", &("org.qtproject.Qt.QAction", "checked"))
            .await
            .unwrap();
        bool::try_from(value).unwrap()
    }

    /// Whether an item of a menu is on, as the menu of the app's window tells it.
    async fn is_on(&self, class: &str, label: &str) -> bool {
        let bus = self.bus().await;
        let registrar = "com.canonical.AppMenu.Registrar";
        let path = "/com/canonical/AppMenu/Registrar";
        let registrar = Proxy::new(&bus, registrar, path, registrar).await.unwrap();
        for window in self.windows(class) {
            let (owner, menu): (String, OwnedObjectPath) =
                registrar.call("GetMenuForWindow", &(window)).await.unwrap();
            if owner.is_empty() {
                continue;
            }
            let menu = Proxy::new(&bus, owner, menu, "com.canonical.dbusmenu")
                .await
                .unwrap();
            let properties = vec!["label", "toggle-state"];
            let (_, root): (u32, OwnedVariant) = layout(&menu, properties).await;
            if let Some(is_on) = state_in(&root, label) {
                return is_on;
            }
        }
        panic!("{class} has no menu with {label}");
    }

    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "{what}: {:?}", self.offered());
            std::thread::sleep(STEP);
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // It may be gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn shown(value: &Variant<'_>) -> String {
    match value {
        Variant::Variant(inner) => shown(inner),
        Variant::Bool(truth) => truth.to_string(),
        Variant::Str(text) => text.to_string(),
        Variant::U32(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

async fn layout(menu: &Proxy<'_>, properties: Vec<&str>) -> (u32, OwnedVariant) {
    let message = menu
        .call_method("GetLayout", &(0i32, -1i32, properties))
        .await
        .unwrap();
    let body = message.body();
    let structure: zbus::Structure<'_> = body.deserialize().unwrap();
    let fields = structure.fields();
    let revision = match &fields[0] {
        Variant::U32(revision) => *revision,
        other => panic!("{other:?}"),
    };
    (
        revision,
        OwnedVariant::try_from(fields[1].try_clone().unwrap()).unwrap(),
    )
}

/// Finds the item of a label beneath a node and tells whether it is on.
fn state_in(node: &Variant<'_>, label: &str) -> Option<bool> {
    let node = match node {
        Variant::Variant(inner) => inner,
        node => node,
    };
    let Variant::Structure(fields) = node else {
        return None;
    };
    let [_, Variant::Dict(properties), Variant::Array(children)] = fields.fields() else {
        return None;
    };
    let property = |name: &str| {
        let mut all = properties.iter();
        all.find(|(key, _)| shown(key) == name)
            .map(|(_, value)| value)
    };
    let called = property("label")
        .map(shown)
        .unwrap_or_default()
        .replace(['_', '&'], "");
    if called == label {
        let state = property("toggle-state").map(|state| format!("{state:?}"));
        return Some(state.is_some_and(|state| state.contains("I32(1)")));
    }
    children
        .inner()
        .iter()
        .find_map(|child| state_in(child, label))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_requests_act_on_what_apps_offer() {
    let desk = Desk::new().await;
    let of = |app: &str| -> usize {
        let offered = desk.offered();
        let of_app = offered
            .iter()
            .filter(|(provider, _)| provider.starts_with(app));
        of_app.map(|(_, count)| count).sum()
    };
    for (app, least) in [
        ("gedit", 40),
        ("Text Editor", 5),
        ("Calculator", 10),
        ("Characters", 3),
        ("Files", 20),
        ("KCalc", 15),
        ("Kate", 100),
        ("Dolphin", 80),
    ] {
        desk.until(app, || of(app) >= least);
    }
    let names = desk.names();
    assert!(names.len() > 400, "{} are offered", names.len());
    for never in [
        "secret",
        "command_line",
        "keyring",
        "eval",
        "introspect",
        "run_command",
    ] {
        let mut named = names.iter().filter(|name| name.contains(never));
        assert_eq!(named.next(), None, "{never}");
    }

    let gedit = |action: &'static str| {
        desk.gtk_state("org.gnome.gedit", "/org/gnome/gedit/window/1", action)
    };
    desk.ask("turn on the side panel in gedit");
    assert_eq!(gedit("side-panel").await, "true");
    desk.ask("hide the side panel in gedit");
    assert_eq!(gedit("side-panel").await, "false");
    desk.ask("set the tab width in gedit to 4");
    assert_eq!(gedit("tab-width").await, "4");
    desk.ask("turn on fullscreen in gedit");
    assert_eq!(gedit("fullscreen").await, "true");

    desk.ask("show the history in kcalc");
    assert!(desk.is_on("kcalc", "Show History").await);
    desk.ask("hide the history in kcalc");
    assert!(!desk.is_on("kcalc", "Show History").await);
    desk.ask("science mode in kcalc");
    assert!(desk.is_on("kcalc", "Science Mode").await);
    desk.ask("在kcalc里打开constants buttons");
    assert!(desk.is_on("kcalc", "Constants Buttons").await);

    desk.ask("hide the statusbar in kate");
    assert!(
        !desk
            .is_checked("kate", "MainWindow", "options_show_statusbar")
            .await
    );
    desk.ask("show the statusbar in kate");
    assert!(
        desk.is_checked("kate", "MainWindow", "options_show_statusbar")
            .await
    );
    desk.ask("hide the tabs in kate");
    assert!(!desk.is_on("kate", "Show Tabs").await);
    desk.ask("show the hidden files in dolphin");
    assert!(
        desk.is_checked("dolphin", "Dolphin", "show_hidden_files")
            .await
    );
    desk.ask("hide the statusbar in dolphin");
    assert!(
        !desk
            .is_checked("dolphin", "Dolphin", "options_show_statusbar")
            .await
    );

    for (words, class) in [
        ("new window in kate", "kate"),
        ("new window in calculator", "gnome-calculator"),
        ("new window in files", "nautilus"),
        ("new window in text editor", "gnome-text-editor"),
    ] {
        let before = desk.windows(class).len();
        desk.ask(words);
        desk.until(words, || desk.windows(class).len() > before);
    }
    desk.ask("quit in characters");
    desk.until("characters", || desk.windows("gnome-characters").is_empty());
}
