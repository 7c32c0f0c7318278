//! What real apps offer, found on a private bus and used; the app's own state is read again after each act.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use functions::{Function, Means, TakeMenus, watch_apps};
use plan::{Effect, FunctionName};
use support::{Fixture, screen};
use tokio::process::Child;

/// A bus and a screen with what is installed here, and what the apps offer; the third is the variable that names the screen.
async fn desk(take_menus: TakeMenus) -> (Fixture, Child, String, Offered) {
    let mut fixture = Fixture::new().with_session_bus().await;
    Arc::make_mut(&mut fixture.world.places).data_dirs = vec![PathBuf::from("/usr/share")];
    let (screen, number) = screen().await;
    let offered = watch(&fixture, take_menus);
    (fixture, screen, format!("DISPLAY={number}"), offered)
}

/// What apps offer, as the last look told.
type Offered = Arc<Mutex<Vec<Arc<Function>>>>;

fn watch(fixture: &Fixture, take_menus: TakeMenus) -> Offered {
    let offered = Offered::default();
    let (world, told) = (fixture.world.clone(), offered.clone());
    tokio::spawn(watch_apps(world, take_menus, move |functions| {
        *told.lock().unwrap() = functions
    }));
    offered
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
    let (mut fixture, _screen, display, offered) = desk(TakeMenus::Yes).await;
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
    fixture.registry = fixture
        .registry
        .with_offered(offered.lock().unwrap().clone());
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
    let folder = fixture.world.places.data.join("applications");
    fs::create_dir_all(&folder).unwrap();
    let file = fixture.home().join("it ran");
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Browser\nName[zh_CN]=浏览器\nExec=true\nActions=private;broken;\n\
         [Desktop Action private]\nName=New Private Window\nName[zh_CN]=新建隐私窗口\nExec=touch \"{}\"\n\
         [Desktop Action broken]\nName=Broken\nExec=/nowhere/broken\n",
        file.display()
    );
    fs::write(folder.join("org.test.Browser.desktop"), entry).unwrap();
    let offered = watch(&fixture, TakeMenus::No);
    fixture
        .wait("the actions", || async {
            has(&offered, "app.browser_new_private_window")
        })
        .await;
    let mut fixture = fixture;
    fixture.registry = fixture
        .registry
        .with_offered(offered.lock().unwrap().clone());
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
    let folder = fixture.world.places.data.join("applications");
    fs::create_dir_all(&folder).unwrap();
    let entry = "[Desktop Entry]\nType=Application\nName=Other\nExec=true\nActions=a;\n[Desktop Action a]\nName=Act\nExec=true\n";
    fs::write(folder.join("other.desktop"), entry).unwrap();
    let offered = watch(&fixture, TakeMenus::No);
    let found = || async { has(&offered, "app.other_act") };
    fixture.wait("the other app", found).await;
}

#[tokio::test]
async fn menus_are_handed_over_and_used() {
    let (mut fixture, _screen, display, offered) = desk(TakeMenus::Yes).await;
    fixture
        .wait_for_name("com.canonical.AppMenu.Registrar")
        .await;
    let plain = [
        &*display,
        "QT_QPA_PLATFORM=xcb",
        "LANG=C.UTF-8",
        "NO_AT_BRIDGE=1",
    ];
    for app in ["kcalc", "kate"] {
        fixture.start("env", &[&plain[..], &[app]].concat());
    }
    // Of Kate's only what its menus alone have: its window tells the others by itself.
    let of_menu = "app.kate_projects_close_project";
    for name in ["app.kcalc_edit_paste", of_menu] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    fixture.registry = fixture
        .registry
        .with_offered(offered.lock().unwrap().clone());
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
    let offered = watch(&fixture, TakeMenus::Yes);
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
    let (mut fixture, _screen, display, offered) = desk(TakeMenus::No).await;
    let start = [
        &*display,
        "QT_QPA_PLATFORM=xcb",
        "LANG=C.UTF-8",
        "NO_AT_BRIDGE=1",
        "dolphin",
    ];
    let dolphin = fixture.start("env", &start);
    for name in ["app.dolphin_new_tab", "app.dolphin_options_show_statusbar"] {
        fixture.wait(name, || async { has(&offered, name) }).await;
    }
    assert!(!has(&offered, "app.dolphin_hamburger_menu"));
    fixture.registry = fixture
        .registry
        .with_offered(offered.lock().unwrap().clone());
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
