//! What real apps offer, found on a private bus and used; the app's own state is read again after each act.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use functions::{AppAccess, Function, Means, watch_apps};
use plan::{Effect, FunctionName};
use support::{Fixture, entry, screen};
use tokio::process::Child;

/// A bus and a screen with what is installed here, and what the apps offer; the third is the variable that names the screen.
async fn desk(access: AppAccess) -> (Fixture, Child, String, Offered) {
    let mut fixture = Fixture::new().with_session_bus().await;
    Arc::make_mut(&mut fixture.world.places).data_dirs = vec![PathBuf::from("/usr/share")];
    let (screen, number) = screen().await;
    let offered = watch(&fixture, access);
    (fixture, screen, format!("DISPLAY={number}"), offered)
}

fn taking_menus() -> AppAccess {
    AppAccess {
        take_menus: true,
        ..AppAccess::default()
    }
}

/// What apps offer, as the last look told.
type Offered = Arc<Mutex<Vec<Arc<Function>>>>;

fn watch(fixture: &Fixture, access: AppAccess) -> Offered {
    let offered = Offered::default();
    let (world, told) = (fixture.world.clone(), offered.clone());
    tokio::spawn(watch_apps(world, access, move |functions| {
        *told.lock().unwrap() = functions
    }));
    offered
}

/// Lets what apps offer now be called.
fn take_over(fixture: &mut Fixture, offered: &Offered) {
    let offered = offered.lock().unwrap().clone();
    fixture.registry = fixture.registry.with_offered(offered);
}

/// Starts an app of KDE's that speaks English.
fn start_of_kde(fixture: &mut Fixture, display: &str, app: &str) -> u32 {
    let plain = ["QT_QPA_PLATFORM=xcb", "LANG=C.UTF-8", "NO_AT_BRIDGE=1"];
    fixture.start("env", &[&[display][..], &plain, &[app]].concat())
}

fn has(offered: &Offered, name: &str) -> bool {
    let offered = offered.lock().unwrap();
    offered
        .iter()
        .any(|function| function.signature.name.as_str() == name)
}

/// Asks `org.gtk.Actions` itself what an action is just now: whether it is enabled, and its state as text.
async fn described(fixture: &Fixture, action: &str) -> (bool, Option<String>) {
    let bus = fixture.world.session_bus.as_ref().unwrap();
    let (name, interface) = (Some("org.gnome.gedit"), Some("org.gtk.Actions"));
    let arguments = (action,);
    let asked = bus.call_method(name, WINDOW, interface, "Describe", &arguments);
    let reply = asked.await.unwrap();
    let body = reply.body();
    let (is_enabled, _, state): (bool, zbus::Signature, Vec<zbus::Variant<'_>>) =
        body.deserialize().unwrap();
    (is_enabled, state.first().map(ToString::to_string))
}

const WINDOW: &str = "/org/gnome/gedit/window/1";

#[tokio::test]
async fn what_running_apps_offer_is_found_and_used() {
    let (mut fixture, _screen, display, offered) = desk(taking_menus()).await;
    let plain = [
        &display,
        "GDK_BACKEND=x11",
        "GSETTINGS_BACKEND=memory",
        "NO_AT_BRIDGE=1",
    ];
    let mut start = |program| fixture.start("env", &[&plain[..], &[program]].concat());
    let gedit = start("gedit");
    start("gnome-text-editor");
    start("gnome-calculator");
    for name in [
        "app.gedit_new_tab",
        "app.gedit_quit",
        "app.text_editor_new_window",
        // It owns no name on the bus: its process tells what it is.
        "app.calculator_mode",
    ] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    assert!(
        !has(&offered, "app.text_editor_remove_recent"),
        "nobody can say a pair"
    );
    take_over(&mut fixture, &offered);
    let new_tab = FunctionName::new("app.gedit_new_tab").unwrap();
    let new_tab = fixture.registry.function(&new_tab).unwrap();
    assert_eq!(
        new_tab.signature.effect,
        Effect::Irreversible,
        "nobody has told what it does"
    );
    assert_eq!(new_tab.signature.summary, "New tab in gedit.");
    let from = new_tab.offered.as_ref().unwrap();
    assert_eq!((from.means, from.is_guessed), (Means::GtkAction, true));

    // A switch is set, not merely turned, and stands as it was asked.
    let side_panel = async || described(&fixture, "side-panel").await.1;
    for on in [true, true, false] {
        fixture
            .call("app.gedit_side_panel", &[("on", on.into())])
            .await
            .unwrap();
        assert_eq!(side_panel().await, Some(on.to_string()));
    }
    fixture.call("app.gedit_side_panel", &[]).await.unwrap();
    assert_eq!(side_panel().await.as_deref(), Some("true"));

    fixture
        .call("app.gedit_tab_width", &[("value", 4.0.into())])
        .await
        .unwrap();
    let width =
        || async { described(&fixture, "tab-width").await.1.as_deref() == Some("uint32 4") };
    fixture.wait("the width", width).await;

    let nothing = [("value", 0.0.into())];
    let in_vain = fixture
        .call("app.gedit_tab_width", &nothing)
        .await
        .unwrap_err();
    assert_eq!(
        in_vain.problem.id, "app-action-without-effect",
        "the app keeps what it had"
    );

    let refused = fixture
        .call("app.gedit_previous_document", &[])
        .await
        .unwrap_err();
    assert_eq!(refused.problem.id, "app-action-disabled");
    let outcome = fixture.call("app.gedit_new_tab", &[]).await.unwrap();
    assert_eq!(outcome.note, "gedit was asked: New tab.");
    let is_second = || async { described(&fixture, "previous-document").await.0 };
    fixture.wait("a second tab", is_second).await;

    let intent = fixture.intend("app.gedit_new_tab", &[]).await.unwrap();
    let touches = format!("gedit (org.gnome.gedit), process {gedit}, window 1");
    assert_eq!(intent.touches, touches, "a consent names the app");

    fixture.call("app.gedit_quit", &[]).await.unwrap();
    fixture
        .wait("its end", || async { !has(&offered, "app.gedit_new_tab") })
        .await;
    assert!(has(&offered, "app.text_editor_new_window"));
    let gone = fixture.call("app.gedit_new_tab", &[]).await.unwrap_err();
    assert_eq!(gone.problem.id, "app-action-gone");
}

#[tokio::test]
async fn actions_of_desktop_entries_are_found_and_run() {
    let fixture = Fixture::new();
    let file = fixture.home().join("it ran");
    let text = format!(
        "Name=Browser\nName[zh_CN]=浏览器\nExec=true\nActions=private;broken;\n\
         [Desktop Action private]\nName=New Private Window\nName[zh_CN]=新建隐私窗口\nExec=touch \"{}\"\n\
         [Desktop Action broken]\nName=Broken\nExec=/nowhere/broken\n",
        file.display()
    );
    entry(&fixture, "org.test.Browser.desktop", &text);
    let offered = watch(&fixture, AppAccess::default());
    fixture
        .wait("the actions", || async {
            has(&offered, "app.browser_new_private_window")
        })
        .await;
    let mut fixture = fixture;
    take_over(&mut fixture, &offered);
    let name = FunctionName::new("app.browser_new_private_window").unwrap();
    let function = fixture.registry.function(&name).unwrap();
    assert_eq!(function.summary_zh, "浏览器：新建隐私窗口。");
    assert!(!function.offered.as_ref().unwrap().is_guessed);
    fixture.call(name.as_str(), &[]).await.unwrap();
    fixture.wait("the file", || async { file.exists() }).await;
    let broken = fixture.call("app.browser_broken", &[]).await.unwrap_err();
    assert!(
        broken.problem.sentence.contains("/nowhere/broken"),
        "{broken:?}"
    );
}

/// An app that the bus knows, and what it was asked.
struct Activatable(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.freedesktop.Application")]
impl Activatable {
    fn activate_action(
        &self,
        name: String,
        _parameters: Vec<zbus::OwnedVariant>,
        _platform: HashMap<String, zbus::OwnedVariant>,
    ) {
        self.0.lock().unwrap().push(name);
    }
}

#[tokio::test]
async fn actions_of_activatable_apps_are_called_over_the_bus_and_looking_starts_none() {
    let mut fixture = Fixture::new();
    let started = fixture.path("started");
    let services = fixture.path("home/.local/share/dbus-1/services");
    fs::create_dir_all(&services).unwrap();
    for name in [
        "org.test.Asleep",
        "org.gnome.TextEditor",
        "org.mpris.MediaPlayer2.asleep",
    ] {
        let service = format!(
            "[D-BUS Service]\nName={name}\nExec=/usr/bin/touch {}\n",
            started.display()
        );
        fs::write(services.join(format!("{name}.service")), service).unwrap();
    }
    fixture.service_folder = Some(services);
    let mut fixture = fixture.with_session_bus().await;
    let actions = "DBusActivatable=true\nExec=false\nActions=new-tab;\n[Desktop Action new-tab]\nName=New Tab";
    for (name, called) in [("org.test.Awake", "Awake"), ("org.test.Asleep", "Asleep")] {
        let text = format!("Name={called}\n{actions}");
        entry(&fixture, &format!("{name}.desktop"), &text);
    }
    let asked = Arc::new(Mutex::new(Vec::new()));
    let address = fixture.world.places.bus.clone().unwrap();
    let builder = zbus::connection::Builder::address(address.as_str());
    let builder = builder.serve_at("/org/test/Awake", Activatable(asked.clone()));
    let _awake = builder.name("org.test.Awake").build().await.unwrap();
    let offered = watch(&fixture, AppAccess::default());
    let found =
        || async { has(&offered, "app.awake_new_tab") && has(&offered, "app.asleep_new_tab") };
    fixture.wait("the actions", found).await;
    take_over(&mut fixture, &offered);
    fixture.call("app.awake_new_tab", &[]).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), ["new-tab"]);
    assert!(!started.exists(), "nothing was started by looking");
}

/// Owns the name of an app, tells of windows with actions, and never says what these are.
const HALF_SILENT: &str = r#"
import dbus, dbus.service, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
class Window(dbus.service.Object):
    @dbus.service.method('org.gtk.Actions', out_signature='a{s(bgav)}', async_callbacks=('ok', 'error'))
    def DescribeAll(self, ok, error):
        pass
windows = [Window(bus, '/org/gnome/gedit/window/%d' % number) for number in range(9)]
name = dbus.service.BusName('org.gnome.gedit', bus)
GLib.MainLoop().run()
"#;

#[tokio::test]
async fn an_app_that_does_not_answer_holds_nobody_up() {
    let mut fixture = Fixture::new().with_session_bus().await;
    Arc::make_mut(&mut fixture.world.places).data_dirs = vec![PathBuf::from("/usr/share")];
    let silent = "import dbus, time\nbus = dbus.SessionBus()\nbus.request_name('org.gnome.TextEditor')\ntime.sleep(60)\n";
    for (file, script) in [("silent.py", silent), ("half-silent.py", HALF_SILENT)] {
        let path = fixture.path(file);
        fs::write(&path, script).unwrap();
        fixture.start("/usr/bin/python3", &[path.to_str().unwrap()]);
    }
    fixture.wait_for_name("org.gnome.TextEditor").await;
    fixture.wait_for_name("org.gnome.gedit").await;
    let text = "Name=Other\nExec=true\nActions=a;\n[Desktop Action a]\nName=Act\nExec=true";
    entry(&fixture, "other.desktop", text);
    let offered = watch(&fixture, AppAccess::default());
    let found = || async { has(&offered, "app.other_act") };
    fixture.wait("the other app", found).await;
}

#[tokio::test]
async fn menus_are_handed_over_and_used() {
    let (mut fixture, _screen, display, offered) = desk(taking_menus()).await;
    fixture
        .wait_for_name("com.canonical.AppMenu.Registrar")
        .await;
    for app in ["kcalc", "kate"] {
        start_of_kde(&mut fixture, &display, app);
    }
    // Of Kate's only what its menus alone have: its window tells the others by itself.
    let of_menu = "app.kate_projects_close_project";
    for name in ["app.kcalc_edit_paste", of_menu] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    take_over(&mut fixture, &offered);
    let paste = FunctionName::new("app.kcalc_edit_paste").unwrap();
    let paste = fixture.registry.function(&paste).unwrap();
    assert_eq!(paste.label, "Edit › Paste");
    assert_eq!(paste.signature.effect, Effect::Irreversible);
    let from = paste.offered.as_ref().unwrap();
    assert_eq!((from.means, from.is_guessed), (Means::MenuItem, false));
    // A switch is set, not merely turned: what comes of it is read from the menu itself.
    for on in [true, true, false] {
        let history = [("on", on.into())];
        fixture
            .call("app.kcalc_settings_show_history", &history)
            .await
            .unwrap();
    }
    let error = fixture.call(of_menu, &[]).await.unwrap_err();
    assert_eq!(
        error.problem.sentence,
        "The app does not allow “Projects › Close Project” just now."
    );
    // Apps hand their menus over once: a kernel that follows knows them all the same.
    let bus = fixture.world.session_bus.clone().unwrap();
    bus.release_name("com.canonical.AppMenu.Registrar")
        .await
        .unwrap();
    fixture = fixture.with_own_connection().await;
    let offered = watch(&fixture, taking_menus());
    let again = || async { has(&offered, of_menu) };
    fixture.wait("the menus once more", again).await;

    let kcalc = fixture.call("app.kcalc_file_quit", &[]).await.unwrap();
    assert_eq!(kcalc.note, "KCalc was asked: File › Quit.");
    let is_gone = || async { !has(&offered, "app.kcalc_edit_paste") };
    fixture.wait("its end", is_gone).await;
    let error = fixture.call("app.kcalc_edit_paste", &[]).await.unwrap_err();
    assert_eq!(error.problem.id, "app-action-gone");
    assert!(has(&offered, "app.kate_file_new"));
}

/// Asks an action of a window of Dolphin's what it is just now.
async fn of_dolphin(fixture: &Fixture, process: u32, action: &str, property: &str) -> bool {
    let bus = fixture.world.session_bus.as_ref().unwrap();
    let name = format!("org.kde.dolphin-{process}");
    let path = format!("/dolphin/Dolphin_1/actions/{action}");
    let interface = Some("org.freedesktop.DBus.Properties");
    let arguments = ("org.qtproject.Qt.QAction", property);
    let asked = bus.call_method(
        Some(name.as_str()),
        path.as_str(),
        interface,
        "Get",
        &arguments,
    );
    let reply = asked.await.unwrap();
    let value: zbus::OwnedVariant = reply.body().deserialize().unwrap();
    bool::try_from(value).unwrap()
}

#[tokio::test]
async fn windows_of_kde_tell_their_actions_where_apps_keep_their_menus() {
    let (mut fixture, _screen, display, offered) = desk(AppAccess::default()).await;
    let dolphin = start_of_kde(&mut fixture, &display, "dolphin");
    for name in ["app.dolphin_new_tab", "app.dolphin_options_show_statusbar"] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    assert!(!has(&offered, "app.dolphin_hamburger_menu"));
    take_over(&mut fixture, &offered);
    let find = FunctionName::new("app.dolphin_edit_find").unwrap();
    let find = fixture.registry.function(&find).unwrap();
    assert_eq!(
        find.signature.summary,
        "Search in Dolphin: Search for files and folders"
    );
    let from = find.offered.as_ref().unwrap();
    assert_eq!((from.means, from.is_guessed), (Means::MainWindow, false));
    assert_eq!(find.signature.effect, Effect::Irreversible);

    let bar = "options_show_statusbar";
    let function = "app.dolphin_options_show_statusbar";
    let was_on = of_dolphin(&fixture, dolphin, bar, "checked").await;
    for on in [!was_on, !was_on, was_on] {
        let on = [("on", on.into())];
        fixture.call(function, &on).await.unwrap();
        let stands = of_dolphin(&fixture, dolphin, bar, "checked").await;
        assert_eq!(on[0].1, stands.into());
    }
    let second = "app.dolphin_activate_tab_1";
    let refused = fixture.call(second, &[]).await.unwrap_err();
    assert_eq!(
        refused.problem.sentence,
        "The app does not allow “Activate Tab 2” just now."
    );
    let intent = fixture.intend("app.dolphin_new_tab", &[]).await.unwrap();
    let touches = format!("Dolphin (org.kde.dolphin), process {dolphin}, window 1");
    assert_eq!(intent.touches, touches);
    let outcome = fixture.call("app.dolphin_new_tab", &[]).await.unwrap();
    assert_eq!(outcome.note, "Dolphin was asked: New Tab.");
    assert!(of_dolphin(&fixture, dolphin, "activate_tab_1", "enabled").await);
}

/// A runner of KRunner's that finds a bookmark, and writes down what it is to open.
const RUNNER: &str = r#"
import dbus, dbus.service, dbus.mainloop.glib, pathlib, sys
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
class Runner(dbus.service.Object):
    @dbus.service.method('org.kde.krunner1', in_signature='s', out_signature='a(sssida{sv})')
    def Match(self, words):
        if words != 'snow':
            return []
        return [
            ('far', 'Snow far away', '', 30, 0.2, {}),
            ('near', 'Snow \u202ereport', 'snow', 100, 0.9, {'subtext': 'a page', 'icon-data': dbus.ByteArray(b'x')}),
            ('empty', '', '', 100, 1.0, {}),
        ]
    @dbus.service.method('org.kde.krunner1', in_signature='ss')
    def Run(self, match, action):
        pathlib.Path(sys.argv[1]).write_text(match)
runner = Runner(bus, '/marks')
name = dbus.service.BusName('org.test.marks', bus)
GLib.MainLoop().run()
"#;

#[tokio::test]
async fn apps_that_the_person_has_named_answer_what_is_typed() {
    let mut fixture = Fixture::new();
    fixture.service_folder = Some(PathBuf::from("/usr/share/dbus-1/services"));
    let mut fixture = fixture.with_session_bus().await;
    let places = Arc::make_mut(&mut fixture.world.places);
    places.data_dirs = vec![PathBuf::from("/usr/share")];
    let runners = places.data.join("krunner/dbusplugins");
    fs::create_dir_all(&runners).unwrap();
    let entry = "[Desktop Entry]\nName=Bookmarks\nX-Plasma-API=DBus\n\
        X-Plasma-DBusRunner-Service=org.test.marks\nX-Plasma-DBusRunner-Path=/marks\n";
    fs::write(runners.join("marks.desktop"), entry).unwrap();
    let (script, opened) = (fixture.path("runner.py"), fixture.path("opened"));
    fs::write(&script, RUNNER).unwrap();
    let arguments = [script.to_str().unwrap(), opened.to_str().unwrap()];
    fixture.start("/usr/bin/python3", &arguments);
    fixture.wait_for_name("org.test.marks").await;
    let (_screen, number) = screen().await;
    // What the bus starts finds the screen.
    let bus = fixture.world.session_bus.clone().unwrap();
    let environment = std::collections::HashMap::from([
        ("DISPLAY", number.as_str()),
        ("GDK_BACKEND", "x11"),
        ("NO_AT_BRIDGE", "1"),
    ]);
    let name = Some("org.freedesktop.DBus");
    let told = bus.call_method(
        name,
        "/org/freedesktop/DBus",
        name,
        "UpdateActivationEnvironment",
        &environment,
    );
    told.await.unwrap();

    let named = ["org.gnome.Calculator", "marks"].map(str::to_owned);
    let (places, world) = (&fixture.world.places, &fixture.world);
    let apps = functions::installed_apps(places);
    let sources = functions::result_sources(places, &apps, &named);
    assert_eq!(sources.len(), 2);
    let found = functions::hits(&sources, "snow", world).await;
    let titles: Vec<&str> = found.iter().map(|hit| hit.title.as_str()).collect();
    assert_eq!(titles, ["Snow report", "Snow far away"], "the nearer first");
    assert_eq!((&*found[0].detail, &*found[0].app), ("a page", "Bookmarks"));
    let sum = || async { functions::hits(&sources, "2*21+0.5", world).await };
    fixture
        .wait("the calculator's answer", || async {
            sum().await.iter().any(|hit| hit.detail.contains("42.5"))
        })
        .await;
    assert_eq!(functions::hits(&sources, " ", world).await, []);
    let none = functions::result_sources(places, &apps, &[]);
    assert_eq!(functions::hits(&none, "snow", world).await, []);

    let access = AppAccess {
        answer_searches: named.to_vec(),
        ..AppAccess::default()
    };
    let offered = watch(&fixture, access);
    for name in ["app.marks_open_result", "app.calculator_open_result"] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    let calculation = sum().await.remove(0);
    take_over(&mut fixture, &offered);
    let name = FunctionName::new("app.marks_open_result").unwrap();
    let opening = fixture.registry.function(&name).unwrap();
    assert_eq!(opening.signature.effect, Effect::Irreversible);
    assert!(opening.templates.is_empty(), "nobody asks for it in words");
    let near = [("result", "near".into()), ("words", "snow".into())];
    fixture.call(name.as_str(), &near).await.unwrap();
    let is_open = || async { fs::read_to_string(&opened).is_ok_and(|text| text == "near") };
    fixture.wait("the bookmark", is_open).await;
    let calculation = [
        ("result", calculation.id.into()),
        ("words", "2*21+0.5".into()),
    ];
    let opened = fixture.call("app.calculator_open_result", &calculation);
    assert_eq!(opened.await.unwrap().note, "Passed to Calculator.");
    let runs = || async { has(&offered, "app.calculator_mode") };
    fixture.wait("the calculator", runs).await;
}

/// Every function of this kind that is offered.
fn of_means(offered: &Offered, means: Means) -> Vec<Arc<Function>> {
    let offered = offered.lock().unwrap();
    let is_of = |function: &&Arc<Function>| {
        let from = function.offered.as_ref();
        from.is_some_and(|from| from.means == means)
    };
    offered.iter().filter(is_of).cloned().collect()
}

#[tokio::test]
async fn methods_of_apps_are_found_by_a_search_alone() {
    let (mut fixture, _screen, display, offered) = desk(AppAccess::default()).await;
    let kate = start_of_kde(&mut fixture, &display, "kate");
    let name = "app.kate_open_url";
    fixture.wait(name, || async { has(&offered, name) }).await;
    for function in of_means(&offered, Means::Method) {
        let name = &function.signature.name;
        assert!(function.templates.is_empty(), "{name}");
        assert_eq!(function.signature.effect, Effect::Irreversible, "{name}");
        assert!(function.offered.as_ref().unwrap().is_guessed, "{name}");
    }
    take_over(&mut fixture, &offered);
    fixture.world.known.change(|_| fixture.registry.clone());
    let about = [("about", "open url kate".into())];
    let found = fixture.call("functions.search", &about).await.unwrap();
    let call = |row: &plan::Value| {
        row.field("call")
            .and_then(plan::Value::as_text)
            .map(str::to_owned)
    };
    let calls: Vec<String> = found
        .value
        .as_list()
        .unwrap()
        .iter()
        .filter_map(call)
        .collect();
    let expected = "app.kate_open_url(url: text, encoding: text) -> bool";
    assert!(calls.iter().any(|call| call == expected), "{calls:#?}");

    let file = fixture.home().join("asked for.txt");
    fs::write(&file, "hello").unwrap();
    let url = format!("file://{}", file.display());
    let arguments = [("url", url.into()), ("encoding", "".into())];
    let opened = fixture.call(name, &arguments).await.unwrap();
    assert_eq!(opened.value, plan::Value::Bool(true));
    let intent = fixture.intend(name, &arguments).await.unwrap();
    let touches = format!("process {kate}, org.kde.Kate.Application.openUrl /MainApplication");
    assert!(intent.touches.ends_with(&touches), "{}", intent.touches);
    // Its window says what it has open.
    let bus = fixture.world.session_bus.clone().unwrap();
    let title = || async {
        let owner = format!("org.kde.kate-{kate}");
        let arguments = ("org.qtproject.Qt.QWidget", "windowTitle");
        let interface = Some("org.freedesktop.DBus.Properties");
        let asked = bus.call_method(
            Some(owner.as_str()),
            "/kate/MainWindow_1",
            interface,
            "Get",
            &arguments,
        );
        let reply = asked.await.unwrap();
        let title: zbus::OwnedVariant = reply.body().deserialize().unwrap();
        String::try_from(title).unwrap().contains("asked for.txt")
    };
    fixture.wait("the file in its window", title).await;
}

/// The bus that the launcher starts, which outlives it; ended with this.
struct BusOfControls(PathBuf);

impl Drop for BusOfControls {
    fn drop(&mut self) {
        let own = self.0.as_os_str().as_encoded_bytes();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let is_of_it = line.windows(own.len()).any(|part| part == own);
            let pid = process
                .file_name()
                .to_str()
                .and_then(|pid| pid.parse().ok());
            if let (true, Some(pid)) = (is_of_it, pid.and_then(rustix::process::Pid::from_raw)) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
        }
    }
}

/// A screen with a window manager, and a bus that apps tell screen readers about themselves on; then what the window in
/// use offers, and the variable that names the screen.
async fn with_controls() -> (Fixture, (Child, BusOfControls), String, Offered) {
    let mut fixture = Fixture::new().with_session_bus().await;
    let (screen, number) = screen().await;
    let display = format!("DISPLAY={number}");
    let launcher = "/usr/libexec/at-spi-bus-launcher";
    fixture.start("env", &[&display, launcher, "--launch-immediately"]);
    fixture.wait_for_name("org.a11y.Bus").await;
    fixture.start("env", &[&display, "openbox"]);
    let places = Arc::make_mut(&mut fixture.world.places);
    places.data_dirs = vec![PathBuf::from("/usr/share")];
    let access = AppAccess {
        press_controls: true,
        ..AppAccess::default()
    };
    let offered = watch(&fixture, access);
    let bus = BusOfControls(fixture.path("run/at-spi"));
    (fixture, (screen, bus), display, offered)
}

#[tokio::test]
async fn controls_of_the_window_in_use_are_pressed() {
    let (mut fixture, _screen, display, offered) = with_controls().await;
    let galculator = fixture.start("env", &[&display, "GDK_BACKEND=x11", "galculator"]);
    for name in ["app.galculator_7", "app.galculator_copy_display_value"] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    take_over(&mut fixture, &offered);
    let seven = FunctionName::new("app.galculator_7").unwrap();
    let seven = fixture.registry.function(&seven).unwrap();
    assert_eq!(seven.signature.effect, Effect::Irreversible);
    assert_eq!(seven.offered.as_ref().unwrap().means, Means::Control);
    let intent = fixture.intend("app.galculator_7", &[]).await.unwrap();
    let touches = format!("Galculator (galculator), process {galculator}, window galculator");
    assert_eq!(intent.touches, touches);
    for name in ["7", "4", "sqrt", "2"] {
        fixture
            .call(&format!("app.galculator_{name}"), &[])
            .await
            .unwrap();
    }
    // What is shown is read from the clipboard, into which the app puts it.
    let shown = async || {
        let copy = "app.galculator_copy_display_value";
        fixture.call(copy, &[]).await.unwrap();
        let mut paste = functions::spawn::command("xclip");
        let number = display.trim_start_matches("DISPLAY=");
        paste.env("DISPLAY", number);
        paste.args(["-selection", "clipboard", "-out"]);
        let pasted = paste.output().await.unwrap();
        String::from_utf8(pasted.stdout).unwrap()
    };
    assert_eq!(shown().await, "2");
    // A switch is set, not merely turned.
    let bar = "app.galculator_show_menu_bar";
    for on in [true, false, false, true] {
        let on = [("on", on.into())];
        fixture.call(bar, &on).await.unwrap();
    }
    fixture.call("app.galculator_quit", &[]).await.unwrap();
    let is_gone = || async { !has(&offered, "app.galculator_7") };
    fixture.wait("its end", is_gone).await;
    let gone = fixture.call("app.galculator_7", &[]).await.unwrap_err();
    assert_eq!(gone.problem.id, "app-action-gone");
}

#[tokio::test]
async fn windows_of_lucid_are_never_looked_at() {
    let (mut fixture, _screen, display, offered) = with_controls().await;
    for name in ["lucid-shell", "tally"] {
        let program = fixture.home().join(name);
        fs::copy("/usr/bin/galculator", &program).unwrap();
        let text = format!("Name={name}\nExec={}", program.display());
        entry(&fixture, &format!("{name}.desktop"), &text);
    }
    let own = fixture.home().join("lucid-shell");
    fixture.start("env", &[&display, "GDK_BACKEND=x11", own.to_str().unwrap()]);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(of_means(&offered, Means::Control).is_empty());
    let other = fixture.home().join("tally");
    fixture.start(
        "env",
        &[&display, "GDK_BACKEND=x11", other.to_str().unwrap()],
    );
    let is_there = || async { has(&offered, "app.tally_7") };
    fixture.wait("the other's", is_there).await;
    let all = of_means(&offered, Means::Control);
    let is_others =
        |function: &Arc<Function>| function.signature.name.as_str().starts_with("app.tally_");
    assert!(all.iter().all(is_others));
}
